"""The one way to record how a target branch is guarded."""

from tasks.domain.audit import EventType
from tasks.domain.model import Snapshot
from tasks.domain.protection_records import last_observed, protection_observed
from tasks.domain.rules import Rules
from tasks.ports import Services
from tasks.recording import recorder_for


def record_protection(rules: Rules, snapshot: Snapshot, services: Services) -> None:
    """Nothing where no rule asks for it, or where it is as it was."""
    protection = snapshot.circumstances.protection
    if protection is None:
        return
    types = {EventType.PROTECTION_OBSERVED}
    told = services.log.events(repository_id=snapshot.repository_id, types=types, newest_first=True)
    event = protection_observed(recorder_for(rules, snapshot), protection, last_observed(told, protection.branch))
    if event is not None:
        services.log.append([event])
