"""The supervisor as seen from here: it is started, its gate's output is drained, and it is ended if need be."""

import fcntl
import functools
import os
import select
import selectors
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from config.schema import Network
from tasks.adapters.gate_runner.starting import Order, Started, start

_GRACE = 2.0
# A supervisor that says nothing for so long after it should have is itself stuck.
_PATIENCE = 10.0
_GLANCE = 0.1
_PIPE_SIZE = 1 << 20  # what an unprivileged process may ask for

Sink = Callable[[bytes], None]


class Isolation(StrEnum):
    """
    How a gate is kept from living on, from the strongest.

    With namespaces it sees no process but its own, and nothing of what is hidden from it; with the process tree it
    could read, as any program of the same user can, that user's files and what other processes have in their
    environments, merge-hub itself excepted.
    """

    NAMESPACES = "namespaces"
    USER_NAMESPACES = "user-namespaces"
    PROCESS_TREE = "process-tree"


@dataclass(frozen=True, slots=True)
class Walls:
    """
    What a gate is kept from: to see what is `hidden`, to change what is `guarded`, but for its `own`, and the network.

    A process tree has no walls: nothing is hidden or guarded there, and who is to have no network is not started.
    """

    own: Path
    hidden: tuple[Path, ...] = ()
    guarded: tuple[Path, ...] = ()
    network: Network = Network.HOST


@dataclass(frozen=True, slots=True)
class Assignment:
    """`limit` is in seconds."""

    command: str
    directory: Path
    environment: Mapping[str, str]
    limit: float
    walls: Walls


@dataclass(frozen=True, slots=True)
class End:
    """`how` is what the supervisor wrote, `stopped` where we ended it, or `lost` where it ended without a word."""

    how: str
    number: int
    seconds: float


LOST = End("lost", 0, 0.0)
STOPPED = End("stopped", 0, 0.0)


@functools.cache
def strongest_isolation() -> Isolation:
    """What this machine allows, found by trying."""
    for isolation in (Isolation.NAMESPACES, Isolation.USER_NAMESPACES):
        if works(isolation, Network.HOST):
            return isolation
    return Isolation.PROCESS_TREE


@functools.cache
def can_do_without_network() -> bool:
    """Whether this machine lets a gate have no network, found by trying."""
    return works(strongest_isolation(), Network.NONE)


def works(isolation: Isolation, network: Network) -> bool:
    with tempfile.TemporaryDirectory() as hidden, tempfile.TemporaryDirectory() as own:
        walls = Walls(Path(own), (Path(hidden),), (Path(own).parent,), network)
        end = supervise(Assignment("true", Path(own), {"PATH": os.defpath}, 10.0, walls), isolation, lambda _: None)
    return (end.how, end.number) == ("exited", 0)


def supervise(assignment: Assignment, isolation: Isolation, sink: Sink, over: threading.Event | None = None) -> End:
    """
    Returns when the gate and everything it started is gone; raises OSError when no supervisor could be started.

    Once `over` is set it is ended, within a moment.
    """
    with _supervisor(assignment, isolation) as running:
        deadline = time.monotonic() + assignment.limit + _GRACE + _PATIENCE
        return _parsed(_drain(running, _Until(deadline, over), sink), over)


@dataclass(frozen=True, slots=True)
class _Running:
    """What the gate prints, and where the supervisor says how it ended: both end with it."""

    supervisor: Started
    output: int
    status: int


@contextmanager
def _supervisor(assignment: Assignment, isolation: Isolation) -> Iterator[_Running]:
    walls = assignment.walls
    places = (*(f"guard {path}" for path in walls.guarded), *(f"hide {path}" for path in walls.hidden))
    told = (isolation, assignment.limit, _GRACE, walls.network, walls.own, *places, assignment.command)
    order = Order(tuple(map(str, told)), assignment.directory, assignment.environment)
    with ExitStack() as ours:
        with ExitStack() as theirs:
            output, output_in = _pipe(ours, theirs)
            status, status_in = _pipe(ours, theirs)
            supervisor = start(order, output=output_in, status=status_in)
        try:
            yield _Running(supervisor, output, status)
        finally:
            _end(supervisor, status)


def _pipe(ours: ExitStack, theirs: ExitStack) -> tuple[int, int]:
    end, beginning = os.pipe()
    ours.callback(os.close, end)
    theirs.callback(os.close, beginning)
    return end, beginning


def _end(supervisor: Started, status: int) -> None:
    """Told to, the supervisor kills all of its gate before it goes."""
    if not _gone_within(0, status):
        supervisor.stop()
        if not _gone_within(_PATIENCE, status):
            supervisor.kill()


def _gone_within(seconds: float, status: int) -> bool:
    deadline = time.monotonic() + seconds
    while select.select([status], [], [], max(0.0, deadline - time.monotonic()))[0]:
        if not os.read(status, 256):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Until:
    """How long to listen: until the deadline, or until what is heard matters no more."""

    deadline: float
    over: threading.Event | None

    def left(self) -> float:
        """Seconds until the next look, none left where there is nothing to wait for."""
        if self.over is None:
            return self.deadline - time.monotonic()
        return 0.0 if self.over.is_set() else min(_GLANCE, self.deadline - time.monotonic())


def _drain(running: _Running, until: _Until, sink: Sink) -> bytes:
    """Hands the output to `sink` until the supervisor is gone; what it said, or nothing once that is too late."""
    output, status = running.output, running.status
    os.set_blocking(output, False)
    with suppress(OSError):
        fcntl.fcntl(output, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        selector.register(status, selectors.EVENT_READ)
        while (left := until.left()) > 0:
            ready = {key.fd for key, _ in selector.select(left)}
            if output in ready and not _pass_on(output, sink):
                selector.unregister(output)
            if status in ready:
                word = os.read(status, 256)
                said += word
                if not word:
                    _pass_on_the_rest(output, sink)
                    return said
    return b""


def _pass_on_the_rest(output: int, sink: Sink) -> None:
    """What the pipe still holds, and no more: where the supervisor was killed, its gate may write for ever."""
    left = 2 * _PIPE_SIZE
    while left > 0 and (size := _pass_on(output, sink)):
        left -= size


def _pass_on(output: int, sink: Sink) -> int:
    try:
        chunk = os.read(output, _PIPE_SIZE)
    except BlockingIOError:
        return 0
    if chunk:
        sink(chunk)
    return len(chunk)


def _parsed(said: bytes, over: threading.Event | None) -> End:
    if not said and over is not None and over.is_set():
        return STOPPED
    match said.decode(errors="replace").split():
        case [how, number, seconds]:
            return End(how, int(number), float(seconds))
        case _:
            return LOST
