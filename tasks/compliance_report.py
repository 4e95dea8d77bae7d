"""
Compliance report: made of what a checkpoint signs, kept once under lock, recorded, and shown.

It is recorded before its forms are stored, so that whatever lies in the store is named by the log; a process that dies
in between leaves it to the next one to make the same forms again. What is recorded and stored is read back, never
made again: another release may word it differently.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from tasks.compliance_page import write_html
from tasks.crash_points import CrashPoint, reached
from tasks.domain import attestation, time_stamp
from tasks.domain.audit import Event, EventType, cited
from tasks.domain.checkpoint import PREFIX as CHECKPOINTS
from tasks.domain.checkpoint import key_for, said_checkpoint, size_in
from tasks.domain.compliance_report.announcement import (
    PACK,
    REPORT,
    Recorded,
    folder_for,
    generated_event,
    recorded_reports,
)
from tasks.domain.compliance_report.document import as_csv, as_json
from tasks.domain.compliance_report.markdown import write_markdown
from tasks.domain.compliance_report.oscal import as_oscal
from tasks.domain.compliance_report.pack import contents, packed, proven
from tasks.domain.compliance_report.period import Period
from tasks.domain.compliance_report.population import Change, Grounds, grounds_cited
from tasks.domain.compliance_report.record import NEEDED, TOLD_AFTERWARDS, LogState, record_of
from tasks.domain.compliance_report.report import PeriodReport, Scope, report_on
from tasks.domain.compliance_report.words import page_of
from tasks.domain.errors import EvidenceConflict, EvidenceError
from tasks.domain.merkle import EMPTY_ROOT, Peaks, Tree, leaf_hash
from tasks.domain.model import Digest
from tasks.domain.records import Recorder
from tasks.evidence import key_of, load_by_digest, store_by_digest
from tasks.files import write_whole
from tasks.ports import Archive, Services
from tasks.redaction import redacted
from tasks.retrying import step

_MEDIA_TYPES = {
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A report as it is recorded; `directory` is where people find its forms."""

    recorded: Recorded
    forms: Mapping[str, bytes]
    directory: Path

    @property
    def document(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.forms[REPORT])
        return found


@step("compliance report {period.name} of {team}", name="compliance report")
def make_compliance_report(organization: str, team: str, period: Period, services: Services) -> Made:
    """`team` is a name or `all`. The log is sealed by then; what follows its last fact changes nothing."""
    scope = Scope(organization, team, period, sealed_state(services))
    recorded = _known(scope, services)
    if recorded is None or not _is_stored(recorded, services):
        recorded = _record_and_store(scope, recorded, services)
    forms = {name: services.evidence.get(f"{recorded.folder}/{name}") for name in recorded.files}
    directory = services.home / recorded.folder
    for name, content in {**forms, PACK: load_by_digest(recorded.pack, services)}.items():
        write_whole(directory / name, content)
    return Made(recorded, forms, directory)


def show_compliance_report(made: Made) -> None:
    """The artifact `compliance-report`."""
    told = f"{made.recorded.message}; from {made.directory}"
    create_markdown_artifact(
        markdown=redacted(made.forms["report.md"].decode()), key="compliance-report", description=redacted(told)
    )


def sealed_state(services: Services | Archive) -> LogState:
    """Of the first checkpoint that holds the last fact: what was told of reports afterwards makes no other one."""
    newest = services.log.events(newest_first=True)
    last = next((event.seq for event in newest if event.type not in TOLD_AFTERWARDS), 0)
    signed = services.evidence.keys(CHECKPOINTS, after=key_for(last - 1)) if last else ()
    size = min((size for key in signed if (size := size_in(key)) is not None), default=0)
    if size == 0:
        return LogState("", 0, EMPTY_ROOT.hex(), "")
    checkpoint = said_checkpoint(services.evidence.get(key_for(size)))
    (newest_covered,) = (event for event in services.log.events(after=size - 1) if event.seq == size)
    return LogState(checkpoint.origin, size, checkpoint.root.hex(), newest_covered.time)


def compile_report(scope: Scope, services: Services | Archive) -> PeriodReport:
    record = record_of(services.log.events(types=NEEDED), scope.log.size, scope.team)
    read = {each: _grounds(Digest(each), services) for each in grounds_cited(record, scope.period)}
    grounds: Grounds = {digest: found for digest, found in read.items() if found is not None}
    return report_on(record, scope, grounds)


