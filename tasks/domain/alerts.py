"""
Alerts, from when they are raised until a named person has acknowledged them.

Every alert of the log waits for that: those that rules raise about anomalies, and those that steps raise themselves.
Whose doing an alert is cannot be the one who closes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import JsonValue

from tasks.domain.anomalies import Alert
from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded
from tasks.domain.errors import MergeHubError
from tasks.domain.messages import words_of
from tasks.domain.records import Recorder

OF_ALERTS = frozenset({EventType.ALERT_RAISED, EventType.ALERT_ACKNOWLEDGED})
LEAST_PREFIX = 4


class AcknowledgementRefused(MergeHubError):
    """There is no such alert, or this person may not close it."""

    code = "acknowledgement-refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert, and how somebody closed it; None: nobody has."""

    raised: Event
    acknowledged: Event | None

    def document(self) -> dict[str, JsonValue]:
        what, who, step = words_of(self.raised)
        raised, closed = self.raised, self.acknowledged
        return {
            "alert": raised.id,
            "kind": raised.data["alert"],
            "rule": raised.data.get("rule"),
            "severity": raised.data["severity"],
            "what": what,
            "message": raised.data["message"],
            "repository": None if raised.repository is None else raised.repository.name,
            "team": raised.team,
            "since": raised.time,
            "who": who,
            "next": str(raised.data.get("remedy") or step),
            "acknowledged": None
            if closed is None
            else {"by": closed.data["by"], "reason": closed.data["reason"], "at": closed.time},
        }


def standings_of(events: Iterable[Event]) -> tuple[Standing, ...]:
    """`events` are those of `OF_ALERTS`; in the order in which they were raised."""
    raised: list[Event] = []
    closed: dict[str, Event] = {}
    for event in events:
        if event.type is EventType.ALERT_RAISED:
            raised.append(event)
        elif event.type is EventType.ALERT_ACKNOWLEDGED:
            closed.setdefault(str(event.subject["alert"]), event)
    return tuple(Standing(event, closed.get(event.id)) for event in raised)


def chosen_by(prefix: str, standings: Iterable[Standing]) -> Standing:
    """Raises AcknowledgementRefused where not exactly one alert's id begins so."""
    found = [each for each in standings if each.raised.id.startswith(prefix)] if len(prefix) >= LEAST_PREFIX else []
    if len(found) != 1:
        raise AcknowledgementRefused(
            f"{len(found)} alerts have an id that begins with {bounded(prefix)[:80]!r}, and exactly one is to be named",
            remedy=f"Name at least {LEAST_PREFIX} digits of an id that `merge-hub alerts list` shows.",
        )
    return found[0]


def acknowledgement(standing: Standing, by: str, reason: str) -> Event:
    """The record that closes it, the same whoever closes it; raises AcknowledgementRefused."""
    raised = standing.raised
    if not by.strip() or not reason.strip():
        raise AcknowledgementRefused(
            "an alert is closed by a person and for a reason, and one of them is empty",
            remedy="Name both, with --by and --reason.",
        )
    actor = raised.data.get("actor")
    if isinstance(actor, str) and actor.casefold() == by.strip().casefold():
        raise AcknowledgementRefused(
            f"the alert is about what {actor} did, so somebody else has to close it, and {by} is the same",
            remedy=f"Have {words_of(raised)[1]} look at it.",
        )
    recorder = Recorder(raised.organization, raised.team, raised.repository)
    data: dict[str, JsonValue] = {"by": bounded(by.strip()), "reason": bounded(reason.strip())}
    return recorder.event(EventType.ALERT_ACKNOWLEDGED, {"alert": raised.id}, data)


def alert_document(alert: Alert) -> dict[str, JsonValue]:
    """Of one that would be raised."""
    found = alert.found
    return {
        "rule": found.rule.id,
        "severity": found.severity.value,
        "what": found.rule.title,
        "message": bounded(found.message),
        "repository": None if found.place.repository is None else found.place.repository.name,
        "team": found.place.team,
        "actor": found.actor,
        "at": f"{found.at:%Y-%m-%dT%H:%M:%SZ}",
        "events": list[JsonValue](list(found.events)),
    }
