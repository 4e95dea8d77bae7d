"""Moments as people write them on a command line."""

from datetime import UTC, date, datetime

from config.schema import moment_of
from tasks.domain.dependencies import printable


class UnusableMoment(ValueError):
    """What was written is no moment."""

    remedy = "write a day such as `2026-11-01`, or a moment with its offset such as `2026-11-01T09:00:00+01:00`"

    def __init__(self, text: str) -> None:
        super().__init__(f"{printable(text, 60)!r} is no moment")


def day_or_moment(text: str | None) -> datetime | None:
    """A day begins at midnight UTC; raises UnusableMoment."""
    if text is None:
        return None
    found = moment_of(text)
    if found is not None:
        return found
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UnusableMoment(text) from error
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
