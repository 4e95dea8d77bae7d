"""The parts of a page that tell of events beside landings."""

from collections.abc import Iterator

from tasks.domain.audit import Event
from tasks.domain.compliance_report.findings import FindingKind
from tasks.domain.compliance_report.page import Cell, Mark, Part, Tone, minute, table
from tasks.domain.compliance_report.passing import head_of
from tasks.domain.compliance_report.population import Kind
from tasks.domain.compliance_report.record import named, text, texts
from tasks.domain.compliance_report.report import PeriodReport


def event_parts(report: PeriodReport) -> Iterator[Part]:
    events = report.events
    yield _part("Waivers used", _WAIVERS, [_waiver(each) for each in events.waivers], "None was used.")
    yield _part(
        "Emergencies", _EMERGENCIES, [_emergency(report, each) for each in events.emergencies], "There was none."
    )
    yield _taken_back(report)
    yield _part("Alerts and anomalies", _ALERTS, [_alert(report, each) for each in events.alerts], "None was raised.")
    yield _part(
        "Credentials", _CREDENTIALS, [_credential(each) for each in events.credentials], "No check is on record."
    )
    yield _part("Evidence store", _POSTURE, [_posture(each) for each in events.postures], "No check is on record.")
    yield _part("Keys rotated", _ROTATIONS, [_rotation(each) for each in events.rotations], "None was.")


_WAIVERS = ("Pull request", "Waiver", "Rule", "Why", "Asked for by", "Allowed by", "Until")
_EMERGENCIES = ("Pull request", "Why", "Asked for by", "Beside", "Rules let pass", "Reviewed afterwards")
_ALERTS = ("Raised", "Where", "Severity", "Alert", "Acknowledged by")
_CREDENTIALS = ("Credential", "Kind", "From", "Checked", "Found")
_POSTURE = ("Store", "Seen", "Lock", "Versions", "Objects looked at", "Found")
_ROTATIONS = ("When", "Key", "New verifier key")


def _part(heading: str, heads: tuple[str, ...], rows: list[tuple[Cell, ...]], nothing: str) -> Part:
    return Part(heading, (), table(*heads, rows=rows, where="report.json"), nothing)


def _rotation(rotated: Event) -> tuple[Cell, ...]:
    return (minute(rotated.time), text(rotated.subject.get("name")), text(rotated.data.get("new")))


def _pull_request(event: Event) -> str:
    return f"{named(event)} #{event.subject.get('pull_request')}"


def _waiver(used: Event) -> tuple[Cell, ...]:
    data = used.data
    names = ("rule", "reason", "requested_by", "approved_by", "expires")
    return (_pull_request(used), text(used.subject.get("waiver")), *(text(data.get(name)) for name in names))


def _emergency(report: PeriodReport, used: Event) -> tuple[Cell, ...]:
    owed = {each.event for each in report.findings if each.kind is FindingKind.EMERGENCY}
    landed = [each for each in report.changes if (each.repository_id, *each.pull_requests, each.head) == head_of(used)]
    if not landed:
        reviewed: Cell = "did not land in this period"
    elif any(each.event in owed for each in landed):
        reviewed = Mark("not yet", Tone.BAD)
    else:
        reviewed = Mark("yes", Tone.GOOD)
    data = used.data
    asked, others = text(data.get("asked_by")) or "its author", ", ".join(texts(data.get("others")))
    return (_pull_request(used), text(data.get("reason")), asked, others, ", ".join(texts(data.get("rules"))), reviewed)


def _taken_back(report: PeriodReport) -> Part:
    rolled = [each for each in report.changes if each.kind is Kind.ROLLBACK]
    rows = [(each.named, each.title, minute(each.landed_at), Mark(each.commit[:12], Tone.CODE)) for each in rolled]
    sets = dict.fromkeys(text(each.subject.get("change_set")) for each in report.events.compensations)
    lines = (f"Change sets that were taken back as a whole: {', '.join(sets)}.",) if sets else ()
    found = table("Pull requests", "Why", "When", "By commit", rows=rows, where="population.csv")
    return Part("Rollbacks", lines, found, "Nothing was taken back.")


def _alert(report: PeriodReport, alert: Event) -> tuple[Cell, ...]:
    settled = report.events.acknowledged.get(alert.id)
    by = Mark("nobody", Tone.BAD) if settled is None else f"{text(settled.data.get('by'))} ({minute(settled.time)})"
    rule = text(alert.data.get("rule"))
    told = text(alert.data.get("title")) or text(alert.data.get("message")) or text(alert.data.get("alert"))
    what = f"{rule} {told}" if rule else f"{text(alert.data.get('alert'))}: {told}"
    return (minute(alert.time), named(alert), text(alert.data.get("severity")), what, by)


def _credential(checked: Event) -> tuple[Cell, ...]:
    found = texts(checked.data.get("found"))
    told: Cell = Mark("; ".join(found), Tone.BAD) if found else Mark("well", Tone.GOOD)
    digest = text(checked.subject.get("credential")).removeprefix("sha256:")[:12]
    data = checked.data
    return (Mark(digest, Tone.CODE), text(data.get("kind")), text(data.get("source")), minute(checked.time), told)


def _posture(seen: Event) -> tuple[Cell, ...]:
    data, well = seen.data, seen.data.get("ok") is True
    told = Mark("well", Tone.GOOD) if well else Mark(", ".join(texts(data.get("problems"))) or "not well", Tone.BAD)
    names = ("lock", "versioning", "sampled")
    return (text(seen.subject.get("store")), minute(seen.time), *(text(data.get(name)) for name in names), told)
