"""
What the log holds of one pull request at one head: how it stands, what gated it, how it was judged, why it landed.

Gate results are matched by the exact tree that was announced or refused, or the exact candidate that was judged; a
result of another head is never shown for this one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.model import CommitSha
from tasks.domain.standing import Standing, standings


@dataclass(frozen=True, slots=True)
class Dossier:
    """`gates` are gate.finished, the latest of each gate; the others are None where the log has none for this head."""

    standing: Standing
    gates: tuple[Event, ...]
    decision: Event | None
    intent: Event | None
    landing: Event | None

    @property
    def grounds(self) -> str | None:
        """The digest of what the decision to land rested on."""
        found = None if self.intent is None else self.intent.data.get("grounds")
        return None if found is None else str(found)


class History(Protocol):
    """Reads the events of one repository up to some moment, in order, and anew each time."""

    def __call__(self, types: frozenset[EventType] | None, /) -> Iterable[Event]: ...


def concerning(news: Sequence[Event], earlier: History) -> tuple[Event, ...]:
    """
    The news, and before them all that the dossiers of the pull requests in them rest on.

    What was `earlier` is gone through and not held in mind: it is as long as the repository is old.
    """
    touched = {_number(event) for event in news if "pull_request" in event.subject}
    about = [event for event in earlier(None) if event.subject.get("pull_request") in touched]
    told = (*about, *news)
    trees = {event.data["tree"] for event in told if event.type in {EventType.MERGE_INTENT, EventType.GATE_REFUSED}}
    judged = {event.subject["candidate"] for event in told if event.type is EventType.POLICY_DECIDED}
    gates = [
        event
        for event in earlier(frozenset({EventType.GATE_FINISHED}))
        if event.subject["tree"] in trees or event.data["candidate"] in judged
    ]
    return (*sorted((*about, *gates), key=lambda event: event.seq), *news)


def dossiers(events: Sequence[Event], first: int) -> tuple[Dossier, ...]:
    """Of each pull request that anything was recorded about since `first`; `events` are one repository's, in order."""
    touched = {_number(event) for event in events if event.seq >= first and "pull_request" in event.subject}
    return tuple(_dossier(each, events) for each in standings(events) if each.number in touched)


def dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _dossier(standing: Standing, events: Sequence[Event]) -> Dossier:
    own = [event for event in events if _is_about(event, standing.number, standing.head)]
    intent = _last(own, EventType.MERGE_INTENT)
    landing = (
        [] if intent is None else [each for each in own if each.subject.get("candidate") == intent.subject["candidate"]]
    )
    decision = _last(landing, EventType.POLICY_DECIDED) or _last(own, EventType.POLICY_DECIDED)
    refusal = _last(own, EventType.GATE_REFUSED)
    gates = [event for event in events if event.type is EventType.GATE_FINISHED]
    if intent is not None:
        gates = [gate for gate in gates if gate.subject["tree"] == intent.data["tree"]]
    elif refusal is not None:
        gates = [gate for gate in gates if gate.subject["tree"] == refusal.data["tree"]]
    elif decision is not None:
        gates = [gate for gate in gates if gate.data["candidate"] == decision.subject["candidate"]]
    else:
        gates = []
    latest = {str(gate.subject["gate"]): gate for gate in gates}
    return Dossier(standing, tuple(latest.values()), decision, intent, _last(own, EventType.MERGE_COMPLETED))


def _is_about(event: Event, number: int, head: CommitSha) -> bool:
    return event.subject.get("pull_request") == number and event.subject.get("head") == head


def _last(events: Iterable[Event], kind: EventType) -> Event | None:
    return next((event for event in reversed(list(events)) if event.type is kind), None)


def _number(event: Event) -> int:
    return int(str(event.subject["pull_request"]))
