"""What holds for every strategy on every load: who lands, who is refused, and by how many evaluations at least."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.simulation.backlog import Load, Tally
from tasks.domain.simulation.population import Population, population
from tasks.domain.simulation.strategies import EVERY
from tests.domain.simulation.playing import load_of, played

NAMES = st.sampled_from(sorted(EVERY))
SHARES = st.sampled_from([0.0, 0.05, 0.3, 1.0])
SLOTS = st.integers(1, 7)
BATCHES = st.integers(1, 9)
SOME = settings(deadline=None, max_examples=40)


@st.composite
def loads(draw: st.DrawFn, *, flake: bool = False) -> Load:
    count, seed = draw(st.integers(1, 15)), draw(st.integers(0, 1000))
    return Load(
        population=population(count, draw(SHARES), draw(st.sampled_from([0.0, 0.02])), seed),
        seed=seed,
        flake=draw(st.sampled_from([0.05, 0.5])) if flake else 0.0,
        arrivals=draw(st.sampled_from([None, 0.7, 4.0])),
        spread=draw(st.sampled_from([0.0, 0.5])),
        fail_fast=draw(st.sampled_from([1.0, 0.3])),
    )


def broken(load: Load, tally: Tally) -> list[int | tuple[int, int]]:
    """Who landed and is bad, and which pairs landed and clash."""
    landed = {*tally.landed}
    return [*(landed & load.population.bad), *(pair for pair in load.population.clashing if {*pair} <= landed)]


@SOME
@given(name=NAMES, load=loads(), batch=BATCHES, slots=SLOTS)
def test_everybody_lands_or_is_refused_and_what_lands_is_good(name: str, load: Load, batch: int, slots: int) -> None:
    tally = played(name, load, batch=batch, slots=slots)

    assert sorted(tally.landed + tally.refused) == list(range(1, load.population.count + 1))
    assert broken(load, tally) == []
    assert tally.false_refusals == 0


@SOME
@given(name=NAMES, load=loads(flake=True), batch=BATCHES, slots=SLOTS)
def test_with_flakes_some_are_refused_for_no_reason_and_still_nothing_bad_lands(
    name: str, load: Load, batch: int, slots: int
) -> None:
    tally = played(name, load, batch=batch, slots=slots)

    assert sorted(tally.landed + tally.refused) == list(range(1, load.population.count + 1))
    assert broken(load, tally) == []
    assert tally.false_refusals <= len(tally.refused)


@SOME
@given(name=NAMES, load=loads(), batch=BATCHES, slots=SLOTS)
def test_the_same_load_is_played_the_same_way_each_time(name: str, load: Load, batch: int, slots: int) -> None:
    assert played(name, load, batch=batch, slots=slots) == played(name, load, batch=batch, slots=slots)


@SOME
@given(load=loads(), batch=BATCHES, slots=SLOTS)
def test_without_clashes_and_flakes_all_strategies_refuse_the_same_ones(load: Load, batch: int, slots: int) -> None:
    alone = Load(population=population(load.population.count, 0.2, 0, load.seed), seed=load.seed)

    assert {frozenset(played(name, alone, batch=batch, slots=slots).refused) for name in EVERY} == {
        alone.population.bad
    }


@pytest.mark.parametrize("name", EVERY)
def test_of_two_that_clash_the_one_behind_is_refused(name: str) -> None:
    clashing = load_of(2, interaction=1)

    tally = played(name, clashing)

    assert (tally.landed, tally.refused, tally.false_refusals) == ([1], [2], 0)


@pytest.mark.parametrize("name", EVERY)
def test_a_run_that_is_always_red_refuses_everybody_falsely(name: str) -> None:
    tally = played(name, load_of(12, flake=1), slots=3)

    assert (tally.landed, len(tally.refused), tally.false_refusals) == ([], 12, 12)


def test_runs_of_the_same_tree_flake_for_every_strategy_alike() -> None:
    load = load_of(300, flake=0.1)

    assert played("serial", load).refused == played("window", load, slots=1).refused


def test_who_arrives_one_by_one_is_tested_one_by_one() -> None:
    tally = played("halving", load_of(50, arrivals=0.01))

    assert tally.evaluations == 50
    assert {round(wait, 6) for wait in tally.waits} == {1.0}


def test_a_serial_queue_waits_as_queueing_theory_says() -> None:
    """M/D/1: with half of the capacity used, half a gate time on average, and one for the run itself."""
    waits = played("serial", load_of(6000, arrivals=0.5)).waits

    assert sum(waits) / len(waits) == pytest.approx(1.5, rel=0.03)


def test_a_red_run_that_tells_early_costs_that_part_of_a_gate_time() -> None:
    tally = played("serial", load_of(10, bad=1, fail_fast=0.25))

    assert tally.makespan == 2.5


def test_gate_times_spread_around_one() -> None:
    tally = played("serial", load_of(5000, spread=0.5))

    assert tally.makespan / 5000 == pytest.approx(1, rel=0.02)


def test_a_window_that_has_to_begin_anew_stops_what_runs_and_has_paid_for_it() -> None:
    """The first of four tells early that it is bad: the three behind it are begun anew on top of nobody."""
    bad_first = Load(population=Population(4, frozenset({1}), frozenset()), seed=0, fail_fast=0.5)

    tally = played("window", bad_first, slots=4)

    assert (tally.evaluations, tally.makespan) == (7, 1.5)


def test_who_fails_behind_others_is_left_out_by_those_behind_it_and_refused_when_those_ahead_have_landed() -> None:
    """The second of three tells early that it is bad; the third is begun anew on top of the first at once."""
    second = Load(population=Population(3, frozenset({2}), frozenset()), seed=0, fail_fast=0.5)

    tally = played("window", second, slots=3)

    assert (tally.landed, tally.refused) == ([1, 3], [2])
    assert (tally.evaluations, tally.makespan, tally.waits) == (4, 1.5, [1.0, 1.0, 1.5])
