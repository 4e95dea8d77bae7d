"""
Between an event and the bytes that are kept of it.

The bytes are the record: what is read back must be exactly what canonical JSON makes of its own meaning, so that a
second spelling of an event (a doubled key, another order, a number written differently) is never taken for one.
"""

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tasks.domain.audit import MAXIMUM_BYTES, Event, read_event
from tasks.domain.errors import AuditLogError
from tasks.redaction import redacted_value

DAMAGED = "Stop landing, keep the file as it is, and compare it with `events/` in the evidence store."


@dataclass(frozen=True, slots=True)
class Position:
    """The last place of a log that is taken; `seq` 0 and an empty `time` stand for an empty log."""

    seq: int
    time: str


def sequenced(
    events: Iterable[Event], *, known: Collection[str], last: Position, now: str
) -> tuple[tuple[Event, bytes], ...]:
    """
    The events that are new, each with its place in the log and its bytes.

    An event told twice among `events` is taken once. Time never goes back, whatever the machine's clock does.
    """
    time = max(now, last.time)
    new: dict[str, Event] = {}
    for event in events:
        if event.id not in known:
            new.setdefault(event.id, event)
    placed = (
        event.model_copy(update={"seq": seq, "time": time} | _without_secrets(event))
        for seq, event in enumerate(new.values(), last.seq + 1)
    )
    return tuple((event, encoded(event)) for event in placed)


def _without_secrets(event: Event) -> dict[str, JsonValue]:
    """The id stays that of the fact, so that a renewed secret makes no second event of it."""
    return {"subject": redacted_value(event.subject), "data": redacted_value(event.data)}


def encoded(event: Event) -> bytes:
    try:
        content = event.canonical()
    except ValueError as error:
        raise AuditLogError(
            f"{event.type} {event.id} cannot be written as canonical JSON: {error}",
            remedy="This is a defect in merge-hub: an event holds a value that JSON cannot carry exactly. Report it.",
        ) from error
    if len(content) > MAXIMUM_BYTES:
        raise AuditLogError(
            f"{event.type} {event.id} has {len(content)} bytes; an event has {MAXIMUM_BYTES} at most",
            remedy="Store the large part as evidence and let the event name it by its digest.",
        )
    return content


def decoded(content: bytes, seq: int) -> Event:
    """Raises AuditLogError for bytes that are not the canonical form of the event number `seq`."""
    try:
        event = read_event(content)
    except ValueError as error:
        raise AuditLogError(f"event {seq} of the audit log cannot be read", remedy=DAMAGED) from error
    if event.seq != seq:
        raise AuditLogError(f"event {seq} of the audit log is not what was written", remedy=DAMAGED)
    return event


def in_sequence(rows: Sequence[tuple[int, bytes]], first: int, *, step: int = 1) -> Sequence[tuple[int, bytes]]:
    """`rows`, which must be numbered without a gap from `first`, downwards with a `step` of -1."""
    for expected, (seq, _) in zip(itertools.count(first, step), rows, strict=False):
        if seq != expected:
            raise AuditLogError(f"the audit log lacks event {expected}", remedy=DAMAGED)
    return rows
