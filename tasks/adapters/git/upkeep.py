"""
Making a mirror, cleaning up after a process that was killed in it, and keeping it small.

All of this needs the mirror's lock. Nothing in a mirror is precious: one that is not sound is thrown away.
"""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from tasks.adapters.git.fetching import HEADS
from tasks.adapters.git.process import NETWORK_LIMIT, Git
from tasks.crash_points import CrashPoint, reached
from tasks.domain.errors import GitError

# git's own thresholds for `gc --auto`.
_PACKS = 50
_LOOSE_IN_ONE_OF_256 = 27
# Longer than a candidate waits between being made and being pushed without being fetched for again.
_KEPT_UNREFERENCED = "2.days.ago"


def prepare(git: Git) -> None:
    for leftover in git.directory.parent.glob(f".{git.directory.name}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if not _sound(git.directory):
        make_again(git)
        return
    for lock in _stale(git.directory):
        lock.unlink(missing_ok=True)
    if _untidy(git.directory):
        with suppress(GitError):
            _tidy(git)


def make_again(git: Git) -> None:
    """An empty mirror in place of the one that is there, if any; it is there whole or not at all."""
    discard(git.directory)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{git.directory.name}.", dir=git.directory.parent))
    git.at(unfinished).run("init", "--quiet", "--bare", "--template=")
    reached(CrashPoint.AFTER_MIRROR_BEGUN)
    unfinished.rename(git.directory)
    reached(CrashPoint.AFTER_MIRROR_MADE)


def discard(mirror: Path) -> None:
    if mirror.exists():
        aside = Path(tempfile.mkdtemp(prefix=f".{mirror.name}.", dir=mirror.parent))
        mirror.rename(aside / "discarded")
        shutil.rmtree(aside, ignore_errors=True)


def _sound(mirror: Path) -> bool:
    files = (mirror / "HEAD", mirror / "config")
    folders = (mirror / "objects", mirror / "refs")
    return all(file.is_file() and file.stat().st_size for file in files) and all(folder.is_dir() for folder in folders)


def _stale(mirror: Path) -> list[Path]:
    """What a killed git leaves: whoever holds the mirror's lock knows that no git is at work in it."""
    return [*mirror.glob("*.lock"), *mirror.glob("refs/**/*.lock"), *mirror.glob("objects/pack/tmp_*")]


def _untidy(mirror: Path) -> bool:
    packs = sum(1 for _ in mirror.glob("objects/pack/*.pack"))
    return packs > _PACKS or sum(1 for _ in mirror.glob("objects/17/*")) > _LOOSE_IN_ONE_OF_256


def _tidy(git: Git) -> None:
    dropped = git.run("for-each-ref", "--format=delete %(refname)", HEADS).stdout
    git.run("update-ref", "--stdin", stdin=dropped)
    git.run("gc", "--quiet", "--cruft", f"--prune={_KEPT_UNREFERENCED}", limit=2 * NETWORK_LIMIT)
