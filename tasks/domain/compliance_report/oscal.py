"""
The report as NIST's OSCAL has assessment results.

OSCAL cannot say everything: a plan must be named, and there is none, since evidence is gathered all the time; a status
is satisfied or not, so that a control that was not tested has no finding. There is no official catalogue of the
criteria that policies name: their ids are told as they are written, in our namespace. Identifiers follow from the root
of the log, so that the same log makes the same document.
"""

import json
import re
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from tasks.domain.compliance_report.controls import ControlResult, Result, Status
from tasks.domain.compliance_report.report import PeriodReport
from tasks.domain.compliance_report.words import headline
from tasks.domain.escaping import one_line
from tasks.domain.reasons import told_moment

VERSION = "1.2.1"
NAMESPACE = "urn:merge-hub:oscal"
_NO_PLAN = "No assessment plan: evidence is gathered of each change as it lands."


def as_oscal(report: PeriodReport) -> bytes:
    return (json.dumps(assessment_results(report), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def assessment_results(report: PeriodReport) -> dict[str, Any]:
    ids, scope = _Ids(report), report.scope
    at = scope.log.as_of or told_moment(scope.period.start)
    tested = [each for each in report.controls if each.status is not Status.NOT_TESTED]
    result = {
        "uuid": ids.of("result"),
        "title": _line(f"Compliance report {scope.period.name}"),
        "description": _line(f"{headline(report)}. {' '.join(report.score.explained)}"),
        "start": told_moment(scope.period.start),
        "end": told_moment(scope.period.end),
        "props": _properties(report),
        "reviewed-controls": _reviewed(tested),
    }
    if tested:
        result["observations"] = [_observation(each, ids, at) for each in tested]
        result["findings"] = [_finding(each, ids) for each in tested]
    return {
        "assessment-results": {
            "uuid": ids.of("assessment-results"),
            "metadata": {
                "title": _line(f"{scope.organization}: compliance report {scope.period.name}"),
                "last-modified": at,
                "version": _line(scope.log.root or "empty"),
                "oscal-version": VERSION,
            },
            "import-ap": {"href": f"#{ids.of('plan')}", "remarks": _NO_PLAN},
            "results": [result],
            "back-matter": {
                "resources": [
                    {"uuid": ids.of("plan"), "title": "No plan", "description": _NO_PLAN},
                    {
                        "uuid": ids.of("checkpoint"),
                        "title": "Checkpoint of the audit log",
                        "description": _line(f"{scope.log.size} events of {scope.log.origin}, root {scope.log.root}"),
                        "rlinks": [{"href": f"checkpoints/{scope.log.size:012d}.txt"}],
                    },
                ]
            },
        }
    }


class _Ids:
    def __init__(self, report: PeriodReport) -> None:
        scope = report.scope
        name = f"{NAMESPACE}:{scope.organization}:{scope.team}:{scope.period.name}:{scope.log.root}"
        self._root: UUID = uuid5(NAMESPACE_URL, name)

    def of(self, name: str) -> str:
        return str(uuid5(self._root, name))


def control_id(control: str) -> str:
    """`SOC2:CC8.1` is `cc8.1`: what OSCAL takes for a token, without the framework."""
    spelt = re.sub(r"[^a-z0-9._-]", "-", control.rpartition(":")[2].lower())
    return spelt if re.match(r"[a-z_]", spelt) else f"_{spelt}"


def _reviewed(tested: list[ControlResult]) -> dict[str, Any]:
    ids = sorted({control_id(each.control) for each in tested})
    if not ids:
        return {"control-selections": [{"description": "All, and none was tested.", "include-all": {}}]}
    return {"control-selections": [{"include-controls": [{"control-id": each} for each in ids]}]}


def _properties(report: PeriodReport) -> list[dict[str, str]]:
    score, scope = report.score, report.scope
    percent = "none" if score.percent is None else f"{score.percent:g}"
    told = {
        "team": scope.team,
        "log-size": str(scope.log.size),
        "log-root": scope.log.root or "empty",
        "score-percent": percent,
        "score-met": str(score.met),
        "score-counted": str(score.counted),
        "changes": str(score.changes),
        "reconciled": str(score.reconciled),
        "outside": str(score.outside),
        "open-findings": str(len(report.findings)),
    }
    return [{"name": name, "ns": NAMESPACE, "value": _line(value)} for name, value in told.items()]


def _observation(result: ControlResult, ids: _Ids, at: str) -> dict[str, Any]:
    counts = {kind.value.replace(" ", "-"): count for kind, count in result.counts.items()}
    told = {"control": result.control, "outside": str(result.outside)} | {k: str(v) for k, v in counts.items()}
    return {
        "uuid": ids.of(f"observation {result.control}"),
        "title": _line(f"{result.control} on the changes of the period"),
        "description": _line(_described(result)),
        "props": [{"name": name, "ns": NAMESPACE, "value": _line(value)} for name, value in told.items()],
        "methods": ["TEST"],
        "relevant-evidence": [
            {"href": f"#{ids.of('checkpoint')}", "description": "The signed root of the log that holds the decisions."}
        ],
        "collected": at,
    }


def _finding(result: ControlResult, ids: _Ids) -> dict[str, Any]:
    satisfied = result.status is Status.SATISFIED
    return {
        "uuid": ids.of(f"finding {result.control}"),
        "title": _line(f"{result.control} is {result.status.value}"),
        "description": _line(_described(result)),
        "props": [{"name": "control", "ns": NAMESPACE, "value": _line(result.control)}],
        "target": {
            "type": "objective-id",
            "target-id": control_id(result.control),
            "status": {"state": result.status.value, "reason": "pass" if satisfied else "fail"},
        },
        "related-observations": [{"observation-uuid": ids.of(f"observation {result.control}")}],
    }


def _described(result: ControlResult) -> str:
    counts = result.counts
    shown = f"met on {counts[Result.MET]}, waived on {counts[Result.WAIVED]}, not met on {counts[Result.NOT_MET]}"
    lacking = counts[Result.WITHOUT_EVIDENCE] + result.outside
    return f"Tested on {result.tested} changes by {', '.join(result.rules)}: {shown}; without evidence {lacking}."


def _line(text: str) -> str:
    """As OSCAL takes a string: one line that begins and ends with something."""
    return one_line(text).strip() or "none"
