"""Which runs' documents are kept: those of the latest runs, and of every run that may still be under way."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

LONGEST_RUN = timedelta(days=1)
"""A run that has not come to its end after so long was killed."""

_BEGUN = "%Y%m%dT%H%M%SZ"
_RUN_ID = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run whose documents are there."""

    run_id: str
    begun: datetime
    finished: bool

    @classmethod
    def named(cls, name: str, *, finished: bool) -> Self | None:
        """None where `name` is no run's: then somebody else put it there."""
        match = _RUN_ID.fullmatch(name)
        if match is None:
            return None
        try:
            begun = datetime.strptime(match[1], _BEGUN).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(name, begun, finished)

    def may_be_under_way(self, at: datetime) -> bool:
        return not self.finished and at - self.begun < LONGEST_RUN


def expired_runs(runs: Iterable[KeptRun], keep: int, at: datetime) -> tuple[str, ...]:
    """All but the latest `keep`, the oldest first, and never one that may still be under way."""
    ordered = sorted(runs, key=lambda run: run.run_id)
    return tuple(run.run_id for run in ordered[: max(0, len(ordered) - keep)] if not run.may_be_under_way(at))