def forms_of(report: PeriodReport) -> dict[str, bytes]:
    page = page_of(report)
    return {
        REPORT: as_json(report),
        "report.md": write_markdown(page).encode(),
        "report.html": write_html(page).encode(),
        "population.csv": as_csv(report),
        "oscal-assessment-results.json": as_oscal(report),
    }


def pack_of(report: PeriodReport, forms: Mapping[str, bytes], services: Services | Archive) -> bytes:
    """Of the sampled changes: the events with their proofs, and every file that these rest on."""
    size = report.scope.log.size
    files = {name: forms[name] for name in (REPORT, "population.csv")}
    if size == 0:
        return packed(files)
    note = services.evidence.get(key_for(size))
    tree = Tree(Peaks(), map(leaf_hash, services.log.lines(1, size).removesuffix(b"\n").split(b"\n")))
    sample = {change: _events_of(change, size, services) for change in report.sample}
    events = {event.seq: event for found in sample.values() for event in found}
    files |= {key_for(size): note, "contents.csv": contents(sample), **proven(events.values(), tree, note)}
    for key in sorted({*_cited(events.values(), services), *_attested(sample), *_anchors(size, services)}):
        if _is_there(key, services):
            files[key] = services.evidence.get(key)
    return packed(files)


def _record_and_store(scope: Scope, recorded: Recorded | None, services: Services) -> Recorded:
    report = compile_report(scope, services)
    forms = forms_of(report)
    if recorded is None:
        pack = store_by_digest(pack_of(report, forms, services), services, "application/zip")
        event = generated_event(Recorder(scope.organization, None, None), report, forms, pack)
        services.log.append([event])
        (recorded,) = recorded_reports([event])
        reached(CrashPoint.AFTER_REPORT_RECORD)
    for name, content in forms.items():
        media_type = _MEDIA_TYPES[Path(name).suffix]
        services.evidence.put(f"{recorded.folder}/{name}", content, media_type=media_type)
        reached(CrashPoint.AFTER_REPORT_KEPT)
    return recorded


def _known(scope: Scope, services: Services) -> Recorded | None:
    events = services.log.events(types={EventType.REPORT_GENERATED}, newest_first=True)
    return next((each for each in recorded_reports(events) if each.folder == folder_for(scope)), None)


def _is_stored(recorded: Recorded, services: Services) -> bool:
    there = set(services.evidence.keys(f"{recorded.folder}/"))
    return all(f"{recorded.folder}/{name}" in there for name in recorded.files)


def _events_of(change: Change, size: int, services: Services | Archive) -> tuple[Event, ...]:
    """All that was recorded of its head and of its tree, and the end of it."""
    found: dict[int, Event] = {}
    for word in filter(None, (change.head, change.tree)):
        for event in services.log.events(repository_id=change.repository_id, mentioning=word):
            if event.seq <= size and event.type not in TOLD_AFTERWARDS:
                found[event.seq] = event
    return tuple(found[seq] for seq in sorted(found))


def _cited(events: Iterable[Event], services: Services | Archive) -> set[str]:
    """What events name by digest, and the logs of gates that the grounds of a landing name."""
    digests: set[str] = set()
    for event in events:
        digests |= set(cited(event))
        if event.type is EventType.MERGE_INTENT and isinstance(grounds := event.data.get("grounds"), str):
            gates = (_grounds(Digest(grounds), services) or {}).get("gates", [])
            digests |= {str(gate["log"]) for gate in gates if gate.get("log")}
    return {key_of(Digest(digest)) for digest in digests}


def _attested(sample: Mapping[Change, tuple[Event, ...]]) -> set[str]:
    ends = (
        event
        for change, events in sample.items()
        for event in events
        if event.type is EventType.MERGE_COMPLETED and event.id == change.event
    )
    places = [attestation.place_of(event) for event in ends]
    return {place + end for place in places for end in (attestation.STATEMENT, attestation.PROOF)}


def _anchors(size: int, services: Services | Archive) -> set[str]:
    return set(services.evidence.keys(f"{time_stamp.PREFIX}{size:012d}-"))


def _grounds(digest: Digest, services: Services | Archive) -> dict[str, Any] | None:
    """None where the store certainly has not what was recorded; what cannot be found out is raised."""
    try:
        found: dict[str, Any] = json.loads(load_by_digest(digest, services))
    except EvidenceConflict:
        return None
    except EvidenceError:
        if _is_there(key_of(digest), services):
            raise
        return None
    return found


def _is_there(key: str, services: Services | Archive) -> bool:
    return key in services.evidence.keys(key)
