"""
Taking commits back in memory: what comes out is a function of the tip, the commits and the note, and of nothing else.

A commit is taken back against its first parent: of a merge, that is all that it brought to the branch. Nothing is
taken out of the history, so that whoever has the branch can follow it.
"""

from collections.abc import Mapping, Sequence

from tasks.adapters.git.commits import NewCommit, StoredCommit, hub_signature, read_commits, write_commit
from tasks.adapters.git.merging import EMPTY_TREE, replay
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_object_id, single_line
from tasks.domain.merging import Conflict, Merged, MergeResult
from tasks.domain.model import CommitSha, TreeSha


def line(git: Git, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
    ends = (checked_object_id(until), f"^{checked_object_id(after)}", "--")
    listing = git.run("rev-list", "--reverse", "--first-parent", *ends).stdout
    return tuple(CommitSha(commit) for commit in listing.decode().split())


def revert(git: Git, onto: CommitSha, commits: Sequence[CommitSha], note: str) -> MergeResult:
    named = [checked_object_id(commit) for commit in (onto, *commits)]
    below, *taken_back = read_commits(git, map(CommitSha, named))
    before = _trees_before(git, taken_back)
    tip, tree, made, date = below.commit, below.tree, 0, below.committed_at
    for commit in taken_back:
        left = replay(git, commit.tree, before[commit.commit], tree)
        if isinstance(left, Conflict):
            return left
        if left == tree:
            continue  # it changed nothing, or somebody has taken it back already
        date = max(date, commit.committed_at)
        hub = hub_signature(date)
        tip, tree, made = write_commit(git, NewCommit(left, (tip,), hub, hub, _message(commit, note))), left, made + 1
    return Merged(tip, tree, made)


def _trees_before(git: Git, commits: Sequence[StoredCommit]) -> Mapping[CommitSha, TreeSha]:
    parents = read_commits(git, sorted({commit.parents[0] for commit in commits if commit.parents}))
    trees = {parent.commit: parent.tree for parent in parents}
    return {commit.commit: trees[commit.parents[0]] if commit.parents else EMPTY_TREE for commit in commits}


def _message(commit: StoredCommit, note: str) -> bytes:
    subject = single_line(commit.text.lstrip().partition("\n")[0])
    against = f", reversing\nchanges made to {commit.parents[0]}" if commit.merges else ""
    return f'Revert "{subject}"\n\nThis reverts commit {commit.commit}{against}.\n\n{note.strip()}\n'.encode()
