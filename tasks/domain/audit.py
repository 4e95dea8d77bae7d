"""
The facts that the audit log keeps: a closed list of types, one identity for each fact.

An event's id comes from the fact itself (organization, type, repository, subject and what `identity` adds), never from
a run, a time or an attempt: the same fact told twice is one event. `seq` and `time` are given by the log when it takes
an event. Numbers are integers, times RFC 3339 in UTC, so that the canonical bytes (RFC 8785) are the same everywhere.
No secret, token or text of a review belongs in an event.
"""

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from tasks.domain.canonical import canonical_json

MAXIMUM_BYTES = 65_535


class EventType(StrEnum):
    """Values are written into records and never change."""

    CHANGE_EVALUATED = "change.evaluated"
    CHANGE_DEPARTED = "change.departed"
    GATE_FINISHED = "gate.finished"
    GATE_REFUSED = "gate.refused"
    LANDING_TESTED = "landing.tested"
    POLICY_DECIDED = "policy.decided"
    WAIVER_USED = "waiver.used"
    EMERGENCY_DECLARED = "emergency.declared"
    EMERGENCY_USED = "emergency.used"
    EMERGENCY_REVIEWED = "emergency.reviewed"
    MERGE_INTENT = "merge.intent"
    MERGE_COMPLETED = "merge.completed"
    MERGE_FAILED = "merge.failed"
    SET_INTENT = "set.intent"
    SET_COMPLETED = "set.completed"
    SET_BROKEN = "set.broken"
    SET_COMPENSATED = "set.compensated"
    ROLLBACK_INTENT = "rollback.intent"
    ROLLBACK_COMPLETED = "rollback.completed"
    ROLLBACK_FAILED = "rollback.failed"
    SIGNATURE_ASKED = "signature.asked"
    SIGNATURE_GIVEN = "signature.given"
    SIGNATURE_VOIDED = "signature.voided"
    LANDING_PAUSED = "landing.paused"
    LANDING_RESUMED = "landing.resumed"
    PROTECTION_OBSERVED = "protection.observed"
    ALERT_RAISED = "alert.raised"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    RECONCILIATION_COMPLETED = "reconciliation.completed"
    BYPASS_FOUND = "bypass.found"
    BYPASS_JUSTIFIED = "bypass.justified"
    STORAGE_POSTURE = "storage.posture"
    KEY_ROTATED = "key.rotated"
    REPORT_GENERATED = "report.generated"
    REPORT_SIGNED = "report.signed"
    TOKEN_CHECKED = "token.checked"  # noqa: S105 -- a type of event
    MESSAGE_INTENDED = "message.intended"
    MESSAGE_SENT = "message.sent"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_UNKNOWN = "message.unknown"


ABOUT_MESSAGES = frozenset(
    {EventType.MESSAGE_INTENDED, EventType.MESSAGE_SENT, EventType.MESSAGE_FAILED, EventType.MESSAGE_UNKNOWN}
)
"""Nobody is told that somebody was told."""


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RepositoryIdentity(_Written):
    """The numeric id outlives a rename."""

    id: str
    name: str


class Event(_Written):
    """
    One fact. `subject` names what it is about (pull request, head, candidate, channel), `data` what is known of it.

    `seq` is 0 and `time` empty until the log has taken it; `repository` is None for facts of the whole organization.
    """

    version: Annotated[int, Field(alias="v")] = 1
    id: str
    seq: int = 0
    time: str = ""
    type: EventType
    organization: str
    team: str | None = None
    repository: RepositoryIdentity | None = None
    subject: dict[str, JsonValue]
    data: dict[str, JsonValue]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def canonical(self) -> bytes:
        """The exact bytes that are kept, without a line end."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def read_event(content: bytes) -> Event:
    """Raises ValueError for bytes that are not exactly what `canonical` makes of their own meaning."""
    event = Event.model_validate_json(content)
    if event.canonical() != content:
        raise ValueError("an event is written in one way only, and this is another")
    return event


CITED: Mapping[EventType, tuple[str, ...]] = {
    EventType.GATE_FINISHED: ("log",),
    EventType.GATE_REFUSED: ("log",),
    EventType.LANDING_TESTED: ("log",),
    EventType.MERGE_INTENT: ("grounds",),
    EventType.POLICY_DECIDED: ("facts",),
    EventType.REPORT_GENERATED: ("pack",),
}
"""Which of an event's data name by digest what lies beside the log."""


def cited(event: Event) -> Iterator[str]:
    """The digests of the evidence that an event rests on; what was not kept it does not name."""
    for name in CITED.get(event.type, ()):
        digest = event.data.get(name)
        if isinstance(digest, str):
            yield digest


def reports_in(event: Event) -> Iterator[tuple[str, str]]:
    """The key and the digest of each file of a report that was recorded."""
    listed = event.data.get("files")
    for each in listed if isinstance(listed, list) else [event.data]:
        if isinstance(each, dict):
            yield str(each.get("key")), str(each.get("digest"))


def event_id(
    organization: str,
    kind: EventType,
    repository_id: str | None,
    subject: Mapping[str, JsonValue],
    identity: Mapping[str, JsonValue],
) -> str:
    fact = [organization, kind.value, repository_id, dict(subject), dict(identity)]
    return hashlib.sha256(canonical_json(fact)).hexdigest()
