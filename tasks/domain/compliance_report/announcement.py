"""The records of reports: that one was made, with the digests of its forms, and that somebody signed it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded, listed
from tasks.domain.canonical import digest_of
from tasks.domain.compliance_report.record import text, texts, whole
from tasks.domain.compliance_report.report import PeriodReport, Scope
from tasks.domain.compliance_report.words import ROLES, headline
from tasks.domain.document import Document, Item, Section
from tasks.domain.model import Digest
from tasks.domain.records import Recorder

KIND = "compliance"
REPORT = "report.json"
PACK = "evidence.zip"
"""The pack lies with the evidence that is named by its digest: what was stamped later makes another one."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report that the log knows; `digest` is that of report.json, `key` where its forms are kept."""

    event: Event
    digest: Digest
    period: str
    team: str
    size: int
    root: str
    folder: str
    files: Mapping[str, Digest]
    pack: Digest

    @property
    def message(self) -> str:
        return text(self.event.data.get("message"))


def folder_for(scope: Scope) -> str:
    """The root is in it: what is written once is never written over by what a longer log says of the same period."""
    return f"reports/{KIND}/{scope.period.name}/{scope.team}/{scope.log.size:012d}-{scope.log.root[:16]}"


def generated_event(recorder: Recorder, report: PeriodReport, forms: Mapping[str, bytes], pack: Digest) -> Event:
    scope, folder = report.scope, folder_for(report.scope)
    files: list[JsonValue] = [
        {"key": f"{folder}/{name}", "digest": digest_of(content)} for name, content in sorted(forms.items())
    ]
    identity: dict[str, JsonValue] = {"size": scope.log.size, "root": scope.log.root}
    data: dict[str, JsonValue] = {
        **identity,
        "folder": folder,
        "files": files,
        "digest": digest_of(forms[REPORT]),
        "key": f"{folder}/{REPORT}",
        "pack": pack,
        "met": report.score.met,
        "counted": report.score.counted,
        "open_findings": len(report.findings),
        "message": bounded(headline(report)),
        "explained": [bounded(each) for each in report.score.explained],
        **listed("findings", [bounded(f"{each.kind}: {each.where}: {each.what}") for each in report.findings]),
    }
    subject: dict[str, JsonValue] = {"report": KIND, "period": scope.period.name, "team": scope.team}
    return recorder.event(EventType.REPORT_GENERATED, subject, data, identity)


def recorded_reports(events: Iterable[Event]) -> tuple[Recorded, ...]:
    """Compliance reports, in the order of the log."""
    return tuple(_recorded(each) for each in events if is_compliance(each))


def is_compliance(event: Event) -> bool:
    return event.type is EventType.REPORT_GENERATED and event.subject.get("report") == KIND


def report_document(event: Event) -> Document:
    """What people are told of it."""
    found, data = _recorded(event), event.data
    open_ = tuple(Item(each) for each in texts(data.get("findings")))
    more = whole(data.get("findings_more"))
    unlisted = (Item(f"and {more} more, in report.json"),) if more else ()
    kept = (Item(f"Report: {found.folder}/"), Item(f"Evidence pack: {found.pack}"))
    commands = tuple(Item(f"merge-hub report sign {found.digest} --role {role}") for role in ROLES)
    sections = (
        Section("How the score is computed", tuple(Item(each) for each in texts(data.get("explained")))),
        Section("Open findings", (*open_, *unlisted) or (Item("Nothing is open."),)),
        Section("Where it is kept", kept),
        Section("To sign it off", commands),
    )
    footer = (
        f"From the first {found.size} events of the audit log, root {found.root}",
        f"Event {event.seq} of the audit log, {event.time}",
    )
    return Document(found.message, sections, footer)


def _recorded(event: Event) -> Recorded:
    data, folder = event.data, text(event.data.get("folder"))
    listed = data.get("files")
    files = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return Recorded(
        event=event,
        digest=Digest(text(data.get("digest"))),
        period=text(event.subject.get("period")),
        team=text(event.subject.get("team")),
        size=whole(data.get("size")),
        root=text(data.get("root")),
        folder=folder,
        files={text(each.get("key")).removeprefix(f"{folder}/"): Digest(text(each.get("digest"))) for each in files},
        pack=Digest(text(data.get("pack"))),
    )
