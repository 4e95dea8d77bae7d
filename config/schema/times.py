"""Words for time: moments with their offset, durations, time zones, and windows that come again and again."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import dropwhile
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

from config.schema.values import Spelling, refused

DURATION = r"[1-9][0-9]{0,5}[smhd]"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOUR = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_OFFSET = r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
_RFC_3339 = rf"{_DAY}[Tt ]{_HOUR}{_OFFSET}"
_ZONE = r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*"
_FIELDS_OF_CRON = 5
# A clock is set back by two hours at most; so much later the times that it shows are in order again.
_CLOCK_CHANGE = timedelta(hours=3)


def duration_of(text: str) -> timedelta:
    """`text` is a number with `s`, `m`, `h` or `d` for its unit."""
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def moment_of(text: str) -> datetime | None:
    """A moment as RFC 3339 writes it, in UTC; None for anything else, also for one that is beyond the calendar."""
    if re.fullmatch(_RFC_3339, text) is None:
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zone_named(name: str) -> ZoneInfo | None:
    """None where there is no time zone of that name, as `Europe/Berlin` or `UTC` is one."""
    if re.fullmatch(_ZONE, name) is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def last_start(cron: str, zone: ZoneInfo, at: datetime) -> datetime | None:
    """When the window last began, up to and with `at`; None where it never did."""
    try:
        earlier = CronSim(cron, (at + _CLOCK_CHANGE).astimezone(zone), reverse=True)
        return next(dropwhile(lambda start: start > at, (start.astimezone(UTC) for start in earlier)), None)
    except OverflowError:
        return None


def next_starts(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """
    When the window begins after `after`, in order.

    An hour that the clock skips counts as the first one after it, and one that it repeats counts once.
    """
    local = CronSim(cron, (after - _CLOCK_CHANGE).astimezone(zone))
    return dropwhile(lambda start: start <= after, (start.astimezone(UTC) for start in local))


def _moment(text: str) -> str:
    if moment_of(text) is None:
        raise refused("is no moment of the calendar", "write one such as `2026-12-01T09:00:00+01:00`")
    return text


def _day(text: str) -> str:
    if day_of(text) is None:
        raise refused("is no day of the calendar", "write one such as `2026-11-30`")
    return text


def day_of(text: object) -> date | None:
    """None for anything but `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text) if isinstance(text, str) and len(text) == len("2026-11-30") else None
    except ValueError:
        return None


def _zone(text: str) -> str:
    if zone_named(text) is None:
        raise refused(f"is `{text[:100]}`, which is no time zone", "write one such as `Europe/Berlin` or `UTC`")
    return text


def _cron(text: str) -> str:
    remedy = "write minute, hour, day of month, month and day of week, such as `0 18 * * FRI`"
    if len(text.split()) != _FIELDS_OF_CRON:
        raise refused(f"has {len(text.split())} fields, and cron has five", remedy)
    try:
        CronSim(text, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise refused(f"is no cron expression: {str(error)[:1].lower()}{str(error)[1:]}", remedy) from error
    return text


Duration = Annotated[str, Spelling(DURATION, "a duration such as `90s`, `30m`, `24h` or `7d`")]
Moment = Annotated[
    str, AfterValidator(_moment), Spelling(_RFC_3339, "a moment with its offset, such as `2026-12-01T09:00:00+01:00`")
]
Day = Annotated[str, AfterValidator(_day), Spelling(_DAY, "a day such as `2026-11-30`")]
TimeZone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
