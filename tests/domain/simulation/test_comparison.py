"""What is told of several strategies on one load, and what of the best that is possible."""

import math

import pytest

from tasks.domain.simulation.comparison import (
    Parameters,
    UnusableParameters,
    compare,
    entropy,
    mistakes,
    optimal_nested,
)
from tasks.domain.simulation.report import caption, document, rows
from tasks.domain.simulation.strategies import EVERY, STRATEGIES


def test_figures_are_means_over_the_seeds_that_follow() -> None:
    every = [compare(Parameters(strategies=("tide",), count=30, seed=seed)).strategies[0] for seed in (4, 5, 6)]

    (mean,) = compare(Parameters(strategies=("tide",), count=30, seed=4, repetitions=3)).strategies

    assert mean.makespan.mean == pytest.approx(sum(each.makespan.mean for each in every) / 3)
    assert mean.evaluations.error is not None


def test_one_population_has_no_error_that_could_be_told() -> None:
    (figures,) = compare(Parameters(strategies=("serial",), count=30)).strategies

    assert (figures.evaluations.error, figures.makespan.error) == (None, None)


def test_half_wait_no_longer_than_the_median_and_19_of_20_no_longer_than_the_long_wait() -> None:
    (serial,) = compare(Parameters(strategies=("serial",))).strategies

    assert (serial.wait.mean, serial.long_wait.mean) == (50, 95)


@pytest.mark.parametrize(("bad", "bits"), [(0.0, 0.0), (0.05, 0.2864), (0.5, 1.0), (1.0, 0.0)])
def test_the_entropy_bound_is_what_one_answer_is_worth(bad: float, bits: float) -> None:
    assert entropy(bad) == pytest.approx(bits, abs=0.0001)


@pytest.mark.parametrize("count", [1, 2, 7, 399, 400, 401, 5000])
def test_the_optimum_of_a_line_is_worked_out_for_short_ones_and_goes_on_evenly(count: int) -> None:
    found = optimal_nested(count, 0.05, 10)

    assert found is not None
    assert entropy(0.05) < found <= 1
    assert count < 100 or math.isclose(found, 0.2917, rel_tol=0.01)


def test_groups_that_are_too_large_have_no_optimum_that_could_be_worked_out() -> None:
    found = compare(Parameters(strategies=("serial",), count=200, batch=200))

    assert (found.optimal_nested, document(found)["optimal_nested"]) == (None, None)
    assert [row[0] for row in rows(found)] == ["serial", "entropy bound"]


def test_counts_are_whole_where_there_is_one_population() -> None:
    told = document(compare(Parameters(count=20)))["strategies"]

    assert [each["name"] for each in told] == list(STRATEGIES)
    assert {type(each[key]) for each in told for key in ("merged", "refused", "false_refusals")} == {int}


def test_confirmations_are_told_beside_evaluations() -> None:
    (row,) = [row for row in rows(compare(Parameters(flake=0.05, seed=1))) if row[0] == "merge-hub"]

    assert " + " in row[1]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (Parameters(bad=1.5), "--bad is 1.5 and must be from 0 to 1"),
        (Parameters(bad=math.nan), "--bad is nan and must be from 0 to 1"),
        (Parameters(flake=-0.1), "--flake is -0.1 and must be from 0 to 1"),
        (Parameters(interaction=2), "--interaction is 2 and must be from 0 to 1"),
        (Parameters(count=0), "--count is 0 and must be at least 1"),
        (Parameters(batch=0), "--batch is 0 and must be at least 1"),
        (Parameters(slots=-1), "--slots is -1 and must be at least 1"),
        (Parameters(repetitions=0), "--repetitions is 0 and must be at least 1"),
        (Parameters(arrivals=0), "--arrivals is 0 and must be more than 0"),
        (
            Parameters(arrivals=1, peak=4),
            "--peak is 4 and must be more than 0 and at most 3: all of a day in those hours",
        ),
        (Parameters(peak_hours=(17, 9)), "--peak-hours is 17-9 and must be two hours of one day, such as 9-17"),
        (Parameters(peak_hours=(0, 24)), "--peak-hours is 0-24 and must be two hours of one day, such as 9-17"),
        (Parameters(day=0), "--day is 0 and must be more than 0"),
        (
            Parameters(peak=2),
            "--peak says how arrivals are spread over a day, and --arrivals does not say how many there are",
        ),
        (Parameters(spread=math.inf), "--gate-time is inf and must be 0 or more"),
        (Parameters(fail_fast=0), "--fail-fast is 0 and must be more than 0 and at most 1"),
        (Parameters(retries=-1), "--retries is -1 and must be 0 or more"),
        (
            Parameters(strategies=("luck",)),
            f"no strategy is called 'luck', choose of {', '.join(EVERY)}",
        ),
    ],
)
def test_each_parameter_that_cannot_be_has_a_sentence(parameters: Parameters, sentence: str) -> None:
    assert mistakes(parameters) == (sentence,)


def test_nothing_is_simulated_where_anything_is_wrong_and_all_of_it_is_told() -> None:
    with pytest.raises(UnusableParameters) as refused:
        compare(Parameters(bad=-1, batch=0))

    assert str(refused.value).splitlines() == [
        "--bad is -1 and must be from 0 to 1",
        "--batch is 0 and must be at least 1",
    ]


@pytest.mark.parametrize(
    ("repetitions", "told"),
    [
        (1, "one population of seed 7: take the mean of more with --repetitions"),
        (3, "means of 3 populations; times in gate times"),
    ],
)
def test_what_the_rows_are_about_is_said_below_them(repetitions: int, told: str) -> None:
    found = compare(Parameters(strategies=("serial",), count=5, bad=0.125, seed=7, repetitions=repetitions))

    assert caption(found) == f"5 pull requests, 12.5 % of them bad, batches of 10, slots: 1; {told}"
