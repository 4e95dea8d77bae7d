"""The report as one value, from which every form of it is made."""

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.domain.audit import Event, EventType
from tasks.domain.compliance_report.completeness import Completeness, completeness
from tasks.domain.compliance_report.controls import ControlResult, control_results
from tasks.domain.compliance_report.duties import Duties, duties
from tasks.domain.compliance_report.findings import (
    OpenFinding,
    acknowledged,
    credentials,
    open_findings,
    postures,
)
from tasks.domain.compliance_report.period import Period
from tasks.domain.compliance_report.population import Change, Grounds, Standing, population
from tasks.domain.compliance_report.record import LogState, Record
from tasks.domain.compliance_report.sampling import LARGEST_SAMPLE, drawn
from tasks.domain.compliance_report.score import Score, score_of


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose report, of which team (or `all`), about what, from how much of the log."""

    organization: str
    team: str
    period: Period
    log: LogState

    @property
    def over(self) -> bool:
        """Whether the log reaches the end of the period; otherwise more may follow."""
        return not self.log.as_of or self.log.as_of >= f"{self.period.end:%Y-%m-%dT%H:%M:%S}"


@dataclass(frozen=True, slots=True)
class Events:
    """What happened in the period beside landings, or was last known at its end (`credentials`, `postures`)."""

    waivers: tuple[Event, ...]
    emergencies: tuple[Event, ...]
    compensations: tuple[Event, ...]
    alerts: tuple[Event, ...]
    acknowledged: dict[str, Event]
    credentials: tuple[Event, ...]
    postures: tuple[Event, ...]
    rotations: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class PeriodReport:
    scope: Scope
    score: Score
    changes: tuple[Change, ...]
    completeness: Completeness
    controls: tuple[ControlResult, ...]
    duties: Duties
    findings: tuple[OpenFinding, ...]
    events: Events
    sample: tuple[Change, ...]

    @property
    def exceptions(self) -> tuple[Change, ...]:
        return tuple(each for each in self.changes if each.standing is Standing.NOT_COMPLIANT)


def report_on(record: Record, scope: Scope, grounds: Grounds) -> PeriodReport:
    period, log = scope.period, scope.log
    changes = population(record, period, grounds, log.as_of)
    complete = completeness(record, period, changes)
    return PeriodReport(
        scope=scope,
        score=score_of(changes, complete),
        changes=changes,
        completeness=complete,
        controls=control_results(record, changes, complete.outside, log.root),
        duties=duties(changes),
        findings=open_findings(record, period, complete, log.as_of),
        events=_events(record, period),
        sample=drawn([each for each in changes if each.intent], log.root, "sample", LARGEST_SAMPLE),
    )


def _events(record: Record, period: Period) -> Events:
    def within(kind: EventType) -> tuple[Event, ...]:
        return tuple(_inside(record.of(kind), period))

    return Events(
        waivers=within(EventType.WAIVER_USED),
        emergencies=within(EventType.EMERGENCY_USED),
        compensations=within(EventType.SET_COMPENSATED),
        alerts=within(EventType.ALERT_RAISED),
        acknowledged=acknowledged(record),
        credentials=credentials(record, period),
        postures=postures(record, period),
        rotations=within(EventType.KEY_ROTATED),
    )


def _inside(events: Iterable[Event], period: Period) -> Iterable[Event]:
    return (each for each in events if period.holds(each.time))
