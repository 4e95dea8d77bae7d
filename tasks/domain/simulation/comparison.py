"""
Strategies compared on one load: each of them meets the same pull requests, the same clashes and the same flakes.

With several repetitions the seeds are `seed`, `seed + 1` and so on, and figures are means over them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from tasks.domain.group_testing import nested_plan
from tasks.domain.simulation.arrivals import HOURS, Day
from tasks.domain.simulation.backlog import Load, Tally, play
from tasks.domain.simulation.population import population
from tasks.domain.simulation.strategies import EVERY, STRATEGIES, Setting

LONG = 400
"""Members after which each further one costs what the one before it did."""
LARGEST_WORKED_OUT = 128
PEAK_HOURS, DAY = (9.0, 17.0), 144.0
"""When most arrive if nothing else is said, and the gate times in a day where a gate takes ten minutes."""
HIGH = 0.95
"""The share of pull requests that wait no longer than what is told as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """
    As the command line has them; what each means to a run is said by `Load` and `Setting`.

    `recorded` names the repository whose record they were taken from, None where they are imagined.
    """

    strategies: tuple[str, ...] = tuple(STRATEGIES)
    bad: float = 0.05
    count: int = 100
    batch: int = 10
    slots: int = 1
    flake: float = 0.0
    interaction: float = 0.0
    seed: int = 0
    repetitions: int = 1
    arrivals: float | None = None
    peak: float | None = None
    peak_hours: tuple[float, float] = PEAK_HOURS
    day: float = DAY
    spread: float = 0.0
    fail_fast: float = 1.0
    retries: int | None = None
    recorded: str | None = None

    @property
    def asked_again(self) -> int:
        """As configuration has it where nothing is said of it, and not at all where there is no flake to find."""
        return int(self.flake > 0) if self.retries is None else self.retries


