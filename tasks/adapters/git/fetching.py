"""
Bringing commits here: one request a fetch, by exact object ids.

A fetch looks at every reference on both sides, and each batch begins with one: where the target branch is all there is
to bring, it is asked first whether it has moved.

What was fetched is held by references of our own, `refs/merge-hub/…`, which say to the other side what is here. The
ones of heads are dropped when the mirror is tidied (see `upkeep`), so a mirror does not grow without bound.
"""

from collections.abc import Iterable, Sequence

from tasks.adapters.git.failures import MirrorDamaged, commit_not_there
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_branch, checked_object_id, single_line
from tasks.crash_points import CrashPoint, reached
from tasks.domain.merging import Fetched
from tasks.domain.model import CommitSha

HEADS = "refs/merge-hub/heads"
_TARGET = "refs/merge-hub/target"


def fetch(git: Git, url: str, target: str, heads: Iterable[CommitSha], whole: set[CommitSha]) -> Fetched:
    """
    The other side fails a whole fetch for one commit that it lacks, and names it: the rest is asked again.

    `whole` are commits that were found here with all that they consist of; those that are found are added.
    """
    branch, missing = checked_branch(target), _absent(git, heads, whole)
    gone: set[CommitSha] = set()
    if missing or not _is_there_already(git, url, branch):
        while lacking := _brought(git, url, branch, [head for head in missing if head not in gone]):
            gone.add(lacking)
    reached(CrashPoint.AFTER_FETCH)
    tip = git.run("rev-parse", "--verify", "--end-of-options", f"{_TARGET}^{{commit}}").stdout
    return Fetched(CommitSha(tip.decode().strip()), frozenset(gone))


def _is_there_already(git: Git, url: str, target: str) -> bool:
    """Whether the branch is where it was when it was last brought here."""
    known = git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{_TARGET}^{{commit}}", accepted=(0, 1, 128)
    )
    if known.code:
        return False
    now = git.reach(url, "ls-remote", "--quiet", "--", url, f"refs/heads/{target}", accepted=(0, 128))
    return now.code == 0 and now.stdout == known.stdout.strip() + f"\trefs/heads/{target}\n".encode()


def _brought(git: Git, url: str, target: str, heads: Sequence[str]) -> CommitSha | None:
    """None where all of it was; else one of `heads` that the other side does not have, and nothing was brought."""
    lines = [f"+refs/heads/{target}:{_TARGET}", *(f"{head}:{HEADS}/{head}" for head in heads)]
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--stdin")
    arguments = ("fetch", *options, "--", url)
    output = git.reach(url, *arguments, stdin="".join(f"{line}\n" for line in lines).encode(), accepted=(0, 128))
    if output.code == 0:
        return None
    lacking = commit_not_there(output.stderr)
    if lacking is None or lacking not in heads:
        raise git.failed(arguments, output)
    return CommitSha(lacking)


def _absent(git: Git, heads: Iterable[CommitSha], whole: set[CommitSha]) -> Sequence[CommitSha]:
    commits = sorted({CommitSha(checked_object_id(head)) for head in heads})
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    listing = git.run("cat-file", "--batch-check", stdin=asked).stdout.decode().splitlines()
    present = {CommitSha(line.split()[0]) for line in listing if line.split()[1:2] == ["commit"]}
    if not present or present - whole:
        _prove_whole(git, present - whole)
        whole |= present
    return [commit for commit in commits if commit not in present]


def _prove_whole(git: Git, commits: Iterable[str]) -> None:
    """A commit that is here may lack what it consists of, and so may what our references hold."""
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    walk = git.run(
        "rev-list", "--objects", "--quiet", "--stdin", "--not", "--all", stdin=asked, accepted=(0, 1, 128), limit=300.0
    )
    if walk.code or walk.stderr:
        raise MirrorDamaged(
            f"What was fetched before is not whole: {single_line(walk.stderr, 300)}",
            remedy="Run again: the mirror is made anew at the next fetch.",
        )
