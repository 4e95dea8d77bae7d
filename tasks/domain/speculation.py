"""
Which tests will probably be needed, so that those for which there is a free slot can run beside the one needed now.

What the search will ask depends on answers that are not there yet: a tree, whose branches are as probable as the
answers that lead to them. The most probable tests are found best first, as Uber's SubmitQueue finds the builds to
speculate on (Ananthanarayanan et al., "Keeping Master Green at Scale", EuroSys 2019), but in the tree of the cheapest
search, batch after batch: so what is begun early is what would be tested anyway.
"""

import math
from collections.abc import Collection, Iterator
from dataclasses import replace
from heapq import heappop, heappush
from itertools import count, islice

from tasks.domain.gates import Members
from tasks.domain.search import GroupTest, Known, Line, Purpose, Standing, standing_in, trial_size

LOOKED_AHEAD = 200
"""Of how many tests it is looked whether one of them may still be needed: many times what runs at once."""


def speculative_tests(line: Line, known: Known, most: int, least_odds: float) -> tuple[GroupTest, ...]:
    """At most so many tests that nothing known answers, the most probable first, none of them improbable."""
    return tuple(islice(_most_probable(line, known, least_odds), most))


def possible_tests(line: Line, known: Known) -> frozenset[Members]:
    """What may still be asked for, by everything that is merged for it; all else would answer no question."""
    return frozenset(test.sequence for test in islice(_most_probable(line, known, 0.0), LOOKED_AHEAD))


def _most_probable(line: Line, known: Known, least: float) -> Iterator[GroupTest]:
    counter = count()
    waiting = [(-1.0, next(counter), standing_in(known, Standing(line.batch)))]
    while waiting and -waiting[0][0] >= least:
        odds, _, standing = heappop(waiting)
        standing = _unconcluded(line, known, standing)
        if not standing.batch:
            continue
        size = trial_size(line, standing)
        yield GroupTest(standing.batch[:size], standing.landed, Purpose.SPECULATION)
        green = _odds_of_green(line, standing, size)
        heappush(waiting, (odds * green, next(counter), replace(standing, accepted=size)))
        heappush(waiting, (odds * (1 - green), next(counter), replace(standing, red=size)))


def _unconcluded(line: Line, known: Known, standing: Standing) -> Standing:
    """Goes on from batch to batch, as the hub would, to the first whose next answer is not known."""
    while standing.concluded:
        landed = standing.landed + standing.batch[: standing.accepted]
        culprit = standing.batch[standing.accepted : standing.red]
        out = standing.out.union(culprit)
        standing = standing_in(known, Standing(regrouped(line, landed, out), landed=landed, out=out))
    return standing


def regrouped(line: Line, landed: Members, out: Collection[int]) -> Members:
    """The next batch once `landed` have landed and `out` are refused, if nobody conflicts."""
    batch: list[int] = []
    there = {*landed}
    for number in line.order:
        if len(batch) == line.cap:
            break
        if number not in there and number not in out and line.needs.get(number, frozenset()) <= there:
            there.add(number)
            batch.append(number)
    return tuple(batch)


def _odds_of_green(line: Line, standing: Standing, size: int) -> float:
    """The probability that the members behind the accepted are good, given what is known to be red."""
    group = _all_good(line, standing, size)
    if not standing.red:
        return group
    among = _all_good(line, standing, standing.red)
    return (group - among) / (1 - among)


def _all_good(line: Line, standing: Standing, size: int) -> float:
    return math.prod(1 - line.bad[number] for number in standing.batch[standing.accepted : size])
