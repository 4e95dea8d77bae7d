"""The report for programs: one JSON document, and the population as a table for spreadsheets."""

import csv
import io
import json
from typing import Any

from pydantic import JsonValue

from tasks.domain.audit import Event
from tasks.domain.compliance_report.completeness import ACCOUNTS, Compared
from tasks.domain.compliance_report.controls import ControlResult
from tasks.domain.compliance_report.population import HUB, Change, Judged
from tasks.domain.compliance_report.report import PeriodReport
from tasks.domain.escaping import for_spreadsheet
from tasks.domain.reasons import told_moment

SCHEMA = "compliance-report/1"
COLUMNS = (
    "repository",
    "pull_requests",
    "kind",
    "standing",
    "against",
    "title",
    "author",
    "contributors",
    "approvers",
    "signers",
    "merged_by",
    "landed_at",
    "head",
    "commit",
    "commits",
    "batch",
    "tree",
    "target",
    "team",
    "reconciled",
    "in_sample",
    "policy",
    "evidence",
    "event",
    "event_number",
)


def as_json(report: PeriodReport) -> bytes:
    return (json.dumps(document(report), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def document(report: PeriodReport) -> dict[str, Any]:
    scope, score = report.scope, report.score
    return {
        "schema": SCHEMA,
        "organization": scope.organization,
        "team": scope.team,
        "period": {
            "name": scope.period.name,
            "from": told_moment(scope.period.start),
            "to": told_moment(scope.period.end),
            "over": scope.over,
        },
        "log": {
            "origin": scope.log.origin,
            "size": scope.log.size,
            "root": scope.log.root,
            "as_of": scope.log.as_of,
        },
        "score": {
            "percent": score.percent,
            "met": score.met,
            "counted": score.counted,
            "outside": score.outside,
            "changes": score.changes,
            "compliant": score.compliant,
            "reconciled": score.reconciled,
            "coverage_percent": score.coverage,
            "rollbacks": score.rollbacks,
            "explained": list(score.explained),
        },
        "population": [change_row(each) for each in report.changes],
        "completeness": _completeness(report),
        "controls": [_control(each) for each in report.controls],
        "exceptions": [each.event for each in report.exceptions],
        "separation_of_duties": _duties(report),
        "open_findings": [
            {"kind": each.kind.value, "where": each.where, "what": each.what, "since": each.since or None}
            | {"event": each.event or None, "closed_by": each.closed_by}
            for each in report.findings
        ],
        "sample": [each.event for each in report.sample],
        **_events(report),
    }


def as_csv(report: PeriodReport) -> bytes:
    """A row a change; what a spreadsheet would take for a formula is text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(COLUMNS)
    drawn = {each.event for each in report.sample}
    for change in report.changes:
        row = {**change_row(change), "in_sample": change.event in drawn}
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue().encode()


def change_row(change: Change) -> dict[str, JsonValue]:
    return {
        "kind": change.kind.value,
        "standing": change.standing.value,
        "against": list[JsonValue](change.against),
        "team": change.team,
        "repository": change.repository,
        "repository_id": change.repository_id,
        "pull_requests": list[JsonValue](change.pull_requests),
        "head": change.head or None,
        "title": change.title,
        "author": change.author,
        "contributors": list[JsonValue](change.contributors),
        "approvers": list[JsonValue](change.approvers),
        "signers": list[JsonValue](change.signers),
        "merged_by": HUB,
        "commit": change.commit,
        "tree": change.tree or None,
        "target": change.target,
        "landed_at": change.landed_at,
        "reconciled": change.reconciled,
        "takes_back": list[JsonValue](change.takes_back),
        "batch": list[JsonValue](change.batch),
        "commits": change.commits,
        "policy": change.policy or None,
        "evidence": change.cited or None,
        "event": change.event,
        "event_number": change.seq,
        "intent": change.intent or None,
        "decision": change.decision or None,
        "rules": [_rule(each) for each in change.rules],
    }


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return for_spreadsheet("; ".join(str(each) for each in value))
    return "" if value is None else for_spreadsheet(str(value))


def _rule(judged: Judged) -> dict[str, JsonValue]:
    return {
        "rule": judged.rule,
        "result": judged.result,
        "blocking": judged.blocking,
        "controls": list[JsonValue](judged.controls),
        "waiver": judged.waiver,
        "against": judged.against,
    }


def _completeness(report: PeriodReport) -> dict[str, Any]:
    complete = report.completeness
    return {
        "reconciled": bool(complete.branches) and not complete.not_compared,
        "branches": [_branch(each) for each in complete.branches],
        "not_compared": list(complete.not_compared),
        "outside": complete.outside,
        "bypasses": [
            {
                "repository": each.repository,
                "ref": each.ref,
                "what": each.what,
                "kind": each.kind,
                "actor": each.actor,
                "found_at": each.found_at,
                "justified_by": each.justified_by,
                "reason": each.reason or None,
                "event": each.event,
            }
            for each in complete.bypasses
        ],
    }


def _branch(compared: Compared) -> dict[str, Any]:
    return {
        "repository": compared.repository,
        "ref": compared.ref,
        "comparisons": compared.times,
        "commits": compared.commits,
        "accounted": dict(zip(ACCOUNTS, compared.accounted, strict=True)),
        "unaccounted": list(compared.unaccounted),
        "unaccounted_more": compared.unlisted,
        "chain_ok": compared.chain_ok,
        "last": compared.last,
    }


def _control(result: ControlResult) -> dict[str, Any]:
    return {
        "control": result.control,
        "status": result.status.value,
        "rules": list(result.rules),
        "tested": result.tested,
        "outside": result.outside,
        **{kind.value.replace(" ", "_"): count for kind, count in result.counts.items()},
        "sample": [each.event for each in result.sample],
        "exceptions": [each.event for each in result.exceptions],
    }


def _duties(report: PeriodReport) -> dict[str, Any]:
    return {
        "pairs": [
            {
                "duties": [each.first.value, each.second.value],
                "forbidden": each.forbidden,
                "changes": each.both,
                "distinct": each.distinct,
                "shared": [{"event": change.event, "people": list(people)} for change, people in each.shared],
            }
            for each in report.duties.pairs
        ],
        "nobody": {duty.value: count for duty, count in report.duties.nobody},
    }


def _events(report: PeriodReport) -> dict[str, Any]:
    events = report.events
    return {
        "waivers": [_event(each) for each in events.waivers],
        "emergencies": [_event(each) for each in events.emergencies],
        "compensations": [_event(each) for each in events.compensations],
        "alerts": [{**_event(each), "acknowledged": _acknowledged(report, each)} for each in events.alerts],
        "credentials": [_event(each) for each in events.credentials],
        "posture": [_event(each) for each in events.postures],
        "rotated_keys": [_event(each) for each in events.rotations],
    }


def _acknowledged(report: PeriodReport, alert: Event) -> dict[str, Any] | None:
    found = report.events.acknowledged.get(alert.id)
    return None if found is None else {"by": found.data.get("by"), "at": found.time, "event": found.id}


def _event(event: Event) -> dict[str, Any]:
    return {
        "event": event.id,
        "number": event.seq,
        "time": event.time,
        "repository": None if event.repository is None else event.repository.name,
        "subject": event.subject,
        "data": event.data,
    }
