"""
What a pull request brings, as git has it: every path, every commit, whatever the code host lists.

A rename is told as two changes, so that nothing leaves a path unseen. Nor is what a head changes of where the two
parted all that lands: git follows a file that the target branch has moved, and two histories that merged each other
parted in more than one place. So what merging it changes of the branch is told as well.
"""

from datetime import UTC, datetime

from tasks.adapters.git.commits import read_commits
from tasks.adapters.git.merging import three_way
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_object_id
from tasks.domain.errors import GitError
from tasks.domain.merging import Conflict
from tasks.domain.model import CommitSha, Contribution, FileChange

MOST_FILES = 30_000
"""Of more files the list is cut, and says so."""

_EVERYTHING = (
    *("-r", "--numstat", "-z"),
    *("--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none"),
)
_REGULAR = (b"100644", b"100755")


# The words of GitHub and others, wherever they stand in a message.
_SKIPPING = r"\[(skip|no) (ci|actions)\]|\[(ci|actions) skip\]|^skip-checks: *true|\*\*\*NO_CI\*\*\*"


Step = tuple[CommitSha, CommitSha]
"""What is on the target branch before a pull request has landed, and behind it."""


def contribution(git: Git, base: CommitSha, head: CommitSha, step: Step | None) -> Contribution:
    commits = _line(git, checked_object_id(head), f"^{checked_object_id(base)}")
    missed = _line(git, "--first-parent", base, f"^{head}")
    files = _files(git, base, head, step)
    return Contribution(
        head=head,
        base=base,
        files=files[:MOST_FILES],
        complete=len(files) <= MOST_FILES,
        commits=tuple(commit for commit, *_ in commits),
        merges=tuple(commit for commit, *parents in commits if len(parents) > 1),
        behind=int(git.run("rev-list", "--count", base, f"^{head}", "--").stdout),
        behind_since=_made_at(git, missed[0][0]) if missed else None,
    )


def file_in(git: Git, commit: CommitSha, path: str, most: int) -> bytes | None:
    listing = git.run("ls-tree", "-z", "-l", "--full-tree", checked_object_id(commit), "--", path).stdout
    about, _, name = listing.rstrip(b"\0").partition(b"\t")
    mode, kind, *rest = about.split() or [b"", b""]
    if name != path.encode() or kind != b"blob" or mode not in _REGULAR:
        return None
    oid, size = rest[0].decode(), int(rest[1])
    if size > most:
        raise GitError(f"{path} holds {size} bytes, and at most {most} are read.", remedy="Make the file smaller.")
    return git.run("cat-file", "blob", oid).stdout


def asking_to_skip(git: Git, *, after: CommitSha, until: CommitSha) -> tuple[CommitSha, ...]:
    ends = (checked_object_id(until), f"^{checked_object_id(after)}")
    return tuple(commit for commit, *_ in _line(git, "--regexp-ignore-case", f"--grep={_SKIPPING}", "-E", *ends))


def _line(git: Git, *ends: str) -> list[list[CommitSha]]:
    """Each commit with its parents, parents before children."""
    listing = git.run("rev-list", "--reverse", "--topo-order", "--parents", *ends, "--").stdout
    return [[CommitSha(name) for name in line.split()] for line in listing.decode().splitlines()]


def _files(git: Git, base: CommitSha, head: CommitSha, step: Step | None) -> tuple[FileChange, ...]:
    """Since the two parted (where they never were one, everything that `head` has), and what landing it changes."""
    parted = git.run("merge-base", base, head, accepted=(0, 1)).stdout.decode().split()
    changed = _changed(git, parted[0] if parted else _empty_tree(git), head)
    for path, lines in _landing(git, base, head, step).items():
        changed[path] = max((each for each in (lines, changed.get(path)) if each is not None), default=None)
    return tuple(FileChange(path, lines) for path, lines in changed.items())


def _landing(git: Git, base: CommitSha, head: CommitSha, step: Step | None) -> dict[str, int | None]:
    """Of what conflicts nothing can land."""
    if step is not None:
        return _changed(git, *step)
    merged = three_way(git, base, head)
    return {} if isinstance(merged, Conflict) else _changed(git, base, merged)


def _changed(git: Git, before: str, after: str) -> dict[str, int | None]:
    """How many lines of each path; None where git counts none."""
    counted = git.run("diff-tree", *_EVERYTHING, before, after, "--").stdout
    return dict(_file(line) for line in counted.split(b"\0") if line)


def _file(line: bytes) -> tuple[str, int | None]:
    added, deleted, path = line.split(b"\t", 2)
    lines = None if added == b"-" else int(added) + int(deleted)
    return path.decode(errors="backslashreplace"), lines


def _empty_tree(git: Git) -> str:
    return git.run("hash-object", "-t", "tree", "--stdin").stdout.decode().strip()


def _made_at(git: Git, commit: CommitSha) -> datetime | None:
    """None where its date cannot be believed."""
    (stored,) = read_commits(git, (commit,))
    return datetime.fromtimestamp(stored.committed_at, UTC) if stored.committed_at else None
