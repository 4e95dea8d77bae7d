"""Doing something while a gate runs: the gate says that it has begun, and waits until it is done."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 60


class Pause:
    """The first run of `gate` waits; later ones, and those of other candidates, do not."""

    def __init__(self, folder: Path, then: str = "test ! -e broken") -> None:
        self._begun, self._done = folder / "gate-begun", folder / "gate-may-end"
        wait = f"test -e {self._done} || {{ touch {self._begun}; until test -e {self._done}; do sleep 0.02; done; }}"
        self.gate = {"name": "tests", "command": f"{wait}; {then}"}

    @contextmanager
    def doing(self, act: Callable[[], object]) -> Iterator[None]:
        """What `act` raises is raised at the end."""
        raised: list[BaseException] = []

        def when_begun() -> None:
            try:
                wait_for(self._begun.exists)
                act()
            except BaseException as error:  # noqa: BLE001 -- raised again below, in the test's own thread
                raised.append(error)
            finally:
                self._done.touch()

        thread = threading.Thread(target=when_begun)
        thread.start()
        try:
            yield
        finally:
            thread.join()
        if raised:
            raise raised[0]


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            message = f"what was waited for did not come about in {PATIENCE_SECONDS} s"
            raise TimeoutError(message)
        time.sleep(0.01)
