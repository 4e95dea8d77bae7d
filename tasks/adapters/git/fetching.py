"""
Bringing commits here: one request a fetch, by exact object ids.

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


def fetch(git: Git, url: str, target: str, heads: Iterable[CommitSha]) -> Fetched:
    """The other side fails a whole fetch for one commit that it lacks, and names it: the rest is asked again."""
    missing = _absent(git, sorted({checked_object_id(head) for head in heads}))
    gone: set[CommitSha] = set()
    while lacking := _brought(git, url, checked_branch(target), [head for head in missing if head not in gone]):
        gone.add(lacking)
    reached(CrashPoint.AFTER_FETCH)
    tip = git.run("rev-parse", "--verify", "--end-of-options", f"{_TARGET}^{{commit}}").stdout
    return Fetched(CommitSha(tip.decode().strip()), frozenset(gone))


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


def _absent(git: Git, commits: Sequence[str]) -> Sequence[str]:
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    listing = git.run("cat-file", "--batch-check", stdin=asked).stdout.decode().splitlines()
    present = {line.split()[0] for line in listing if line.split()[1:2] == ["commit"]}
    _prove_whole(git, present)
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
