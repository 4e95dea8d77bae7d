"""
What Prefect keeps so that it need not be done again: passes of gates, reports stored, and each failure besides.

Prefect writes these files and never removes one. Nothing rests on them: what is missing is done again and comes to the
same.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tasks.ports import Services

KEPT_WITHOUT_END = timedelta(days=1)
"""What has no end of its own is of use to a run that is tried again, and to no later one."""


def forget_expired(services: Services) -> None:
    """What cannot be read is as good as without an end; what cannot be removed is in nobody's way."""
    now = services.clock.now()
    for file in services.results.iterdir() if services.results.exists() else ():
        with suppress(OSError):
            if _end(file) <= now:
                file.unlink()


def _end(file: Path) -> datetime:
    with suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat(json.loads(file.read_bytes())["metadata"]["expiration"]).astimezone(UTC)
    return datetime.fromtimestamp(file.stat().st_mtime, UTC) + KEPT_WITHOUT_END
