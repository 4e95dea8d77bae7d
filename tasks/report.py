"""Report: what was decided about one repository, for an auditor, and the log itself as evidence."""

from tasks.domain.model import Snapshot
from tasks.domain.rules import Rules
from tasks.ports import Services


def publish_report(rules: Rules, snapshot: Snapshot, services: Services) -> str | None:
    """The address of the audit report on what happened since the last one; None where nothing did."""
    raise NotImplementedError


def export_segments(services: Services) -> tuple[str, ...]:
    """Brings what the log holds and the evidence store lacks there; the addresses. The last thing of a run."""
    raise NotImplementedError
