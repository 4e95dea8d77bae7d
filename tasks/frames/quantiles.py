"""
Quantiles of groups of rows, each with its interval and with how many values it is made of.

A quantile lies between two values by linear interpolation, as numpy, pandas, Polars and DuckDB have it. Its interval is
made of two of the values themselves (order statistics; exact, from the binomial distribution; no assumption about how
values are distributed); where so few values bound it on no side, that bound is NaN. With fewer values than
`LEAST_VALUES` the quantile and its interval are NaN: it would say more about chance than about the team.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import exp, lgamma, log, sqrt

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.frames.groups import Codes, Groups

Numbers = npt.NDArray[np.float64]

LEAST_VALUES = {0.5: 5, 0.75: 10, 0.9: 20, 0.95: 50}
_TAIL = 0.025
_MICROSECONDS = 1e6


def grouped_quantiles(
    groups: Groups, values: "pd.Series[float] | Numbers", name: str, quantiles: Sequence[float] = (0.5, 0.9)
) -> pd.DataFrame:
    """
    The keys, `NAME_n`, and for each quantile `NAME_p50`, `NAME_p50_low`, `NAME_p50_high`.

    Values are seconds, exact to the microsecond; missing ones are left out and not counted.
    """
    ordered, starts, sizes = _sorted_within(groups, np.asarray(values, np.float64))
    table = groups.keys.assign(**{f"{name}_n": sizes})
    for quantile in quantiles:
        label = f"{name}_p{100 * quantile:g}"
        low, high = interval_ranks(quantile, sizes)
        enough = sizes >= least_values(quantile)
        table[label] = np.where(enough, _interpolated(ordered, starts, sizes, quantile), np.nan)
        table[f"{label}_low"] = _taken(ordered, starts, np.where(enough, low, -1))
        table[f"{label}_high"] = _taken(ordered, starts, np.where(enough, high, -1))
    return table


def least_values(quantile: float) -> int:
    """How many values a quantile needs: those it is measured for, else five beyond it."""
    known = LEAST_VALUES.get(quantile)
    return known if known is not None else max(5, round(2 / min(quantile, 1 - quantile)))


def interval_ranks(quantile: float, sizes: Codes) -> tuple[Codes, Codes]:
    """Which of so many values in order bound the quantile, from 0 on; -1 where none does."""
    distinct, where = np.unique(sizes, return_inverse=True)
    ranks = np.array([_ranks(quantile, int(size)) for size in distinct], np.int64).reshape(-1, 2)
    return ranks[where, 0], ranks[where, 1]


@lru_cache(maxsize=65_536)
def _ranks(quantile: float, size: int) -> tuple[int, int]:
    """
    With B values of n below the quantile, B is binomial: the rank l bounds it below if P(B < l) is at most the tail.

    Beyond twelve standard deviations there is less than floating point can hold, so that only those are summed.
    """
    if size == 0:
        return -1, -1
    reach = 12 * sqrt(size * quantile * (1 - quantile)) + 2
    first, last = max(0, int(size * quantile - reach)), min(size, int(size * quantile + reach))
    counts = np.arange(first, last + 1)
    chances = np.array([_binomial(size, int(count), quantile) for count in counts])
    below = np.cumsum(chances)
    above = np.cumsum(chances[::-1])[::-1]
    low = int(counts[np.searchsorted(below, _TAIL, side="right")]) - 1
    bounding = counts[above <= _TAIL]
    return low, int(bounding[0]) - 1 if len(bounding) else -1


def _binomial(size: int, count: int, chance: float) -> float:
    ways = lgamma(size + 1) - lgamma(count + 1) - lgamma(size - count + 1)
    return exp(ways + count * log(chance) + (size - count) * log(1 - chance))


def _sorted_within(groups: Groups, values: Numbers) -> tuple[Numbers, Codes, Codes]:
    """The known values in order within their group, where each group begins among them, and how many it has."""
    known = ~np.isnan(values) & (groups.codes >= 0)
    codes, kept = groups.codes[known], values[known]
    sizes = np.bincount(codes, minlength=len(groups))
    ordered = kept[np.lexsort((kept, codes))]
    return ordered, np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)[: len(groups)], sizes


def _interpolated(ordered: Numbers, starts: Codes, sizes: Codes, quantile: float) -> Numbers:
    position = quantile * np.maximum(sizes - 1, 0)
    rank = position.astype(np.int64)
    lower = _taken(ordered, starts, np.where(sizes > 0, rank, -1))
    upper = _taken(ordered, starts, np.where(sizes > 0, np.minimum(rank + 1, sizes - 1), -1))
    return lower + (position - rank) * (upper - lower)


def _taken(ordered: Numbers, starts: Codes, ranks: Codes) -> Numbers:
    if not len(ordered):
        return np.full(len(ranks), np.nan)
    return np.where(ranks >= 0, ordered[np.minimum(starts + ranks, len(ordered) - 1)], np.nan)
