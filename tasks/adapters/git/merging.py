"""
Merging in memory: what comes out is a function of the two commits, the change and the method, and of nothing else.

The hub commits under a fixed name, at the later of the two commits' dates. A rebase is replayed commit by commit,
merges left out; since a merge can hold a resolution of its own, the end is then compared with the plain merge, and a
difference is a conflict.
"""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from config.schema import MergeMethod
from tasks.adapters.git.commits import (
    NewCommit,
    StoredCommit,
    believable_author,
    commits_between,
    hub_signature,
    read_commits,
    write_commit,
)
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_object_id, paragraph, single_line
from tasks.domain.merging import Change, Conflict, Merged, MergeResult
from tasks.domain.model import CommitSha, TreeSha
from tasks.redaction import redacted

UNRELATED = "(no common history)"
EMPTY_TREE = TreeSha("4b825dc642cb6eb9a060e54bf8d69288fbee4904")
_CO_AUTHOR = re.compile(r"^co-authored-by:[ \t]*+(?P<name>[^<>\n]*+<[^<>\s]++>)[ \t]*+$", re.IGNORECASE | re.MULTILINE)
"""It never goes back over what it has read: whoever writes a message would say how long that takes."""


@dataclass(frozen=True, slots=True)
class _Work:
    """`commits` are what the head has and `below` has not, parents first; `date` is the hub's."""

    git: Git
    below: StoredCommit
    change: Change
    commits: Sequence[StoredCommit]
    date: int


Known = MutableMapping[CommitSha, StoredCommit]
"""Commits that were read or written before, by the holder of the same mirror."""


def merge(git: Git, onto: CommitSha, change: Change, method: MergeMethod, known: Known) -> MergeResult:
    checked_object_id(onto)
    checked_object_id(change.head)
    unknown = [commit for commit in (onto, change.head) if commit not in known]
    known.update((read.commit, read) for read in (read_commits(git, unknown) if unknown else ()))
    below, head = known[onto], known[change.head]
    date = max(below.committed_at, head.committed_at)
    if method is MergeMethod.MERGE:
        return _merged(_Work(git, below, change, (), date), known)
    between = commits_between(git, onto, change.head)
    if not between:
        return Merged(onto, below.tree, 0)
    if not all(between.values()) and not _related(git, onto, change.head):
        return Conflict((UNRELATED,))
    work = _Work(git, below, change, read_commits(git, between), date)
    match method:
        case MergeMethod.SQUASH:
            return _squashed(work)
        case MergeMethod.REBASE:
            return _rebased(work)
        case _:
            assert_never(method)


def _related(git: Git, one: CommitSha, other: CommitSha) -> bool:
    return git.run("merge-base", one, other, accepted=(0, 1)).code == 0


def _merged(work: _Work, known: Known) -> MergeResult:
    """What lies between the two is walked once, by the merge itself: in a long line that is what takes the time."""
    change, below = work.change, work.below.commit
    tree = three_way(work.git, below, change.head)
    if isinstance(tree, Conflict):
        return tree
    if tree == work.below.tree and not commits_between(work.git, below, change.head):
        return Merged(below, tree, 0)
    branch = single_line(change.head_branch)
    message = f"Merge pull request #{change.number} from {branch}\n\n{paragraph(change.title)}".rstrip() + "\n"
    hub = hub_signature(work.date)
    new = NewCommit(tree, (below, change.head), hub, hub, redacted(message).encode())
    commit = write_commit(work.git, new)
    known[commit] = StoredCommit(commit, tree, new.parents, hub, work.date, None, new.message)
    return Merged(commit, tree, 1)


