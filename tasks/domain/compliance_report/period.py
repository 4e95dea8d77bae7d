"""The window that a report is about: a year, a quarter, a month, a week, or from one moment to another."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from tasks.domain.dependencies import printable
from tasks.domain.moments import day_or_moment

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTHS = 12
_OF_A_QUARTER = 3


class Cadence(StrEnum):
    """How often somebody looks: the periods that are named by what they are to today."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class UnusablePeriod(ValueError):
    """What was written is no period."""

    remedy = "write `2026-11`, `2026-W47`, `2026-Q4` or `2026`, `last-month`, `this-week`, or give --from and --to"

    def __init__(self, text: str) -> None:
        super().__init__(f"{printable(text, 60)!r} is no period")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on and before `end`, both in UTC; `name` stands in keys and is spelt from these alone."""

    name: str
    start: datetime
    end: datetime

    def holds(self, time: str) -> bool:
        return self.start <= datetime.fromisoformat(time) < self.end

    @property
    def told(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M}"


def period_named(text: str) -> Period:
    """Raises UnusablePeriod."""
    try:
        if found := _YEAR.fullmatch(text):
            return _months(text, int(found[1]), 1, _MONTHS)
        if found := _QUARTER.fullmatch(text):
            return _months(text, int(found[1]), _OF_A_QUARTER * (int(found[2]) - 1) + 1, _OF_A_QUARTER)
        if found := _MONTH.fullmatch(text):
            return _months(text, int(found[1]), int(found[2]), 1)
        if found := _WEEK.fullmatch(text):
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            return Period(text, _midnight(monday), _midnight(monday + timedelta(days=7)))
    except (ValueError, OverflowError) as error:
        raise UnusablePeriod(text) from error
    raise UnusablePeriod(text)


def period_between(start: datetime, end: datetime) -> Period:
    """Raises UnusablePeriod where it would be empty."""
    start, end = start.astimezone(UTC).replace(microsecond=0), end.astimezone(UTC).replace(microsecond=0)
    name = f"{start:%Y%m%dT%H%M%SZ}-{end:%Y%m%dT%H%M%SZ}"
    if end <= start:
        raise UnusablePeriod(name)
    return Period(name, start, end)


def period_of(cadence: Cadence, at: datetime) -> Period:
    """The one that `at` is in."""
    day = at.astimezone(UTC).date()
    match cadence:
        case Cadence.WEEK:
            year, week, _ = day.isocalendar()
            return period_named(f"{year:04d}-W{week:02d}")
        case Cadence.MONTH:
            return period_named(f"{day:%Y-%m}")
        case Cadence.QUARTER:
            return period_named(f"{day:%Y}-Q{(day.month - 1) // _OF_A_QUARTER + 1}")


def asked_for(period: str, since: str | None, until: str | None, at: datetime) -> Period:
    """From `since` to `until` where both are given, else `period`. Raises UnusablePeriod or UnusableMoment."""
    start, end = day_or_moment(since), day_or_moment(until)
    if start is not None and end is not None:
        return period_between(start, end)
    if start is not None or end is not None:
        raise UnusablePeriod(f"{since or 'the beginning'} to {until or 'now'}")
    return period_asked(period, at)


def period_asked(text: str, at: datetime) -> Period:
    """A name, or `last-month`, `this-week` and so on, as seen from `at`. Raises UnusablePeriod."""
    which, _, cadence = text.partition("-")
    if which in {"this", "last"} and cadence in set(Cadence):
        return (period_of if which == "this" else last_period)(Cadence(cadence), at)
    return period_named(text)


def last_period(cadence: Cadence, at: datetime) -> Period:
    """The last one that is over."""
    return period_of(cadence, period_of(cadence, at).start - timedelta(seconds=1))


def _months(name: str, year: int, month: int, count: int) -> Period:
    after = year * _MONTHS + month - 1 + count
    return Period(name, _midnight(date(year, month, 1)), _midnight(date(after // _MONTHS, after % _MONTHS + 1, 1)))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
