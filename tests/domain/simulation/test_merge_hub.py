"""What this hub's own planner must come to beside the optimum and beside every other strategy."""

import math
from collections.abc import Sequence
from itertools import product
from statistics import fmean, stdev

import pytest

from tasks.domain.simulation.backlog import Load
from tasks.domain.simulation.comparison import optimal_nested
from tasks.domain.simulation.population import population
from tests.domain.simulation.playing import load_of, of_exactly, played

OTHERS = ("serial", "halving", "tide", "window", "k-ary", "halving-inference", "best-first")
"""Zuul's adaptive window takes as many slots as it likes, and is no comparison."""

SEED = 10_000
"""The threshold of speculation was chosen with other seeds."""

SHARES = (0.01, 0.02, 0.05, 0.10, 0.20)


def of_the_optimum(bad: float, count: int) -> float:
    optimum = optimal_nested(count, bad, 10)
    assert optimum is not None
    return played("merge-hub", Load(of_exactly(count, bad), seed=0)).evaluations / count / optimum


def test_the_search_costs_little_more_than_the_best_although_nobody_tells_it_how_many_are_bad() -> None:
    assert of_the_optimum(0.05, 1000) < 1.05


@pytest.mark.long
@pytest.mark.parametrize("bad", SHARES)
def test_it_does_whatever_the_share_of_bad_ones_is(bad: float) -> None:
    assert of_the_optimum(bad, 10_000) < 1.05


def outcomes(name: str, loads: Sequence[Load], bad: float, slots: int) -> list[tuple[float, float]]:
    tallies = [played(name, load, slots=slots, bad=bad) for load in loads]
    return [(tally.evaluations, tally.makespan) for tally in tallies]


def dominating(bad: float, slots: int, repetitions: int) -> list[str]:
    """Who is at least as good in both on the same populations, and better in one by more than noise."""
    loads = [Load(population(100, bad, 0, seed), seed) for seed in range(SEED, SEED + repetitions)]
    hub = outcomes("merge-hub", loads, bad, slots)
    found = []
    for name in OTHERS:
        if name == "tide" and slots == 1:
            continue  # it runs two at once
        pairs = list(zip(hub, outcomes(name, loads, bad, slots), strict=True))
        cost, makespan = ([ours[axis] - theirs[axis] for ours, theirs in pairs] for axis in (0, 1))
        if min(fmean(cost), fmean(makespan)) >= 0 and (beyond_noise(cost) or beyond_noise(makespan)):
            found.append(name)
    return found


def beyond_noise(differences: Sequence[float]) -> bool:
    return fmean(differences) > 2 * stdev(differences) / math.sqrt(len(differences))


def test_with_five_slots_no_other_strategy_is_cheaper_and_sooner_done() -> None:
    assert dominating(0.05, 5, repetitions=6) == []


@pytest.mark.long
@pytest.mark.parametrize(("bad", "slots"), list(product(SHARES, (1, 2, 5, 20))))
def test_no_other_strategy_is_whatever_the_slots_and_the_share(bad: float, slots: int) -> None:
    assert dominating(bad, slots, repetitions=100) == []


def test_a_flake_refuses_nobody_where_gates_are_asked_again() -> None:
    flaky = load_of(200, bad=0.05, flake=0.02)

    once, again = played("merge-hub", flaky), played("merge-hub", flaky, retries=1)

    assert (once.confirmations, once.false_refusals > 0) == (0, True)
    assert (again.confirmations >= len(again.refused), again.false_refusals) == (True, 0)


def test_without_flakes_asking_again_changes_no_verdict_and_no_cost() -> None:
    load = load_of(200, bad=0.05)

    once, again = played("merge-hub", load), played("merge-hub", load, retries=1)

    assert (again.refused, again.evaluations) == (once.refused, once.evaluations)
    assert again.confirmations == len(again.refused)


def test_more_slots_end_sooner() -> None:
    load = load_of(100, bad=0.05)

    one, two, five, twenty = (played("merge-hub", load, slots=slots).makespan for slots in (1, 2, 5, 20))

    assert one > two > five > twenty
