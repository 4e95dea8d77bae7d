"""The machine that this runs on: git, the home directory, and what dead processes left in it."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tasks.domain.examined import DirectoryFound, GitFound, HomeFound, LeftoversFound

_SECONDS = 10
_OF_A_KILLED_GIT = ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*")


def look_at_git() -> GitFound:
    program = shutil.which("git")
    if program is None:
        return GitFound("")
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run([program, "version"], capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
        return GitFound(" ".join(said.stdout.decode(errors="replace").split())[:100])
    return GitFound(f"{program} cannot be started")


def look_at_home(home: Path) -> HomeFound:
    found = look_at_directory(home)
    there = _nearest(home)
    try:
        free = shutil.disk_usage(there).free
    except OSError:
        free = 0
    return HomeFound(found.path, found.exists, found.writable, free)


def look_at_directory(directory: Path) -> DirectoryFound:
    """What does not exist yet can be written to where the nearest directory above it can."""
    nearest = _nearest(directory)
    return DirectoryFound(str(directory), directory.exists(), _can_keep(nearest))


def _nearest(place: Path) -> Path:
    return next((each for each in (place, *place.parents) if os.path.lexists(each)), Path("/"))


def _can_keep(directory: Path) -> bool:
    """Tried, since permissions are not all that can be against it; the file has no name, or is gone at once."""
    try:
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"merge-hub")
            file.flush()
    except OSError:
        return False
    return True


def look_at_leftovers(home: Path) -> LeftoversFound:
    workspaces = [place for place in _inside(home / "work") if _is_free(place)]
    left = [path for path in (home / "mirrors").glob(".*.git.*") if _is_free(_lock_of(path))]
    for mirror in (home / "mirrors").glob("[!.]*.git"):
        if _is_free(_lock_of(mirror)):
            left += [path for pattern in _OF_A_KILLED_GIT for path in mirror.glob(pattern)]
    return LeftoversFound(tuple(map(str, workspaces)), tuple(map(str, left)))


def _lock_of(mirror: Path) -> Path:
    name = mirror.name.removeprefix(".").partition(".git")[0]
    return mirror.with_name(f"{name}.git.lock")


def _inside(directory: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from directory.iterdir()


def _is_free(place: Path) -> bool:
    with suppress(OSError), _held(place):
        return True
    return False


@contextmanager
def _held(place: Path) -> Iterator[None]:
    """Shared, and for a moment: who wants it for itself meanwhile waits that long."""
    handle = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)
