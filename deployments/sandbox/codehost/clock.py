"""Times as GitHub writes them: UTC, whole seconds, a trailing Z."""

import time
from datetime import UTC, datetime


def timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> str:
    return timestamp(time.time())


def epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
