"""
Anomalies: at the end of a run the audit log is judged by all rules, and what is out of the ordinary becomes an alert.

What the rules know is computed from the log each time, as far back as any of them looks. A file beside it says how far
it was judged, when something may become overdue, and where in the log each of the last days began; a run in which
nothing happened judges nothing. Without that file all is judged again, and comes to the same alerts.
"""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from config.schema import Configuration
from tasks.crash_points import CrashPoint, reached
from tasks.domain.anomalies import JUDGED, MEMORY, Alert, Watch, settings_of
from tasks.files import write_whole
from tasks.ports import AuditLog, Services
from tasks.retrying import step


class _Judged(BaseModel):
    """
    How far the log was judged, by which configuration, and when something is due that was not then.

    `days` is by day how far the log was when it was first judged on it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    until: int = 0
    configuration: str = ""
    due: datetime | None = None
    days: dict[date, int] = {}

    def memory(self, today: date) -> int:
        """How far the log need not be read."""
        return max((until for day, until in self.days.items() if day <= today - MEMORY), default=0)

    def days_with(self, today: date) -> dict[date, int]:
        """Those that are still needed: the last one of those that are old enough, and all later ones."""
        begin = self.memory(today)
        return {today: self.until} | {day: until for day, until in self.days.items() if until >= begin}

    def is_done(self, until: int, configuration: Configuration, now: datetime) -> bool:
        same = (self.until, self.configuration) == (until, configuration.digest)
        return same and (self.due is None or now <= self.due)


@step("judge the audit log", name="judge the audit log")
def raise_alerts(configuration: Configuration, services: Services) -> None:
    """Belongs before the messages of a run, which take the alerts to the incident channel."""
    if not configuration.global_.anomalies.enabled:
        return
    now, marker = services.clock.now(), services.home / "anomalies.json"
    before = _read(marker)
    if before.is_done(_last_to_judge(services.log), configuration, now):
        return
    begin = before.memory(now.date())
    watch = Watch(replace(settings_of(configuration), from_the_middle=begin > 0))
    organization, alerts, until = configuration.organization.name, list[Alert](), before.until
    for event in services.log.events(types=JUDGED, after=begin):
        if event.seq <= before.until:
            watch.remember(event)
        else:
            alerts += watch.see(event)
            # Not the end of the log: what another process appended meanwhile was not judged here.
            until = event.seq
    alerts += watch.overdue(now)
    services.log.append([alert.event(organization) for alert in alerts if not watch.told(alert)])
    reached(CrashPoint.AFTER_ALERTS)
    seen = _Judged(
        until=until,
        configuration=configuration.digest,
        due=watch.due_after(now),
        days=before.days_with(now.date()),
    )
    write_whole(marker, seen.model_dump_json() + "\n")


def _last_to_judge(log: AuditLog) -> int:
    return next((event.seq for event in log.events(types=JUDGED, newest_first=True)), 0)


def _read(marker: Path) -> _Judged:
    """As if nothing had been judged, where there is none that can be read."""
    try:
        return _Judged.model_validate_json(marker.read_bytes())
    except (OSError, ValidationError):
        return _Judged()
