"""What is open at the size that is reported on: of the period, and each with who can close it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.audit import Event, EventType
from tasks.domain.compliance_report.completeness import Completeness
from tasks.domain.compliance_report.passing import expired_at, head_of, passing_in
from tasks.domain.compliance_report.period import Period
from tasks.domain.compliance_report.record import Record, named, text, texts
from tasks.domain.reasons import told_moment


class FindingKind(StrEnum):
    NOT_RECONCILED = "not reconciled"
    HISTORY_REWRITTEN = "history rewritten"
    BYPASS = "bypass not justified"
    UNACCOUNTED = "commits unaccounted for"
    EMERGENCY = "emergency not reviewed"
    WAIVER = "expired waiver used"
    INTENT = "announced and never ended"
    ALERT = "alert not acknowledged"
    CREDENTIAL = "credential"
    POSTURE = "posture of the evidence store"


_CLOSED_BY = {
    FindingKind.NOT_RECONCILED: "`merge-hub reconcile` compares the branch with the log",
    FindingKind.HISTORY_REWRITTEN: "find out who moved the branch, and justify or undo it",
    FindingKind.BYPASS: "somebody else than who did it justifies it (`merge-hub bypass justify`)",
    FindingKind.UNACCOUNTED: "find out who brought them, and justify or undo it",
    FindingKind.EMERGENCY: "somebody reviews it who neither wrote, asked for nor approved it",
    FindingKind.WAIVER: "whoever may allow waivers allows it anew, or the rule is satisfied",
    FindingKind.INTENT: "the next run ends it, or finds out why it cannot",
    FindingKind.ALERT: "a named person has looked at it (`merge-hub alerts acknowledge`)",
    FindingKind.CREDENTIAL: "whoever answers for the hub's credentials renews it",
    FindingKind.POSTURE: "whoever answers for the evidence store restores its lock",
}


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """`event` is the id of what it is about, empty where nothing was recorded."""

    kind: FindingKind
    where: str
    what: str
    since: str
    event: str

    @property
    def closed_by(self) -> str:
        return _CLOSED_BY[self.kind]


def open_findings(record: Record, period: Period, complete: Completeness, as_of: str) -> tuple[OpenFinding, ...]:
    """By kind, each in the order of the log."""
    found = [
        *_of_branches(complete),
        *_emergencies(record, period, as_of),
        *_waivers(record, period),
        *_intents(record, period),
        *_alerts(record, period),
        *_credentials(record, period),
        *_posture(record, period),
    ]
    order = list(FindingKind)
    return tuple(sorted(found, key=lambda each: order.index(each.kind)))


def _of_branches(complete: Completeness) -> Iterator[OpenFinding]:
    for where in complete.not_compared:
        what = "something landed that no comparison with the log has seen"
        yield OpenFinding(FindingKind.NOT_RECONCILED, where, what, "", "")
    for each in complete.branches:
        if not each.chain_ok:
            what = "an update of the branch did not begin where the one before it had ended"
            yield OpenFinding(FindingKind.HISTORY_REWRITTEN, f"{each.repository} {each.ref}", what, each.last, "")
        known = {bypass.what for bypass in complete.bypasses}
        loose = [sha for sha in each.unaccounted if sha not in known]
        if loose or each.unlisted:
            more = f" and {each.unlisted} more" if each.unlisted else ""
            what = f"{', '.join(sha[:12] for sha in loose)}{more}"
            yield OpenFinding(FindingKind.UNACCOUNTED, f"{each.repository} {each.ref}", what, each.last, "")
    for bypass in complete.bypasses:
        if bypass.justified_by is None:
            what = f"{bypass.kind} of {bypass.what[:12]} by {bypass.actor or 'somebody unknown'}"
            where = f"{bypass.repository} {bypass.ref}"
            yield OpenFinding(FindingKind.BYPASS, where, what, bypass.found_at, bypass.event)


def _emergencies(record: Record, period: Period, as_of: str) -> Iterator[OpenFinding]:
    passing = passing_in(record, as_of)
    for landed in record.of(EventType.MERGE_COMPLETED):
        used = passing.emergencies.get(head_of(landed))
        if used is None or not period.holds(landed.time) or head_of(landed) in passing.reviewed:
            continue
        what = f"#{landed.subject.get('pull_request')}, due {told_moment(passing.review_due(used, landed))}"
        yield OpenFinding(FindingKind.EMERGENCY, named(landed), what, landed.time, landed.id)


def _waivers(record: Record, period: Period) -> Iterator[OpenFinding]:
    landed = {head_of(each): each for each in record.of(EventType.MERGE_COMPLETED) if period.holds(each.time)}
    for used in record.of(EventType.WAIVER_USED):
        end = landed.get(head_of(used))
        if end is not None and expired_at(used, end.time):
            what = f"#{used.subject.get('pull_request')} landed under {used.subject.get('waiver')}, which held until "
            yield OpenFinding(FindingKind.WAIVER, named(used), f"{what}{used.data.get('expires')}", end.time, used.id)


def _intents(record: Record, period: Period) -> Iterator[OpenFinding]:
    ended = {
        text(each.data.get("intent"))
        for kind in (EventType.MERGE_COMPLETED, EventType.MERGE_FAILED)
        for each in record.of(kind)
    }
    for intent in record.of(EventType.MERGE_INTENT):
        if intent.id not in ended and period.holds(intent.time):
            what = f"#{intent.subject.get('pull_request')} was to land, and nothing says what became of it"
            yield OpenFinding(FindingKind.INTENT, named(intent), what, intent.time, intent.id)


def _alerts(record: Record, period: Period) -> Iterator[OpenFinding]:
    settled = acknowledged(record)
    for alert in record.of(EventType.ALERT_RAISED):
        if period.holds(alert.time) and alert.id not in settled:
            what = f"{alert.data.get('severity')}: {alert.data.get('title') or alert.data.get('message')}"
            yield OpenFinding(FindingKind.ALERT, named(alert), what, alert.time, alert.id)


def acknowledged(record: Record) -> dict[str, Event]:
    """By the id of the alert."""
    return {text(each.subject.get("alert")): each for each in record.of(EventType.ALERT_ACKNOWLEDGED)}


def credentials(record: Record, period: Period) -> tuple[Event, ...]:
    """The last that was recorded of each credential before the period's end."""
    return _latest(record, EventType.TOKEN_CHECKED, "credential", period)


