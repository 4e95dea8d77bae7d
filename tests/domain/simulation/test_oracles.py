"""
The figures that the models of merge queues must come to.

Where a line is short, every population of it is played and weighed, so that nothing is left to chance. The long forms
play at least 120,000 pull requests each.
"""

import math
from functools import cache

import pytest

from tasks.domain.simulation.backlog import Load, Tally
from tasks.domain.simulation.comparison import Parameters, compare
from tasks.domain.simulation.strategies import EVERY
from tests.domain.simulation.playing import all_populations, load_of, of_exactly, played


@cache
def tallies(name: str, batch: int, slots: int) -> list[tuple[int, Tally]]:
    """Of every population of eight: how many are bad in it, and what came of it."""
    return [(len(each.bad), played(name, Load(each, seed=0), batch=batch, slots=slots)) for each in all_populations(8)]


def expected(name: str, bad: float, *, batch: int, slots: int = 1) -> float:
    """Evaluations per pull request in a line of eight."""
    return sum(
        math.pow(bad, many) * math.pow(1 - bad, 8 - many) * tally.evaluations / 8
        for many, tally in tallies(name, batch, slots)
    )


def halved(bad: float, levels: int) -> float:
    """Evaluations per pull request: a batch, and two halves of each red one."""
    size = 1 << levels
    return (1 + sum((2 << at) * (1 - math.pow(1 - bad, size >> at)) for at in range(levels))) / size


