"""
The cheapest way to find every bad member of a line by testing groups of neighbours.

Nested group testing (Sobel and Groll, "Group testing to eliminate efficiently all defectives in a binomial sample",
Bell System Technical Journal 38, 1959), for members that are bad independently, each with a probability of its own, in
an order that is given. Two kinds of state are enough: of what is left nothing is known, or it is known that its first
few are not all good. Either way a prefix is tested next. What follows the first bad member found is unknown again:
that the group was red is explained by it.
"""

import itertools
import math
import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_LEAST = 1e-6
"""No probability is certain: a plan that rests on one would be at a loss when it turns out otherwise."""


@dataclass(frozen=True, slots=True)
class NestedPlan:
    """
    `fresh[i]` is how many to test together from member `i` on when nothing is known of them.

    `among[i][m]` is how many of the `m` members from `i` on, of which at least one is bad, to test next; 0 where there
    is nothing to test: one that is bad for certain. `expected[i]` is the number of tests that the members from `i` on
    will take, on average.
    """

    fresh: tuple[int, ...]
    among: tuple[tuple[int, ...], ...]
    expected: tuple[float, ...]


@lru_cache(maxsize=32)
def nested_plan(bad: tuple[float, ...], cap: int) -> NestedPlan:
    """
    `bad` are the probabilities in landing order, `cap` is the largest group; O(len(bad) · cap²).

    Of two group sizes that cost the same the smaller one is taken.
    """
    size = len(bad)
    good = [1 - min(max(probability, _LEAST), 1 - _LEAST) for probability in bad]
    unknown = [0.0] * (size + 1)
    fresh = [0] * size
    red = [[0.0] * (cap + 1) for _ in range(size + 1)]
    among = [[0] * (cap + 1) for _ in range(size)]
    for start in range(size - 1, -1, -1):
        reach = min(cap, size - start)
        passing = [1.0, *itertools.accumulate(good[start : start + reach], operator.mul)]
        red[start][1] = unknown[start + 1]
        for held in range(2, reach + 1):
            among[start][held], red[start][held] = _least(
                _expected(_given(passing, group, held), red[start + group][held - group], red[start][group])
                for group in range(1, held)
            )
        fresh[start], unknown[start] = _least(
            _expected(passing[group], unknown[start + group], red[start][group]) for group in range(1, reach + 1)
        )
    return NestedPlan(tuple(fresh), tuple(tuple(row) for row in among), tuple(unknown))


def _expected(passes: float, if_green: float, if_red: float) -> float:
    return 1 + passes * if_green + (1 - passes) * if_red


def _given(passing: Sequence[float], group: int, held: int) -> float:
    """The probability that the first `group` are good, given that not all of the first `held` are."""
    return (passing[group] - passing[held]) / (1 - passing[held])


def _least(costs: Iterable[float]) -> tuple[int, float]:
    """The smallest group with the least cost; a difference in rounding is none."""
    best, least = 0, math.inf
    for group, cost in enumerate(costs, start=1):
        if cost < least - 1e-9:
            best, least = group, cost
    return best, least
