"""
Working seconds between two moments: what of the time between them lies within the working hours of a team.

A team's calendars become one list of intervals in UTC, one a working day, from opening to closing time in the zone of
the day. So nights in which a clock is changed are as long as they were, a holiday is no interval, and a team that moves
has the intervals of the new zone from that day on. What has been worked up to a moment is then a look-up, and the
seconds between two are a difference: exact, whatever the distance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from config.schema import WEEKDAYS, Calendar
from tasks.frames.times import DAY, MISSING, SECOND, Microseconds, microseconds_of

Days = npt.NDArray[np.datetime64]

EARLIEST, LATEST = np.datetime64("1970-01-02", "D"), np.datetime64("2100-01-01", "D")
"""The days that calendars are made for; between moments outside of them no working second is known."""


def working_seconds(
    starts: pd.Series, ends: pd.Series, teams: pd.Series, calendars: Mapping[str, Sequence[Calendar]]
) -> pd.Series:
    """
    Of each row, by the calendars of its team: negative where the end is the earlier.

    NaN where either moment is missing, or nobody said when the team works.
    """
    begun, ended = microseconds_of(starts), microseconds_of(ends)
    inside = _inside(begun) & _inside(ended)
    seconds = np.full(len(begun), np.nan)
    if inside.any():
        bounds = (
            _day(min(begun[inside].min(), ended[inside].min())),
            _day(max(begun[inside].max(), ended[inside].max())),
        )
        for known, rows in _rows_by_calendar(teams, calendars):
            chosen = rows[inside[rows]]
            schedule = _schedule(known, *bounds)
            worked = schedule.worked_until(ended[chosen]) - schedule.worked_until(begun[chosen])
            seconds[chosen] = worked / SECOND
    return pd.Series(seconds, index=starts.index)


@dataclass(frozen=True, slots=True)
class _Schedule:
    """Intervals in order that do not overlap, and how long all before each of them are together."""

    opening: Microseconds
    length: Microseconds
    before: Microseconds

    def worked_until(self, moments: Microseconds) -> Microseconds:
        if not len(self.opening):
            return np.zeros(len(moments), np.int64)
        latest = np.searchsorted(self.opening, moments, side="right") - 1
        begun = np.maximum(latest, 0)
        within = np.minimum(moments - self.opening[begun], self.length[begun])
        return np.where(latest < 0, 0, self.before[begun] + within)


def _rows_by_calendar(
    teams: pd.Series, calendars: Mapping[str, Sequence[Calendar]]
) -> list[tuple[tuple[Calendar, ...], npt.NDArray[np.intp]]]:
    """Teams that work at the same times are one."""
    named = teams.astype("category").cat
    distinct: dict[tuple[Calendar, ...], int] = {}
    of_team = [
        distinct.setdefault(tuple(calendars[team]), len(distinct)) if calendars.get(team) else -1
        for team in named.categories
    ]
    which = np.array([*of_team, -1])[named.codes.to_numpy()]
    order = np.argsort(which, kind="stable")
    starts = np.searchsorted(which[order], np.arange(len(distinct) + 1))
    return [(known, order[starts[place] : starts[place + 1]]) for known, place in distinct.items()]


@lru_cache(maxsize=256)
def _schedule(calendars: tuple[Calendar, ...], first: date, last: date) -> _Schedule:
    """Of all days that may touch a moment from `first` to `last`."""
    begins = [np.datetime64(each.first_day, "D") if each.first_day else EARLIEST for each in calendars]
    ends = [*begins[1:], LATEST]
    lowest, highest = np.datetime64(first, "D") - 2, np.datetime64(last, "D") + 3
    parts = [
        _intervals(calendar, np.arange(max(begin, lowest), max(begin, lowest, min(end, highest))))
        for calendar, begin, end in zip(calendars, begins, ends, strict=True)
    ]
    opening, closing = (np.concatenate(each) for each in zip(*parts, strict=True))
    after = np.concatenate(([MISSING], np.maximum.accumulate(closing)[:-1])) if len(closing) else closing
    opening = np.maximum(opening, after)
    length = np.maximum(closing - opening, 0)
    return _Schedule(opening, length, np.cumsum(length) - length)


def _intervals(calendar: Calendar, days: Days) -> tuple[Microseconds, Microseconds]:
    """When each working day among `days` opens and closes, in UTC."""
    weekdays = [WEEKDAYS.index(day) for day in calendar.days]
    working = np.isin((days.astype(np.int64) + 3) % 7, weekdays) & ~np.isin(days, _holidays(calendar, days))
    begin, end = ((each.hour * 60 + each.minute) for each in calendar.between)
    opening, closing = (_in_utc(days[working], minutes, calendar.time_zone) for minutes in (begin, end))
    return opening[0], closing[1]


def _in_utc(days: Days, minutes: int, zone: str) -> tuple[Microseconds, Microseconds]:
    """
    When the clock of the zone shows that time, for the first and for the last time of the day.

    A time that the clock skips is the moment in which it is changed.
    """
    shown = pd.DatetimeIndex(days.astype("datetime64[us]") + np.timedelta64(minutes, "m"))
    first, last = (
        shown.tz_localize(zone, ambiguous=np.full(len(shown), earlier), nonexistent="shift_forward")
        for earlier in (True, False)
    )
    return _microseconds(first), _microseconds(last)


def _microseconds(moments: pd.DatetimeIndex) -> Microseconds:
    return moments.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]").view(np.int64)


def _holidays(calendar: Calendar, days: Days) -> Days:
    own = np.array(calendar.holidays, dtype="datetime64[D]")
    if calendar.country is None or not len(days):
        return own
    import holidays  # noqa: PLC0415 -- takes a third of a second, and only calendars with a country need it

    years = range(days[0].astype(object).year, days[-1].astype(object).year + 1)
    public = holidays.country_holidays(calendar.country, subdiv=calendar.subdivision, years=years)
    return np.concatenate((own, np.array(list(public), dtype="datetime64[D]")))


def _inside(moments: Microseconds) -> npt.NDArray[np.bool_]:
    return (moments >= int(EARLIEST.astype(int)) * DAY) & (moments < int(LATEST.astype(int)) * DAY)


def _day(moment: np.int64) -> date:
    day: date = np.datetime64(int(moment) // DAY, "D").astype(object)
    return day
