"""
What each channel has been told, as the audit log knows it.

A message is announced (`message.intended`) before it is sent and receipted (`message.sent`, `message.failed`) after. An
announcement is made once for the same channel, the same thing to tell and the same number of failures before it: who
appends it first sends, in whatever process, and nobody else does. One that has no receipt was interrupted: it may have
arrived, so it counts as told and is never sent again, and that nobody knows is recorded and said once
(`message.unknown`). One that failed counts as untold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.records import Recorder


class Channel(StrEnum):
    """Values are written into records: a role, so that renaming a Slack channel repeats no message."""

    SUCCESS = "slack/success"
    FAILURE = "slack/failure"
    AUDIT = "slack/audit"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Receipts:
    """
    What was told, by channel: `until` is the sequence number up to which digests have told everything.

    `alerts` holds the ids of the alerts that were told; `failures` counts, for what was to be told, how often that came
    to nothing; `unconfirmed` are the announcements of which nothing more was recorded.
    """

    until: Mapping[Channel, int] = field(default_factory=dict)
    alerts: frozenset[tuple[Channel, str]] = frozenset()
    failures: Mapping[tuple[Channel, str], int] = field(default_factory=dict)
    unconfirmed: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """
    What one message tells: `about` names it (an alert, or what followed a place of the log), `facts` are event ids.

    `first` and `last` are the sequence numbers that it covers; `alerts` is empty for a digest.
    """

    about: str
    facts: tuple[str, ...]
    first: int
    last: int
    alerts: tuple[str, ...] = ()


def message_key(channel: Channel, matter: Matter) -> str:
    """The same for the same facts told to the same channel, whoever tells them and whenever."""
    subject = "incident" if matter.alerts else "digest"
    return digest_of(canonical_json([channel.value, subject, list(matter.facts)])).removeprefix("sha256:")


def intended(recorder: Recorder, channel: Channel, matter: Matter, receipts: Receipts, title: str) -> Event:
    """`title` is what the message is called where it arrives."""
    identity: dict[str, JsonValue] = {
        "about": matter.about,
        "failures": receipts.failures.get((channel, matter.about), 0),
    }
    data: dict[str, JsonValue] = {
        **identity,
        "key": message_key(channel, matter),
        "from_seq": matter.first,
        "to_seq": matter.last,
        "facts": digest_of(canonical_json(list(matter.facts))),
        "alerts": list[JsonValue](matter.alerts),
        "title": title,
    }
    return recorder.event(EventType.MESSAGE_INTENDED, {"channel": channel.value}, data, identity)


def sent(recorder: Recorder, intent: Event) -> Event:
    data: dict[str, JsonValue] = {"intent": intent.id, "key": intent.data["key"]}
    return recorder.event(EventType.MESSAGE_SENT, intent.subject, data, {"intent": intent.id})


def failed(recorder: Recorder, intent: Event, code: str) -> Event:
    """`code` is the error's; its text may hold an address that is a secret."""
    data: dict[str, JsonValue] = {"intent": intent.id, "key": intent.data["key"], "code": code}
    return recorder.event(EventType.MESSAGE_FAILED, intent.subject, data, {"intent": intent.id})


def unknown(recorder: Recorder, intent: Event) -> Event:
    data: dict[str, JsonValue] = {"intent": intent.id, "key": intent.data["key"]}
    return recorder.event(EventType.MESSAGE_UNKNOWN, intent.subject, data, {"intent": intent.id})


def lost_sight_of(intent: Event) -> str:
    """What is said of a message that was announced by a process that did not live to confirm it."""
    first, last = intent.data["from_seq"], intent.data["to_seq"]
    told = f'the message "{intent.data.get("title", "")}" of events {first} to {last}'
    return (
        f"{intent.subject['channel']}: whether {told} arrived is unknown: it was announced at {intent.time} "
        f"(event {intent.seq}) and never confirmed. It is not sent again: look for it there, and pass it on if it is "
        "missing."
    )


def receipts_in(events: Iterable[Event]) -> Receipts:
    """Reads all events about messages, in their order."""
    intents: dict[str, Event] = {}
    settled: set[str] = set()
    refused: set[str] = set()
    for event in events:
        match event.type:
            case EventType.MESSAGE_INTENDED:
                intents[event.id] = event
            case EventType.MESSAGE_SENT | EventType.MESSAGE_UNKNOWN:
                settled.add(str(event.data["intent"]))
            case EventType.MESSAGE_FAILED:
                refused.add(str(event.data["intent"]))
            case _:
                pass
    told = [event for event in intents.values() if event.id not in refused]
    return Receipts(
        until=_until(told),
        alerts=frozenset((_channel(event), alert) for event in told for alert in _alerts(event)),
        failures=_failures([intents[each] for each in refused if each in intents]),
        unconfirmed=tuple(event for event in told if event.id not in settled),
    )


def _until(told: Sequence[Event]) -> dict[Channel, int]:
    until: dict[Channel, int] = {}
    for event in told:
        if not _alerts(event):
            until[_channel(event)] = max(until.get(_channel(event), 0), int(str(event.data["to_seq"])))
    return until


def _failures(refused: Sequence[Event]) -> dict[tuple[Channel, str], int]:
    counts: dict[tuple[Channel, str], int] = {}
    for event in refused:
        matter = (_channel(event), str(event.data["about"]))
        counts[matter] = counts.get(matter, 0) + 1
    return counts


def _channel(event: Event) -> Channel:
    return Channel(str(event.subject["channel"]))


def _alerts(event: Event) -> tuple[str, ...]:
    alerts = event.data["alerts"]
    return tuple(str(each) for each in alerts) if isinstance(alerts, list) else ()
