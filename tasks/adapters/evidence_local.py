"""
Evidence in a directory that is only ever added to.

A file appears whole under its name or not at all, and never takes the place of another: it is written without a name
and then linked. The directory does not keep its owner from deleting; the retention time is the bucket's to enforce.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.adapters.evidence_key import checked_key, checked_prefix
from tasks.crash_points import CrashPoint, reached
from tasks.domain.errors import EvidenceConflict, EvidenceError, EvidenceUnreachable
from tasks.domain.examined import DirectoryKept, Disturbed

# A key has no backslash.
_UNFINISHED = "unfinished\\"
_NO_NAMELESS_FILES = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT}
_PASSING = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.EAGAIN, errno.EMFILE, errno.ENFILE}


class LocalEvidence:
    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    @property
    def location(self) -> str:
        return str(self._root)

    def put(self, key: str, content: bytes, *, media_type: str) -> str:  # noqa: ARG002 -- files have no media type
        path = self._root / checked_key(key)
        with _explained(f"{path} could not be written"):
            _make_folder(path.parent)
            with contextlib.suppress(FileExistsError):
                _write_once(path, content)
            # A file found in place may be an earlier attempt's, which died before its name was durable.
            _make_durable(path.parent)
            if path.read_bytes() != content:
                raise EvidenceConflict(
                    f"{path} holds other bytes",
                    remedy="Evidence is never overwritten. Keep both, and find out who wrote the first.",
                )
        return str(path)

    def keys(self, prefix: str, *, after: str = "") -> tuple[str, ...]:
        start = self._root / checked_prefix(prefix).rpartition("/")[0]
        with _explained(f"{start} could not be listed"):
            found = (path.relative_to(self._root).as_posix() for path in _files(start))
            return tuple(sorted(key for key in found if key > after and key.startswith(prefix)))

    def get(self, key: str) -> bytes:
        path = self._root / checked_key(key)
        with _explained(f"{path} could not be read"):
            return path.read_bytes()

    def disturbed(self) -> Disturbed:
        """A directory keeps no versions: what was changed is seen by what it says."""
        return Disturbed()

    def survey(self) -> DirectoryKept:
        """Raises EvidenceError where it cannot be read."""
        with _explained(f"{self._root} could not be looked through"):
            found = {path.relative_to(self._root).as_posix(): path.lstat() for path in _files(self._root)}
            folders = {"": self._root} | {each: self._root / each for each in {key.rpartition("/")[0] for key in found}}
            open_to_all = [
                f"{each}/" for each, path in folders.items() if path.is_dir() and path.stat().st_mode & 0o002
            ]
        writable = [key for key, status in found.items() if status.st_mode & 0o222]
        odd = [key for key, status in found.items() if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1]
        return DirectoryKept(str(self._root), len(found), tuple(sorted([*writable, *open_to_all])), tuple(sorted(odd)))


def _files(folder: Path) -> Iterator[Path]:
    """Finished files, at any depth; none where there is no folder."""
    if not folder.exists():
        return
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry)
        elif not entry.name.startswith(_UNFINISHED):
            yield entry


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _make_durable(folder.parent)


def _make_durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_once(path: Path, content: bytes) -> None:
    """Raises FileExistsError where `path` is taken."""
    try:
        handle = os.open(path.parent, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_NAMELESS_FILES:
            raise
        _write_once_by_name(path, content)
        return
    # The file goes with the process: one that is killed here leaves nothing behind.
    try:
        _fill(handle, content)
        reached(CrashPoint.AFTER_EVIDENCE_BYTES)
        folder = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.link(str(handle), path, src_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)
    finally:
        os.close(handle)


def _write_once_by_name(path: Path, content: bytes) -> None:
    """For file systems, and systems, without nameless files."""
    unfinished = path.with_name(f"{_UNFINISHED}{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        _fill(handle, content)
        os.link(unfinished, path)
    finally:
        os.close(handle)
        unfinished.unlink()


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb", closefd=False) as file:
        file.write(content)
    os.fchmod(handle, 0o444)
    os.fsync(handle)


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = EvidenceUnreachable if error.errno in _PASSING else EvidenceError
        raise kind(f"{what}: {os.strerror(error.errno or 0)}", remedy=_remedy(error)) from error


def _remedy(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "Free space on the disk that holds the evidence, then run again."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "Let the account of merge-hub write the directory (`audit.storage.path`)."
        case errno.ENOENT:
            return "Check the key, and that `audit.storage.path` names the directory that the evidence was written to."
        case _:
            return "Check the directory that `audit.storage.path` names and the disk that holds it."