def inferred(bad: float, levels: int) -> float:
    """The same where the right half of a red one is not tested if the left one is green."""

    def red(size: int) -> float:
        return 1 - math.pow(1 - bad, size)

    def known(size: int) -> float:
        return 0.0 if size == 1 else 1 + known(size // 2) + red(size // 2) / red(size) * unknown(size // 2)

    def unknown(size: int) -> float:
        return 1 + red(size) * known(size)

    return unknown(1 << levels) / (1 << levels)


@pytest.mark.parametrize(("bad", "cost"), [(0.05, 0.399), (0.10, 0.629)])
def test_halving_costs_what_its_formula_says(bad: float, cost: float) -> None:
    assert expected("halving", bad, batch=8) == pytest.approx(halved(bad, 3)) == pytest.approx(cost, abs=0.001)


@pytest.mark.parametrize(("bad", "cost"), [(0.05, 0.335), (0.10, 0.518)])
def test_halving_with_inference_costs_what_its_formula_says(bad: float, cost: float) -> None:
    found = expected("halving-inference", bad, batch=8)

    assert found == pytest.approx(inferred(bad, 3)) == pytest.approx(cost, abs=0.001)


@pytest.mark.parametrize("slots", [2, 5])
def test_a_window_over_a_whole_line_costs_a_new_start_behind_each_bad_one(slots: int) -> None:
    alone = expected("window", 0.1, batch=1, slots=1)

    assert alone == pytest.approx(1)
    assert expected("window", 0.1, batch=1, slots=8) == pytest.approx(1 + 0.1 * 7 / 2)
    assert alone < expected("window", 0.1, batch=1, slots=slots) < 1 + 0.1 * 7 / 2


@pytest.mark.parametrize(
    ("name", "batch", "slots", "makespan", "evaluations"),
    [
        ("serial", 10, 1, 100, 100),
        ("window", 10, 20, 5, 100),
        ("best-first", 10, 20, 5, 100),
        ("halving", 10, 1, 10, 10),
        ("tide", 10, 1, 10, 20),
        ("k-ary", 10, 5, 2, 10),
        ("merge-hub", 10, 1, 10, 10),
    ],
)
def test_where_nobody_is_bad_everything_lands_at_full_width(
    name: str, batch: int, slots: int, makespan: float, evaluations: int
) -> None:
    tally = played(name, load_of(100), batch=batch, slots=slots, bad=0)

    assert (tally.makespan, tally.evaluations, len(tally.landed)) == (makespan, evaluations, 100)


@pytest.mark.parametrize("name", EVERY)
def test_where_all_are_bad_every_strategy_refuses_all(name: str) -> None:
    assert len(played(name, load_of(40, bad=1), batch=8, slots=5, bad=1).refused) == 40


def test_halving_takes_two_runs_less_one_for_each_of_a_batch_that_is_all_bad() -> None:
    assert played("halving", load_of(40, bad=1), batch=8).evaluations == 5 * (2 * 8 - 1)


ORACLES = pytest.mark.parametrize(
    ("name", "setting", "bad", "resolved", "cost"),
    [
        ("window", {"slots": 20}, 0.05, 12.83, 1.56),
        ("window", {"slots": 20}, 0.10, 8.78, 2.28),
        ("tide", {"batch": 8}, 0.05, 3.22, 0.62),
        ("tide", {"batch": 8}, 0.10, 2.12, 0.94),
        ("halving", {"batch": 8}, 0.05, 1 / 0.399, 0.399),
        ("halving", {"batch": 8}, 0.10, 1 / 0.629, 0.629),
        ("halving-inference", {"batch": 8}, 0.05, 1 / 0.335, 0.335),
        ("halving-inference", {"batch": 8}, 0.10, 1 / 0.518, 0.518),
    ],
)
"""Resolved per gate time and evaluations per pull request, in a line without end."""


@ORACLES
def test_a_long_line_is_resolved_at_the_rate_that_is_known(
    name: str, setting: dict[str, int], bad: float, resolved: float, cost: float
) -> None:
    assert rates(name, setting, bad, Load(of_exactly(6000, bad), seed=0)) == pytest.approx((resolved, cost), rel=0.03)


@pytest.mark.long
@ORACLES
def test_a_very_long_line_is_as_well_and_closer(
    name: str, setting: dict[str, int], bad: float, resolved: float, cost: float
) -> None:
    assert rates(name, setting, bad, load_of(240_000, bad)) == pytest.approx((resolved, cost), rel=0.02)


def rates(name: str, setting: dict[str, int], bad: float, load: Load) -> tuple[float, float]:
    tally = played(name, load, bad=bad, **setting)
    return load.population.count / tally.makespan, tally.evaluations / load.population.count


HUNDRED = {
    ("window", 8, 5): "20.7/1.02 21.2/1.04 22.6/1.11 24.8/1.22 30.2/1.48",
    ("window", 8, 20): "5.8/1.10 6.5/1.20 8.4/1.55 12.1/2.21 20.9/3.82",
    ("adaptive-window", 8, 20): "4.2/1.18 5.4/1.31 9.3/1.60 16.4/1.80 29.5/1.87",
    ("window", 8, 100): "2.1/1.52 3.0/2.04 6.0/3.56 10.9/6.04 20.8/10.96",
    ("tide", 8, 1): "17.1/.34 20.9/.42 31.4/.63 47.0/.94 71.7/1.43",
    ("halving", 8, 1): "19.2/.19 24.8/.25 40.3/.40 62.7/.63 98.6/.99",
    ("halving-inference", 8, 1): "17.6/.18 21.9/.22 33.8/.34 51.5/.52 81.6/.82",
    # By the formula for halves of a hundred the first is 12.9: of 600 repetitions, as the table has it, that is noise.
    ("halving", 128, 1): "12.9/.13 22.9/.23 45.1/.45 72.8/.73 111.6/1.12",
    ("k-ary", 4, 5): "6.9/.31 8.5/.36 13.5/.54 22.0/.86 40.9/1.56",
    ("k-ary", 8, 5): "5.7/.20 8.3/.27 16.6/.48 30.8/.87 60.2/1.67",
    ("best-first", 8, 20): "5.9/1.17 6.6/1.29 8.6/1.68 12.1/2.37 17.8/3.49",
}
"""Makespan and evaluations per pull request of a hundred that wait, with 1, 2, 5, 10 and 20 % of them bad."""
SHARES = (0.01, 0.02, 0.05, 0.10, 0.20)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "batch", "slots", "bad", "told"),
    [(*setting, bad, told) for setting, row in HUNDRED.items() for bad, told in zip(SHARES, row.split(), strict=True)],
)
def test_a_hundred_that_wait_take_what_the_table_says(name: str, batch: int, slots: int, bad: float, told: str) -> None:
    parameters = Parameters(strategies=(name,), bad=bad, batch=batch, slots=slots, repetitions=2000)
    (found,) = compare(parameters).strategies
    makespan, cost = map(float, told.split("/"))

    # What is told is rounded.
    assert found.makespan.mean == pytest.approx(makespan, abs=0.03 * makespan + 0.05)
    assert found.evaluations.mean == pytest.approx(cost, abs=0.03 * cost + 0.005)