def postures(record: Record, period: Period) -> tuple[Event, ...]:
    """The last that was recorded of each store before the period's end."""
    return _latest(record, EventType.STORAGE_POSTURE, "store", period)


def _latest(record: Record, kind: EventType, name: str, period: Period) -> tuple[Event, ...]:
    latest: dict[str, Event] = {}
    for each in record.of(kind):
        if each.time < f"{period.end:%Y-%m-%dT%H:%M:%S}":
            latest[text(each.subject.get(name))] = each
    return tuple(sorted(latest.values(), key=lambda event: event.seq))


def _credentials(record: Record, period: Period) -> Iterator[OpenFinding]:
    for checked in credentials(record, period):
        concerns = texts(checked.data.get("found"))
        if concerns:
            where = f"{text(checked.data.get('source'))} {text(checked.subject.get('credential'))[:19]}"
            yield OpenFinding(FindingKind.CREDENTIAL, where, "; ".join(concerns), checked.time, checked.id)


def _posture(record: Record, period: Period) -> Iterator[OpenFinding]:
    for seen in postures(record, period):
        if seen.data.get("ok") is not True:
            what = ", ".join(texts(seen.data.get("problems"))) or "not well"
            yield OpenFinding(FindingKind.POSTURE, text(seen.subject.get("store")), what, seen.time, seen.id)
