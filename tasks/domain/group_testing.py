"""
The cheapest way to find every bad member of a line by testing groups of neighbours.

Nested group testing (Sobel and Groll, "Group testing to eliminate efficiently all defectives in a binomial sample",
Bell System Technical Journal 38, 1959), for members that are bad independently, each with a probability of its own, in
an order that is given. Two kinds of state are enough: of what is left nothing is known, or it is known that its first
few are not all good. Either way a prefix is tested next. What follows the first bad member found is unknown again:
that the group was red is explained by it.
"""

import itertools
import operator
from collections.abc import Sequence
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
    odds = [min(max(probability, _LEAST), 1 - _LEAST) for probability in bad]
    unknown = [0.0] * (size + 1)
    fresh = [0] * size
    among = [[0] * (cap + 1) for _ in range(size)]
    # What a red group will take, times the odds that it is red: by where it ends, the shortest first.
    ending: list[list[float]] = [[] for _ in range(size + 1)]
    for start in range(size - 1, -1, -1):
        reach = min(cap, size - start)
        passing = list(itertools.accumulate((1 - each for each in odds[start : start + reach]), operator.mul))
        failing = odds[start]
        red = [failing * unknown[start + 1]]
        ending[start + 1].append(red[0])
        for held in range(2, reach + 1):
            behind = ending[start + held]
            failing += passing[held - 2] * odds[start + held - 1]
            costs = list(map(operator.add, map(operator.mul, passing, reversed(behind)), red))
            among[start][held], least = _least(costs, failing)
            red.append(failing + least)
            behind.append(red[-1])
        after = map(operator.mul, passing, unknown[start + 1 : start + reach + 1])
        fresh[start], least = _least(list(map(operator.add, after, red)), 1.0)
        unknown[start] = 1 + least
    return NestedPlan(tuple(fresh), tuple(tuple(row) for row in among), tuple(unknown))


def _least(costs: Sequence[float], odds: float) -> tuple[int, float]:
    """The smallest group with the least cost, all of them times `odds`; a difference in rounding is none."""
    least = min(costs)
    enough = least + odds * 1e-9
    return next(group for group, cost in enumerate(costs, start=1) if cost <= enough), least
