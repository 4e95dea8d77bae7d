"""Documents that people and programs read: each appears whole under its name, or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.crash_points import CrashPoint, reached
from tasks.redaction import redacted_bytes


def write_whole(path: Path, content: str | bytes) -> None:
    """In place of the one before, which somebody may be reading; what a writer left that died is written over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with _alone_in(path.parent):
        unfinished.write_bytes(redacted_bytes(content if isinstance(content, bytes) else content.encode()))
        reached(CrashPoint.AFTER_UNFINISHED_FILE)
        unfinished.replace(path)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """The lock ends with its process, however that ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
