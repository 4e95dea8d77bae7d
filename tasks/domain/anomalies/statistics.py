"""Statistics that a few odd values do not spoil."""

from bisect import bisect_left, insort
from collections import deque
from math import exp, log
from statistics import median

NORMAL = 0.6745
"""The median absolute deviation of a normal distribution, in standard deviations."""
LEAST_DEVIATION = 0.05
"""In natural logarithms: nothing varies by less than a twentieth, however alike the last results are."""
REMEMBERED = 100


class Durations:
    """
    The last durations of one thing, by their logarithms: durations are skewed, and their logarithms hardly are.

    Judged by median and median absolute deviation (Iglewicz and Hoaglin's modified z-score).
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._latest: deque[float] = deque()
        self._ordered: list[float] = []
        self._remembered = remembered

    def __len__(self) -> int:
        return len(self._latest)

    def add(self, milliseconds: int) -> None:
        value = log(max(1, milliseconds))
        self._latest.append(value)
        insort(self._ordered, value)
        if len(self._latest) > self._remembered:
            del self._ordered[bisect_left(self._ordered, self._latest.popleft())]

    def score(self, milliseconds: int) -> float:
        """How many robust standard deviations it is from the usual; below zero where it is faster."""
        value, usual = log(max(1, milliseconds)), self._median
        deviation = max(median(abs(each - usual) for each in self._ordered), LEAST_DEVIATION)
        return NORMAL * (value - usual) / deviation

    @property
    def usual(self) -> int:
        """In milliseconds."""
        return round(exp(self._median))

    @property
    def _median(self) -> float:
        return median(self._ordered)


def nearest_rank(values: list[int], percent: int) -> int:
    """The smallest of `values`, at least one, that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
