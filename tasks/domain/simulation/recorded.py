"""
The load that one repository has had, as its audit log shows it.

What is counted: heads that gates came to an answer on and the share that they refused; answers that a later run of the
same tree took back; pairs that failed together only, among all pairs that were in one batch's reach; how long the gates
of a candidate took side by side, and how many pull requests came in that time.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import fmean, stdev

from tasks.domain.audit import Event, EventType
from tasks.domain.memory import recall
from tasks.domain.remembered import moment_of
from tasks.domain.simulation.comparison import Parameters, UnusableParameters

LEAST_TIMES = 2
"""Of which a spread can be told."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """`seconds` is how long a candidate's gates take on average; `arrivals` come in that time, None of a single one."""

    count: int
    bad: float
    flake: float
    interaction: float
    seconds: float
    spread: float
    arrivals: float | None


def recorded_load(repository: str, events: Iterable[Event], reach: int) -> Recorded:
    """
    `events` are those of `repository`; pairs that are at most `reach` apart may be tested together.

    Raises UnusableParameters where no gate has come to an answer yet.
    """
    known = tuple(events)
    memory = recall(known)
    count = len(memory.judged)
    times = _candidate_seconds(known)
    if not count or not times:
        raise UnusableParameters(f"--recorded: gates have come to no answer on a pull request of {repository} yet")
    seconds = fmean(times.values())
    pairs = count * min(reach, max(1, count - 1))
    alone = sum(judged.bad for judged in memory.judged) - memory.interactions
    return Recorded(
        count=count,
        bad=max(0, alone) / count,
        flake=memory.gates.flake_rate,
        interaction=memory.interactions / pairs,
        seconds=seconds,
        spread=_spread(times.values()),
        arrivals=_pace(known, seconds),
    )


def as_recorded(parameters: Parameters, repository: str, found: Recorded, given: frozenset[str]) -> Parameters:
    """`parameters` with what is on record, but for what was `given` by its name."""
    on_record = {
        "count": found.count,
        "bad": found.bad,
        "flake": found.flake,
        "interaction": found.interaction,
        "spread": found.spread,
        "arrivals": found.arrivals,
    }
    taken = {name: value for name, value in on_record.items() if name not in given}
    return replace(parameters, recorded=repository, **taken)  # type: ignore[arg-type]  # each has its field's type


def _candidate_seconds(events: Iterable[Event]) -> Mapping[str, float]:
    """By candidate, the time of its slowest gate: they run side by side."""
    slowest: dict[str, float] = {}
    for event in events:
        if event.type is EventType.GATE_FINISHED:
            candidate, seconds = str(event.data["candidate"]), int(str(event.data["milliseconds"])) / 1000
            slowest[candidate] = max(seconds, slowest.get(candidate, 0.0))
    return slowest


def _spread(times: Iterable[float]) -> float:
    logarithms = [math.log(time) for time in times if time > 0]
    return stdev(logarithms) if len(logarithms) >= LEAST_TIMES else 0.0


def _pace(events: Iterable[Event], seconds: float) -> float | None:
    """Pull requests that were first spoken of, in the time of one candidate; None where they all came at once."""
    first: dict[int, datetime] = {}
    for event in events:
        number = event.subject.get("pull_request")
        if isinstance(number, int):
            first.setdefault(number, moment_of(event))
    if not first:
        return None
    took = (max(first.values()) - min(first.values())).total_seconds()
    return (len(first) - 1) * seconds / took if took > 0 and seconds > 0 else None
