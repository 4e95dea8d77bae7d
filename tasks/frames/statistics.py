"""
How sure a number is. Every interval holds the true value 95 times in 100.

- A rate has the interval of Wilson (1927), which is honest for few attempts and for rates near 1.
- A difference of two rates has Newcombe's hybrid score interval (1998, method 10), made of two of Wilson's.
- A difference of two quantiles has the percentile interval of a bootstrap of 2 000 resamples.
- The median of what is partly unfinished is that of Kaplan and Meier (1958), with the interval of Brookmeyer and
  Crowley (1982) on the scale log(-log).

What cannot be said is NaN: a rate of no attempts, a bound that so few values do not have.
"""

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]

CONFIDENCE = 0.95
DEVIATIONS = 1.959963984540054
"""Standard deviations on each side that hold so much of a normal distribution."""

RESAMPLES = 2_000
_SEED = 20_250_101


def wilson(successes: npt.ArrayLike, attempts: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    """The lower and the upper bound of each rate, from 0 to 1; NaN without an attempt."""
    passed, of = np.asarray(successes, np.float64), np.asarray(attempts, np.float64)
    square = DEVIATIONS * DEVIATIONS
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (passed + square / 2) / (of + square)
        spread = DEVIATIONS / (of + square) * np.sqrt(passed * (of - passed) / of + square / 4)
    low = np.where(passed == 0, 0.0, middle - spread)
    high = np.where(passed == of, 1.0, middle + spread)
    return np.where(of > 0, low, np.nan), np.where(of > 0, high, np.nan)


def with_rate(table: pd.DataFrame, name: str, *, successes: Hashable, attempts: Hashable) -> pd.DataFrame:
    """
    The table, and of the counts in two of its columns the rate `name` with `_n`, `_k`, `_low` and `_high`.

    Without an attempt `_n` and `_k` are 0 and the others NaN.
    """
    passed, of = table[successes].to_numpy(np.int64), table[attempts].to_numpy(np.int64)
    low, high = wilson(passed, of)
    share = np.divide(passed, of, out=np.full(len(table), np.nan), where=of > 0)
    added = {name: share, f"{name}_n": of, f"{name}_k": passed, f"{name}_low": low, f"{name}_high": high}
    return table.assign(**added)


def newcombe(
    *, before: tuple[npt.ArrayLike, npt.ArrayLike], after: tuple[npt.ArrayLike, npt.ArrayLike]
) -> tuple[Numbers, Numbers]:
    """The bounds of the rate after less the rate before; each is (successes, attempts). NaN without an attempt."""
    (lower_before, upper_before), (lower_after, upper_after) = wilson(*before), wilson(*after)
    rate_before, rate_after = _rate(*before), _rate(*after)
    difference = rate_after - rate_before
    low = difference - np.hypot(rate_after - lower_after, upper_before - rate_before)
    high = difference + np.hypot(upper_after - rate_after, rate_before - lower_before)
    return low, high


def quantile_difference(before: npt.ArrayLike, after: npt.ArrayLike, quantile: float = 0.5) -> tuple[float, float]:
    """
    The bounds of a quantile after less that before; missing values are left out, NaN where one side has no value.

    The same values in any order give the same bounds.
    """
    earlier, later = _known(before), _known(after)
    if not len(earlier) or not len(later):
        return np.nan, np.nan
    chance = np.random.default_rng(_SEED)
    differences = _resampled(later, quantile, chance) - _resampled(earlier, quantile, chance)
    low, high = np.quantile(differences, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return float(low), float(high)


def _resampled(values: Numbers, quantile: float, chance: np.random.Generator) -> Numbers:
    """
    The quantile of each resample of sorted values, without making one.

    A resample is n uniform draws u, each standing for the value number floor(n u). That keeps their order, so that the
    resample's value number k is that of the k-th smallest draw, which is distributed as Beta(k, n + 1 - k); and the
    next one is it and a part of what remains, distributed as Beta(1, n - k).
    """
    size = len(values)
    position = quantile * (size - 1)
    rank, fraction = int(position), position - int(position)
    draw = chance.beta(rank + 1, size - rank, RESAMPLES)
    lower = values[np.minimum((draw * size).astype(np.int64), size - 1)]
    if fraction == 0:
        return lower
    following = draw + (1 - draw) * chance.beta(1, size - rank - 1, RESAMPLES)
    upper = values[np.minimum((following * size).astype(np.int64), size - 1)]
    return lower + fraction * (upper - lower)


def kaplan_meier_median(durations: npt.ArrayLike, ended: npt.ArrayLike) -> tuple[float, float, float]:
    """
    The median, and its lower and upper bound, of durations of which some still last: `ended` says which do not.

    NaN where half of them would have to end first to know. If all have ended it is the ordinary median.
    """
    values, done = np.asarray(durations, np.float64), np.asarray(ended, np.bool_)
    known = ~np.isnan(values)
    times, where = np.unique(values[known], return_inverse=True)
    ends = np.bincount(where, weights=done[known], minlength=len(times))
    leaving = np.bincount(where, minlength=len(times))
    at_risk = leaving[::-1].cumsum()[::-1]
    surviving = np.cumprod(1 - ends / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.cumsum(ends / (at_risk * (at_risk - ends)))
        scale = np.log(-np.log(surviving))
        spread = DEVIATIONS * np.sqrt(variance) / np.abs(np.log(surviving))
        low, high = np.exp(-np.exp(scale + spread)), np.exp(-np.exp(scale - spread))
    return _half(times, surviving), _half(times, low), _half(times, high)


def _half(times: Numbers, surviving: Numbers) -> float:
    """Where the curve comes to one half; the middle of where it stays there."""
    tolerance = 1e-9
    reached = np.flatnonzero(surviving <= 0.5 + tolerance)
    if not len(reached):
        return np.nan
    below = np.flatnonzero(surviving < 0.5 - tolerance)
    level = len(below) > 0 and below[0] > reached[0]
    return float((times[reached[0]] + times[below[0]]) / 2 if level else times[reached[0]])


def _known(values: npt.ArrayLike) -> Numbers:
    numbers = np.asarray(values, np.float64)
    return np.sort(numbers[~np.isnan(numbers)])


def _rate(successes: npt.ArrayLike, attempts: npt.ArrayLike) -> Numbers:
    passed, of = np.asarray(successes, np.float64), np.asarray(attempts, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(of > 0, passed / of, np.nan)
