"""The imagined queues of `merge-hub simulate`: no Prefect, no code host, nothing of the world but the chart's file."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tasks.domain.simulation.comparison import Comparison, Parameters, UnusableParameters, compare
from tasks.domain.simulation.recorded import as_recorded, recorded_load
from tasks.domain.simulation.strategies import EVERY

ENOUGH = 20
"""Repetitions behind a chart where none are asked for: one population alone would be an accident."""
CHART_SLOTS = (1, 2, 5, 20)
FORMATS = frozenset({".png", ".svg"})


Strategies = Annotated[
    list[str] | None, typer.Option("--strategy", metavar="NAME", help=f"One or more of {', '.join(EVERY)}.")
]
Bad = Annotated[float, typer.Option(metavar="P", help="The probability that a pull request is bad.")]
Count = Annotated[int, typer.Option(metavar="N", help="How many pull requests there are.")]
Batch = Annotated[int, typer.Option(metavar="B", help="The largest group that is tested together.")]
Slots = Annotated[int, typer.Option(metavar="W", help="How many runs there may be at once.")]
Flake = Annotated[float, typer.Option(metavar="F", help="The probability that a run is red for no reason.")]
Interaction = Annotated[
    float, typer.Option(metavar="C", help="The probability that a pair fails together and only then.")
]
Seed = Annotated[int, typer.Option(metavar="S", help="Of all that is accidental; the same one, the same output.")]
Repetitions = Annotated[
    int, typer.Option(metavar="R", help="How many populations to take the mean of, with the seeds S, S+1, …")
]
Arrivals = Annotated[
    float | None, typer.Option(metavar="RATE", help="Pull requests that arrive in a gate time; else all wait at once.")
]
Peak = Annotated[
    float | None,
    typer.Option(metavar="FACTOR", help="Arrivals follow a working day: so many times their mean in its peak hours."),
]
PeakHours = Annotated[str, typer.Option(metavar="HOUR-HOUR", help="When most arrive, where --peak says how many more.")]
Day = Annotated[
    float, typer.Option(metavar="LENGTH", help="Gate times in a day: 144 is a day where a gate takes ten minutes.")
]
GateTime = Annotated[
    float, typer.Option(metavar="SPREAD", help="Of the gate time: the standard deviation of its logarithm.")
]
FailFast = Annotated[
    float, typer.Option(metavar="PHI", help="After which part of its time a red run is known to be red.")
]
Retries = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="How often merge-hub asks a gate again that said no; else as configured: once, and not without flakes.",
    ),
]
Recorded = Annotated[
    str | None,
    typer.Option(
        metavar="OWNER/NAME", help="Take the load from the audit log of this repository; other options go before it."
    ),
]
Plot = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Draw makespan and cost for 1, 2, 5 and 20 slots: .svg or .png.")
]


LOAD = {"bad": "bad", "count": "count", "flake": "flake", "interaction": "interaction", "arrivals": "arrivals"} | {
    "gate_time": "spread"
}
"""Which option of the command says what of a load."""


def given_on(context: typer.Context) -> frozenset[str]:
    """What of a load was said on the command line."""
    sources = {option: context.get_parameter_source(option) for option in LOAD}
    return frozenset(LOAD[option] for option, source in sources.items() if source and source.name == "COMMANDLINE")


def hours_of(text: str) -> tuple[float, float]:
    """Two hours of a day. Raises UnusableParameters."""
    begins, _, ends = text.partition("-")
    try:
        return float(begins), float(ends)
    except ValueError as error:
        raise UnusableParameters(f"--peak-hours is {text!r} and must be two hours of one day, such as 9-17") from error


def with_recorded(parameters: Parameters, repository: str | None, given: frozenset[str]) -> Parameters:
    """Raises UnusableParameters for a repository of which nothing is on record."""
    if repository is None:
        return parameters
    from flows import wiring  # noqa: PLC0415 -- an imagined queue needs nothing of it

    with wiring.open_records() as records:
        own = [each for each in records.log.events() if each.repository and _is(repository, each.repository.name)]
    return as_recorded(parameters, repository, recorded_load(repository, own, parameters.batch), given)


def _is(repository: str, name: str) -> bool:
    return name.casefold() == repository.casefold()


def simulated(parameters: Parameters, chart: Path | None) -> Comparison:
    """What `parameters` come to; draws the chart as well where a file is named. Raises UnusableParameters first."""
    if chart is None:
        return compare(parameters)
    if chart.suffix.lower() not in FORMATS:
        raise UnusableParameters(f"--plot is {chart} and must end with .png or .svg")
    if not chart.parent.is_dir():
        raise UnusableParameters(f"--plot is {chart}, and there is no directory {chart.parent}")
    from flows.frontier import draw  # noqa: PLC0415 -- what draws is loaded only for those who want a picture

    found = compare(parameters)
    picture = draw(frontier(parameters), chart.suffix.lower().removeprefix("."))
    try:
        chart.write_bytes(picture)
    except OSError as error:
        raise UnusableParameters(f"--plot cannot be written: {error}") from error
    return found


def frontier(parameters: Parameters) -> tuple[Comparison, ...]:
    """Every strategy and variant, with each number of slots."""
    every = replace(parameters, strategies=tuple(EVERY), repetitions=max(parameters.repetitions, ENOUGH))
    return tuple(compare(replace(every, slots=slots)) for slots in CHART_SLOTS)
