"""
What the audit log says of how fast and how well pull requests land: plain rows, one a fact.

- Merge time runs from the opening of the pull request to the record of its landing.
- Gate attempts are executions; a cached result is none. An attempt that errored came to no answer, so the success rate
  is passed / (passed + failed + timed out).
- A landing is compliant if the decision that it cites allowed it with every blocking rule satisfied; a landing for
  which no such decision is on record is not.
- A row belongs to the window that its last event falls in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt

from tasks.domain.audit import Event, EventType
from tasks.domain.reasons import Outcome

CONFIDENCE = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""

LEAST_FOR_MEDIAN = 5
LEAST_FOR_NINETIETH = 20
"""With fewer values a percentile says more about chance than about the team."""


@dataclass(frozen=True, slots=True)
class LandingRow:
    """`hours` is None where the record does not say when the pull request was opened."""

    team: str
    repository: str
    pull_request: int
    hours: float | None
    compliant: bool


@dataclass(frozen=True, slots=True)
class GateRow:
    team: str
    repository: str
    gate: str
    verdict: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A pull request whose latest verdict is that it does not land."""

    team: str
    repository: str
    pull_request: int
    outcome: str


@dataclass(frozen=True, slots=True)
class Facts:
    """`events` is how many the log had, `newest` the time of the last of them, None for an empty log."""

    landings: tuple[LandingRow, ...]
    gates: tuple[GateRow, ...]
    open: tuple[OpenRow, ...]
    events: int = 0
    newest: str | None = None


def facts_of(events: Iterable[Event], *, since: datetime | None, until: datetime | None) -> Facts:
    """The facts from `since` on and before `until`, in the order of the log; None is no bound."""
    landings: list[LandingRow] = []
    gates: list[GateRow] = []
    latest: dict[tuple[str, int], OpenRow] = {}
    allowed: set[tuple[object, ...]] = set()
    size, newest = 0, None
    for event in events:
        size, newest = event.seq, event.time
        team, repository = event.team or "", event.repository.name if event.repository else ""
        identifier = event.repository.id if event.repository else ""
        inside = _inside(event.time, since, until)
        match event.type:
            case EventType.POLICY_DECIDED:
                allowed |= {_landing_key(event)} if _allows(event) else set()
            case EventType.MERGE_COMPLETED:
                number = int(str(event.subject["pull_request"]))
                latest.pop((identifier, number), None)
                if inside:
                    compliant = _landing_key(event) in allowed
                    landings.append(LandingRow(team, repository, number, _hours(event), compliant))
            case EventType.GATE_FINISHED | EventType.LANDING_TESTED if inside:
                gates.append(_gate(event, team, repository))
            case EventType.CHANGE_EVALUATED if inside:
                number = int(str(event.subject["pull_request"]))
                outcome = Outcome(str(event.data["outcome"])).value
                latest[identifier, number] = OpenRow(team, repository, number, outcome)
            case _:
                pass
    return Facts(tuple(landings), tuple(gates), tuple(latest.values()), size, newest)


def facts_of_team(facts: Facts, team: str) -> Facts:
    return replace(
        facts,
        landings=tuple(row for row in facts.landings if row.team == team),
        gates=tuple(row for row in facts.gates if row.team == team),
        open=tuple(row for row in facts.open if row.team == team),
    )


def wilson(successes: int, attempts: int) -> tuple[float, float] | None:
    """The 95 % interval of a success rate; None without an attempt. Honest for few attempts and for rates near 1."""
    if attempts == 0:
        return None
    share, square = successes / attempts, CONFIDENCE * CONFIDENCE
    middle = (share + square / (2 * attempts)) / (1 + square / attempts)
    spread = CONFIDENCE * sqrt(share * (1 - share) / attempts + square / (4 * attempts**2)) / (1 + square / attempts)
    return max(0.0, middle - spread), min(1.0, middle + spread)


def _gate(event: Event, team: str, repository: str) -> GateRow:
    milliseconds = event.data["milliseconds"]
    return GateRow(
        team=team,
        repository=repository,
        gate=str(event.subject["gate"]),
        verdict=str(event.data["verdict"]),
        seconds=milliseconds / 1000 if isinstance(milliseconds, int | float) else 0.0,
    )


def _landing_key(event: Event) -> tuple[object, ...]:
    about = event.repository.id if event.repository else None
    return (about, event.subject.get("pull_request"), event.subject.get("head"), event.subject.get("candidate"))


def _allows(event: Event) -> bool:
    rules = event.data["rules"]
    judged = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    blocking = [rule for rule in judged if rule.get("enforcement") == "block"]
    return event.data["decision"] == "allow" and bool(blocking) and all(_passed(rule) for rule in blocking)


def _passed(rule: Mapping[str, object]) -> bool:
    return rule.get("result") in {"pass", "not_applicable"}


def _hours(event: Event) -> float | None:
    opened = event.data.get("opened_at")
    if not isinstance(opened, str):
        return None
    return (datetime.fromisoformat(event.time) - datetime.fromisoformat(opened)).total_seconds() / 3600


def _inside(time: str, since: datetime | None, until: datetime | None) -> bool:
    moment = datetime.fromisoformat(time)
    return (since is None or moment >= since) and (until is None or moment < until)
