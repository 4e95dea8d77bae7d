"""
Anomalies: at the end of a run the audit log is judged by all rules, and what is out of the ordinary becomes an alert.

What the rules know is computed from the log, each time anew. A file beside it says how far it was judged and when
something may become overdue, so that a run in which nothing happened judges nothing; without it all is judged again,
and comes to the same alerts. It undoes no landing and no record: all of them are there already.
"""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from config.schema import Configuration
from tasks.crash_points import CrashPoint, reached
from tasks.domain.anomalies import JUDGED, Watch, settings_of
from tasks.files import write_whole
from tasks.ports import AuditLog, Services
from tasks.retrying import step


class _Judged(BaseModel):
    """How far the log was judged, by which configuration, and when something is due that was not then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: int
    configuration: str
    due: datetime | None


@step("judge the audit log", name="judge the audit log")
def raise_alerts(configuration: Configuration, services: Services) -> None:
    """Belongs before the messages of a run, which take the alerts to the incident channel."""
    if not configuration.global_.anomalies.enabled:
        return
    now, marker = services.clock.now(), services.home / "anomalies.json"
    until = _last_judged(services.log)
    before = _read(marker)
    if before is not None and not _is_stale(before, configuration, until, now):
        return
    watch = Watch(settings_of(configuration))
    alerts = [alert for event in services.log.events(types=JUDGED) for alert in watch.see(event)]
    alerts += watch.overdue(now)
    organization = configuration.organization.name
    services.log.append([alert.event(organization) for alert in alerts if not watch.told(alert)])
    reached(CrashPoint.AFTER_ALERTS)
    seen = _Judged(until=_last_judged(services.log), configuration=configuration.digest, due=watch.due_after(now))
    write_whole(marker, seen.model_dump_json() + "\n")


def _last_judged(log: AuditLog) -> int:
    return next((event.seq for event in log.events(types=JUDGED, newest_first=True)), 0)


def _is_stale(before: _Judged, configuration: Configuration, until: int, now: datetime) -> bool:
    same = (before.until, before.configuration) == (until, configuration.digest)
    return not same or (before.due is not None and now > before.due)


def _read(marker: Path) -> _Judged | None:
    try:
        return _Judged.model_validate_json(marker.read_bytes())
    except (OSError, ValidationError):
        return None
