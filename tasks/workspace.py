"""
Where one candidate is checked out for its gates: made when the first gate needs it, gone when the last is done.

Whoever uses a workspace holds a lock on it, which ends with the process, however that ends: what nobody holds was left
by a process that died.
"""

import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from config.schema import Gate
from tasks.crash_points import CrashPoint, reached
from tasks.domain.errors import GateOutputUnwritable
from tasks.domain.gates import Candidate, Companion
from tasks.domain.model import RepositoryName, Snapshot
from tasks.ports import Services, Surroundings


class Workspace:
    """
    A context; every gate copies the checkout, so that none sees what another one left.

    `over` is set when nothing more is to be learned of the candidate: gates that run then are stopped.
    """

    def __init__(self, snapshot: Snapshot, candidate: Candidate, services: Services) -> None:
        self.candidate = candidate
        self.over = threading.Event()
        self._snapshot = snapshot
        self._services = services
        self._lock = threading.Lock()
        self._checkout: Path | None = None
        self._beside: dict[RepositoryName, Path] | None = None
        self._root: Path | None = None
        self._held: int | None = None

    def __enter__(self) -> Self:
        parent = self._services.home / "work"
        try:
            with _making_or_removing(self._services.home):
                parent.mkdir(parents=True, exist_ok=True)
                self._root = Path(tempfile.mkdtemp(prefix=f"{self.candidate.commit[:12]}-", dir=parent))
                self._held = _hold(self._root)
                reached(CrashPoint.AFTER_WORKSPACE)
        except OSError as error:
            raise GateOutputUnwritable(
                f"no directory for gates can be made in {parent}: {error.strerror}",
                remedy="Free space or grant write access there, or set MERGE_HUB_HOME to a place that has both.",
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        reached(CrashPoint.AFTER_WORKSPACE_REMOVED)
        if self._held is not None:
            os.close(self._held)

    @property
    def root(self) -> Path:
        if self._root is None:
            message = "a workspace is used inside its context only"
            raise RuntimeError(message)
        return self._root

    def checkout(self) -> Path:
        """The candidate's files, checked out once however many gates ask."""
        with self._lock:
            if self._checkout is None:
                directory = self.root / "checkout"
                directory.mkdir()
                snapshot = self._snapshot
                with self._services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
                    mirror.checkout(self.candidate.commit, directory)
                reached(CrashPoint.AFTER_CHECKOUT)
                self._checkout = directory
            return self._checkout

    def surroundings(self, gate: Gate) -> Surroundings | None:
        """What is beside the candidate, checked out once however many gates ask; None for a gate that sees none."""
        if not gate.together:
            return None
        with self._lock:
            if self._beside is None:
                others = enumerate(self.candidate.companions)
                self._beside = {each.repository: self._checked_out(each, f"beside-{at}") for at, each in others}
            return Surroundings(self._snapshot.repository, self._beside)

    def _checked_out(self, companion: Companion, name: str) -> Path:
        directory = self.root / name
        directory.mkdir()
        with self._services.code.exclusively(companion.repository, companion.repository_id) as mirror:
            mirror.checkout(companion.commit, directory)
        return directory

    def log_for(self, gate: Gate) -> Path:
        return self.root / f"{gate.name}.log"


def remove_abandoned(home: Path) -> None:
    """Removes the workspaces of processes that died; those of processes that live are left alone."""
    work = home / "work"
    # What cannot be removed is in nobody's way; where nothing can be made, the gates say so.
    with suppress(OSError), _making_or_removing(home):
        for directory in work.iterdir() if work.exists() else ():
            held = _hold(directory)
            if held is not None:
                shutil.rmtree(directory, ignore_errors=True)
                os.close(held)
                reached(CrashPoint.AFTER_ABANDONED_WORKSPACE)


@contextmanager
def _making_or_removing(home: Path) -> Iterator[None]:
    """Without it, a workspace that was just made and is not held yet would look abandoned."""
    home.mkdir(parents=True, exist_ok=True)
    turn = os.open(home / "work.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


def _hold(directory: Path) -> int | None:
    """The lock on `directory`, to be closed by the caller; None where somebody else has it."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