@dataclass(frozen=True, slots=True)
class Measure:
    """`error` is the standard error of the mean, None of a single value."""

    mean: float
    error: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """
    What one strategy came to; times are in gate times.

    Evaluations and confirmations are per pull request; half of the pull requests wait no longer than `wait`, and 19 of
    20 no longer than `long_wait`.
    """

    name: str
    evaluations: Measure
    confirmations: Measure
    makespan: Measure
    merged: Measure
    refused: Measure
    false_refusals: Measure
    wait: Measure
    long_wait: Measure


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Beside the strategies what can be known of any: both are evaluations per pull request without flakes and clashes.

    `entropy_bound` holds for every way to test groups of any size. `optimal_nested` is what the best search costs that
    tests neighbours in order, one run at a time, in groups of the batch size at most, if it knows the share of bad
    ones; None where that takes too long to work out.
    """

    parameters: Parameters
    strategies: tuple[Figures, ...]
    entropy_bound: float
    optimal_nested: float | None


class UnusableParameters(ValueError):
    """Says all that is wrong at once."""

    remedy = "see `merge-hub simulate --help`"


def compare(parameters: Parameters) -> Comparison:
    """Raises UnusableParameters before anything is simulated."""
    if found := mistakes(parameters):
        raise UnusableParameters("\n".join(found))
    loads = [_load(parameters, seed) for seed in range(parameters.seed, parameters.seed + parameters.repetitions)]
    setting = Setting(parameters.batch, parameters.slots, parameters.bad, parameters.asked_again)
    return Comparison(
        parameters=parameters,
        strategies=tuple(
            _figures(name, parameters.count, [play(load, EVERY[name].make(setting)) for load in loads])
            for name in parameters.strategies
        ),
        entropy_bound=entropy(parameters.bad),
        optimal_nested=optimal_nested(parameters.count, parameters.bad, parameters.batch),
    )


def mistakes(parameters: Parameters) -> tuple[str, ...]:
    """Everything that keeps `parameters` from being simulated, in the words of the command line."""
    shares = {"bad": parameters.bad, "flake": parameters.flake, "interaction": parameters.interaction}
    counts = {
        "count": parameters.count,
        "batch": parameters.batch,
        "slots": parameters.slots,
        "repetitions": parameters.repetitions,
    }
    unknown = [name for name in parameters.strategies if name not in EVERY]
    found = [f"no strategy is called {name!r}, choose of {', '.join(EVERY)}" for name in unknown]
    found += [f"--{name} is {value:g} and must be from 0 to 1" for name, value in shares.items() if not 0 <= value <= 1]
    found += [f"--{name} is {value} and must be at least 1" for name, value in counts.items() if value < 1]
    if parameters.arrivals is not None and not 0 < parameters.arrivals < math.inf:
        found.append(f"--arrivals is {parameters.arrivals:g} and must be more than 0")
    found += _mistakes_of_days(parameters)
    if not 0 <= parameters.spread < math.inf:
        found.append(f"--gate-time is {parameters.spread:g} and must be 0 or more")
    if parameters.asked_again < 0:
        found.append(f"--retries is {parameters.retries} and must be 0 or more")
    if not 0 < parameters.fail_fast <= 1:
        found.append(f"--fail-fast is {parameters.fail_fast:g} and must be more than 0 and at most 1")
    return tuple(found)


def _mistakes_of_days(parameters: Parameters) -> Iterator[str]:
    (begins, ends), peak = parameters.peak_hours, parameters.peak
    if not 0 <= begins < ends <= HOURS or ends - begins == HOURS:
        yield f"--peak-hours is {begins:g}-{ends:g} and must be two hours of one day, such as 9-17"
    elif peak is not None and not 0 < peak * (ends - begins) <= HOURS:
        most = HOURS / (ends - begins)
        yield f"--peak is {peak:g} and must be more than 0 and at most {most:g}: all of a day in those hours"
    if not 0 < parameters.day < math.inf:
        yield f"--day is {parameters.day:g} and must be more than 0"
    if peak is not None and parameters.arrivals is None:
        yield "--peak says how arrivals are spread over a day, and --arrivals does not say how many there are"


def entropy(bad: float) -> float:
    """The bits that it takes to say of one pull request whether it is bad."""
    return sum(-share * math.log2(share) for share in (bad, 1 - bad) if share > 0)


def optimal_nested(count: int, bad: float, batch: int) -> float | None:
    if min(batch, count) > LARGEST_WORKED_OUT:
        return None
    expected = nested_plan((bad,) * min(count, LONG), min(batch, count)).expected
    further = (expected[0] - expected[len(expected) // 2]) / (len(expected) // 2)
    return (expected[0] + (count - min(count, LONG)) * further) / count


def _load(parameters: Parameters, seed: int) -> Load:
    return Load(
        population=population(parameters.count, parameters.bad, parameters.interaction, seed),
        seed=seed,
        flake=parameters.flake,
        arrivals=parameters.arrivals,
        day=None if parameters.peak is None else Day(parameters.day, *parameters.peak_hours, parameters.peak),
        spread=parameters.spread,
        fail_fast=parameters.fail_fast,
    )


def _figures(name: str, count: int, tallies: Sequence[Tally]) -> Figures:
    def measure(value: Callable[[Tally], float]) -> Measure:
        values = [value(tally) for tally in tallies]
        return Measure(fmean(values), stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None)

    return Figures(
        name=name,
        evaluations=measure(lambda tally: tally.evaluations / count),
        confirmations=measure(lambda tally: tally.confirmations / count),
        makespan=measure(lambda tally: tally.makespan),
        merged=measure(lambda tally: len(tally.landed)),
        refused=measure(lambda tally: len(tally.refused)),
        false_refusals=measure(lambda tally: tally.false_refusals),
        wait=measure(lambda tally: _quantile(tally.waits, 0.5)),
        long_wait=measure(lambda tally: _quantile(tally.waits, HIGH)),
    )


def _quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many are not above."""
    return sorted(values)[math.ceil(share * len(values)) - 1]
