"""
Moments in tables, as whole microseconds since 1970 in UTC.

A column of pandas with a time zone makes an object of each moment when it is taken out, which takes a hundred times as
long as the arithmetic: so the zone is taken off first.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

Microseconds = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

MISSING = np.iinfo(np.int64).min
"""A moment that is not known."""

SECOND = 1_000_000
DAY = 86_400 * SECOND
WEEK = 7 * DAY
_FIRST_MONDAY = 4 * DAY
"""1970 began on a Thursday."""


def microseconds_of(moments: pd.Series) -> Microseconds:
    """Of a column of moments, with a time zone or in UTC without; `MISSING` where there is none."""
    plain = moments if moments.dt.tz is None else moments.dt.tz_convert("UTC").dt.tz_localize(None)
    return plain.to_numpy().astype("datetime64[us]", copy=False).view(np.int64)


def moments_of(microseconds: Microseconds, index: pd.Index | None = None) -> pd.Series:
    """The column of `datetime64[us, UTC]` of which these are."""
    return pd.Series(microseconds.view("datetime64[us]"), index=index).dt.tz_localize("UTC")


def seconds_between(starts: pd.Series, ends: pd.Series) -> pd.Series:
    """By the clock; negative where the end is the earlier, NaN where either is missing."""
    begun, ended = microseconds_of(starts), microseconds_of(ends)
    known = (begun != MISSING) & (ended != MISSING)
    seconds = np.full(len(begun), np.nan)
    np.divide(ended - begun, SECOND, out=seconds, where=known)
    return pd.Series(seconds, index=starts.index)


def days_of(moments: pd.Series) -> pd.Series:
    """The midnight in UTC at which the day of each began."""
    return _begun(moments, DAY, 0)


def weeks_of(moments: pd.Series) -> pd.Series:
    """The midnight in UTC at which the week of each began, a Monday as ISO 8601 has it."""
    return _begun(moments, WEEK, _FIRST_MONDAY)


def _begun(moments: pd.Series, length: int, origin: int) -> pd.Series:
    known = microseconds_of(moments)
    begun = (known - origin) // length * length + origin
    return moments_of(np.where(known == MISSING, MISSING, begun), moments.index)
