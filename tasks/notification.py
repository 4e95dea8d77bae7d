"""Notify: each fact is told once to everyone whom it concerns; a message that cannot be delivered undoes nothing."""

from config.schema import Notifications
from tasks.ports import Services


def notify(
    organization: str, services: Services, notifications: Notifications, quiet_teams: frozenset[str]
) -> tuple[str, ...]:
    """
    Tells every channel what the log holds that it was not told yet; the problems met, empty where there were none.

    Call it at the end of a run, after the reports and before the export. `quiet_teams` are those whose
    `notify_on_failure` is false.
    """
    raise NotImplementedError


def notify_incident(
    organization: str, services: Services, notifications: Notifications, quiet_teams: frozenset[str]
) -> tuple[str, ...]:
    """Tells the alerts of the log that were not told yet, at once; the problems met, as `notify` does."""
    raise NotImplementedError
