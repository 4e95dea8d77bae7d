"""What is kept of a gate's output: its beginning and its end, in constant space however much it prints."""

import hashlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tasks.domain.errors import GateOutputUnwritable
from tasks.domain.model import Digest

SMALLEST_LIMIT = 1024
_ROOM_FOR_THE_NOTE = 64
_SLACK = 1 << 20


def unwritable(what: str, error: OSError) -> GateOutputUnwritable:
    return GateOutputUnwritable(
        f"{what}: {error.strerror or error}.",
        remedy="Make room on the disk of MERGE_HUB_HOME, or mend it, and run again.",
    )


class KeptOutput:
    """The file `log` never grows beyond `limit` bytes; its first half is there while the gate still runs."""

    def __init__(self, log: Path, limit: int) -> None:
        kept = limit - _ROOM_FOR_THE_NOTE
        self._log = log
        self._head_room = kept // 2
        self._tail_size = kept - kept // 2
        self._tail = bytearray()
        self._left_out = 0
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            self._file = self._log.open("wb", buffering=0)
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, chunk: bytes) -> None:
        head, rest = chunk[: self._head_room], chunk[self._head_room :]
        self._head_room -= len(head)
        self._write(head)
        self._tail += rest
        # Not at each chunk, or a gate that prints byte by byte would move the whole tail as often.
        if len(self._tail) > self._tail_size + _SLACK:
            self._shorten()

    def finish(self) -> Digest:
        """Writes what is kept of the end; the digest is that of the whole file."""
        self._shorten()
        if self._left_out:
            self._write(f"\n… {self._left_out} bytes left out …\n".encode())
        self._write(bytes(self._tail))
        self._tail.clear()
        return Digest(f"sha256:{self._digest.hexdigest()}")

    def _shorten(self) -> None:
        surplus = max(0, len(self._tail) - self._tail_size)
        del self._tail[:surplus]
        self._left_out += surplus

    def _write(self, content: bytes) -> None:
        assert self._file is not None  # noqa: S101  # entered
        self._digest.update(content)
        try:
            while content:
                content = content[self._file.write(content) :]
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> GateOutputUnwritable:
        return unwritable(f"The output of a gate cannot be written to {self._log.name}", error)
