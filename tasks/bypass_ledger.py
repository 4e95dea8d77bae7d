"""The one way to the bypass ledger in the audit log, and to a justification in it."""

from collections.abc import Collection

from tasks.domain.bypasses import OF_BYPASSES, Bypass, bypasses_in, justified_event
from tasks.ports import AuditLog


def bypasses(log: AuditLog) -> tuple[Bypass, ...]:
    return bypasses_in(log.events(types=OF_BYPASSES))


def justify(
    found: Collection[Bypass], by: str, reason: str, ticket: str | None, log: AuditLog, organization: str
) -> bool:
    """Whether that is new: what was justified once stays justified as it was."""
    events = [justified_event(organization, each, by, reason, ticket) for each in found if each.justified is None]
    return bool(log.append(events))