def _squashed(work: _Work) -> MergeResult:
    tree = three_way(work.git, work.below.commit, work.change.head)
    if isinstance(tree, Conflict):
        return tree
    written = [commit for commit in work.commits if not commit.merges] or work.commits
    subject = f"{single_line(work.change.title)} (#{work.change.number})".lstrip()
    message = "\n".join([subject, *_credits(written)]) + "\n"
    author, hub = believable_author(written[0], work.date), hub_signature(work.date)
    made = NewCommit(tree, (work.below.commit,), author, hub, redacted(message).encode())
    return Merged(write_commit(work.git, made), tree, 1)


def _credits(commits: Sequence[StoredCommit]) -> list[str]:
    """The trailers for everyone but the author of the first commit, after the blank line that they need."""
    named = [name for commit in commits for name in (commit.credited, *_co_authors(commit)) if name is not None]
    others = [name for name in dict.fromkeys(named) if name != commits[0].credited]
    return ["", *(f"Co-authored-by: {name}" for name in others)] if others else []


def _co_authors(commit: StoredCommit) -> list[str]:
    return [single_line(credit["name"]) for credit in _CO_AUTHOR.finditer(commit.text)]


def _rebased(work: _Work) -> MergeResult:
    written = [commit for commit in work.commits if not commit.merges]
    before = _trees_before(work, written)
    tip, tree, made = work.below.commit, work.below.tree, 0
    for commit in written:
        replayed = replay(work.git, before[commit.commit], commit.tree, tree)
        if isinstance(replayed, Conflict):
            return replayed
        if replayed == tree and commit.tree != before[commit.commit]:
            continue  # already there by another way; a commit that was empty from the start stays one
        author, hub = believable_author(commit, work.date), hub_signature(work.date)
        new = NewCommit(replayed, (tip,), author, hub, commit.message, commit.encoding)
        tip, tree, made = write_commit(work.git, new), replayed, made + 1
    if len(written) < len(work.commits) and (lost := _lost_resolutions(work, tree)):
        return Conflict(lost)
    return Merged(tip, tree, made)


def _trees_before(work: _Work, written: Sequence[StoredCommit]) -> Mapping[CommitSha, TreeSha]:
    """The tree that each commit changed."""
    known = {commit.commit: commit.tree for commit in (work.below, *work.commits)}
    outside = sorted({parent for commit in written for parent in commit.parents} - known.keys())
    if outside:
        known |= {commit.commit: commit.tree for commit in read_commits(work.git, outside)}
    return {commit.commit: known[commit.parents[0]] if commit.parents else EMPTY_TREE for commit in written}


def replay(git: Git, before: TreeSha, after: TreeSha, onto: TreeSha) -> TreeSha | Conflict:
    """The tree `onto` with what leads from `before` to `after`: a merge of two made-up commits over a third."""
    if before == onto:
        return after
    hub = hub_signature(0)
    parent = write_commit(git, NewCommit(before, (), hub, hub, b""))
    ours = write_commit(git, NewCommit(onto, (parent,), hub, hub, b"ours"))
    theirs = write_commit(git, NewCommit(after, (parent,), hub, hub, b"theirs"))
    return three_way(git, ours, theirs)


def _lost_resolutions(work: _Work, replayed: TreeSha) -> tuple[str, ...]:
    """The paths at which leaving out the merges of a pull request changed what it comes to."""
    whole = three_way(work.git, work.below.commit, work.change.head)
    if isinstance(whole, Conflict):
        return whole.paths
    listing = work.git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", whole, replayed, "--").stdout
    return _paths(listing.split(b"\0"))


def three_way(git: Git, ours: CommitSha, theirs: CommitSha) -> TreeSha | Conflict:
    """The tree that merging the two makes."""
    arguments = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
    output = git.run(*arguments, accepted=(0, 1, 128))
    if output.code > 1:
        if not _related(git, ours, theirs):
            return Conflict((UNRELATED,))
        raise git.failed(arguments, output)
    tree, *paths = output.stdout.split(b"\0")
    return TreeSha(tree.decode()) if output.code == 0 else Conflict(_paths(paths))


def _paths(names: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(sorted({name.decode(errors="backslashreplace") for name in names if name}))
