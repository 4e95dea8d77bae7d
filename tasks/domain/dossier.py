"""
What the log holds of one pull request at one head: how it stands, what gated it, how it was judged, why it landed.

Gate results are matched by the exact tree that was announced or refused, or the exact candidate that was judged; a
result of another head is never shown for this one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def dossiers(events: Sequence[Event], first: int) -> tuple[Dossier, ...]:
    """Of each pull request that anything was recorded about since `first`; `events` are one repository's, in order."""
    touched = {_number(event) for event in events if event.seq >= first and "pull_request" in event.subject}
    return tuple(_dossier(each, events) for each in standings(events) if each.number in touched)


def dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _dossier(standing: Standing, events: Sequence[Event]) -> Dossier:
    own = [event for event in events if _is_about(event, standing.number, standing.head)]
    decision = _last(own, EventType.POLICY_DECIDED)
    intent = _last(own, EventType.MERGE_INTENT)
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
