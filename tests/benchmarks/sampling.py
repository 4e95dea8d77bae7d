"""Where threads spend their time: what they stand at is looked at every few milliseconds, waiting included."""

import gc
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Self

PROJECT = Path(__file__).parents[2]
OURS = tuple(f"{PROJECT / folder}/" for folder in ("flows", "tasks", "config"))
AROUND_STEPS = "tasks/retrying.py"
INTERVAL = 0.005


class Sampler:
    """A context; looks at the threads whose names begin with `prefix`, and takes part in the load that it measures."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._counts: Counter[tuple[str, str]] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def most(self, count: int) -> list[tuple[str, float]]:
        """Share of all samples, by step and by the innermost function of ours."""
        total = self._counts.total() or 1
        return [(f"{step}: {inner}", seen / total) for (step, inner), seen in self._counts.most_common(count)]

    def _look(self) -> None:
        while not self._ended.is_set():
            watched = {each.ident for each in threading.enumerate() if each.name.startswith(self._prefix)}
            for thread, frame in _frames().items():
                if thread in watched:
                    self._counts[_described(frame)] += 1
            time.sleep(INTERVAL)


def _frames() -> Mapping[int, FrameType]:
    with _without_collection():
        return sys._current_frames()  # noqa: SLF001 -- there is no other way to see them


@contextmanager
def _without_collection() -> Iterator[None]:
    """Frames are read under a lock that a thread needs to begin: a finalizer that ran would wait for ever."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _described(leaf: FrameType) -> tuple[str, str]:
    """The step that the thread is in, and the function of ours that it called last; what is Prefect's is called so."""
    frame: FrameType | None = leaf
    ours: list[str] = []
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(OURS) and not code.co_filename.endswith(AROUND_STEPS):
            ours.append(f"{Path(code.co_filename).relative_to(PROJECT)} {code.co_name}")
        frame = frame.f_back
    step = next((each for each in reversed(ours) if each.startswith("tasks/")), "between steps")
    if not ours:
        return "no repository", "idle"
    innermost = ours[0]
    return step, innermost if innermost.startswith("tasks/") else "Prefect"
