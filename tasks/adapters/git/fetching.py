"""
Bringing commits here: one request a fetch, by exact object ids.

What was fetched is held by references of our own, `refs/merge-hub/…`, which say to the other side what is here. The
ones of heads are dropped when the mirror is tidied (see `upkeep`), so a mirror does not grow without bound.
"""

from collections.abc import Iterable, Sequence

from tasks.adapters.git.failures import MirrorDamaged
from tasks.adapters.git.process import Git
from tasks.adapters.git.spelling import checked_branch, checked_object_id, single_line
from tasks.domain.model import CommitSha

HEADS = "refs/merge-hub/heads"
_TARGET = "refs/merge-hub/target"


def fetch(git: Git, url: str, target: str, commits: Iterable[CommitSha]) -> CommitSha:
    wanted = sorted({checked_object_id(commit) for commit in commits})
    lines = [f"+refs/heads/{checked_branch(target)}:{_TARGET}"]
    lines += [f"{commit}:{HEADS}/{commit}" for commit in _absent(git, wanted)]
    options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--stdin")
    git.reach(url, "fetch", *options, "--", url, stdin="".join(f"{line}\n" for line in lines).encode())
    tip = git.run("rev-parse", "--verify", "--end-of-options", f"{_TARGET}^{{commit}}").stdout
    return CommitSha(tip.decode().strip())


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
