"""What runs on this machine, told apart by a marker in its arguments."""

import time
from pathlib import Path


def running(marker: str) -> list[str]:
    """The processes that have `marker` as a whole argument, those that only wait to be reaped left out."""
    return [process.name for process in Path("/proc").iterdir() if process.name.isdigit() and _has(process, marker)]


def _has(process: Path, marker: str) -> bool:
    try:
        return marker.encode() in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def gone_within(seconds: float, marker: str) -> bool:
    deadline = time.monotonic() + seconds
    while running(marker) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not running(marker)
