"""The starter as seen from here: one for all gates of this process, and what it started."""

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROGRAM = Path(__file__).with_name("starter.py")
_ENDS_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """`arguments` are for the supervisor; `environment` is all that it and its gate have."""

    arguments: Sequence[str]
    directory: Path
    environment: Mapping[str, str]

    def content(self) -> bytes:
        told = {"arguments": [*self.arguments], "directory": str(self.directory), "environment": {**self.environment}}
        return json.dumps(told).encode()


@dataclass(frozen=True, slots=True)
class Started:
    """A supervisor. Once it is gone, `stop` and `kill` mean nobody."""

    starter: "_Starter"
    number: int

    def stop(self) -> None:
        with suppress(OSError):
            self.starter.say("stop", self.number)

    def kill(self) -> None:
        with suppress(OSError):
            self.starter.say("kill", self.number)


def start(order: Order, *, output: int, status: int) -> Started:
    """Both descriptors stay the caller's, to be closed. Raises OSError when nothing can be started."""
    try:
        return _starter(os.getpid()).start(order, output, status)
    except OSError:
        # It was killed, by a machine that was short of memory or by a person.
        _starter.cache_clear()
        return _starter(os.getpid()).start(order, output, status)


class _Starter:
    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._last = 0
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # -I and -S: neither the environment, the current directory nor installed packages have a say in it.
            self._process = subprocess.Popen(  # noqa: S603  # a program of our own
                [sys.executable, "-I", "-S", str(_PROGRAM), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
            )
        atexit.register(self._end)

    def start(self, order: Order, output: int, status: int) -> Started:
        with os.fdopen(os.memfd_create("order"), "w+b") as content:
            content.write(order.content())
            content.flush()
            content.seek(0)
            with self._turn:
                self._last += 1
                number = self._last
            self.say("start", number, (content.fileno(), output, status))
        return Started(self, number)

    def say(self, word: str, number: int, descriptors: Sequence[int] = ()) -> None:
        socket.send_fds(self._control, [f"{word} {number}".encode()], descriptors)

    def _end(self) -> None:
        self._control.close()
        with self._process as process:
            try:
                process.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()


@functools.lru_cache(maxsize=1)
def _starter(_owner: int) -> _Starter:
    """A process that was forked from another one does not share that one's."""
    return _Starter()
