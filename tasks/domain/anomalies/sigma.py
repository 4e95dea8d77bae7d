"""
The same rules for a SIEM that takes in the audit log, as Sigma files.

Where Sigma can say what a rule says, it says it of the events themselves; where the rule needs what came before, the
file finds the alert that the hub raised. Fields are named as in the log: `subject.ref`, `data.kind`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tasks.domain.anomalies.finding import ALERT
from tasks.domain.anomalies.rule import Rule
from tasks.domain.anomalies.watch import RULES

AUTHOR = "merge-hub"
WRITTEN = date(2026, 11, 24)

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Detection:
    """`selections` by name, as Sigma has them; with `correlation` they are counted."""

    selections: Mapping[str, Mapping[str, object]]
    condition: str = "selection"
    correlation: Mapping[str, object] | None = None


def _one(**fields: object) -> Detection:
    return Detection({"selection": {name.replace("__", "."): value for name, value in fields.items()}})


def _counted(kind: str, by: str, span: str, condition: Mapping[str, object], **fields: object) -> Detection:
    count = {"type": kind, "group-by": [by], "timespan": span, "condition": dict(condition)}
    return Detection(_one(**fields).selections, correlation=count)


_DETECTIONS: Mapping[str, Detection] = {
    "AN-01": Detection(
        {"selection": {"type": "bypass.found"}, "rewritten": {"data.kind": ["force-push", "deletion", "re-creation"]}},
        "selection and not rewritten",
    ),
    "AN-02": _one(type="bypass.found", data__kind=["force-push", "deletion", "re-creation"]),
    "AN-04": _one(type="policy.decided", **{"data.self_approvals|exists": True}),
    "AN-11": _counted("event_count", "repository.id", "1h", {"gt": 10}, type="merge.completed"),
    "AN-15": _one(type="token.checked", data__concerns=["too-old", "expired", "age-unknown"]),
    "AN-17": _counted("event_count", "team", "7d", {"gte": 3}, type=["waiver.used", "emergency.used"]),
    "AN-19": Detection(
        {
            "posture": {"type": "storage.posture", "data.ok": False},
            "chain": {"type": "reconciliation.completed", "data.chain_ok": False},
            "raised": {"type": "alert.raised", "data.rule": "AN-19"},
        },
        "1 of them",
    ),
    "AN-20": _counted(
        "value_count",
        "data.actor",
        "60m",
        {"field": "data.rule", "gte": 3},
        type="alert.raised",
        data__alert=ALERT,
    ),
}


def sigma_files() -> dict[str, list[Document]]:
    """What each file holds, by its name."""
    return {
        _file_name(rule): _documents(rule, _DETECTIONS.get(rule.id, _one(type="alert.raised", data__rule=rule.id)))
        for rule in RULES.values()
    }


def _file_name(rule: Rule) -> str:
    words = "".join(letter if letter.isalnum() else "_" for letter in rule.title.lower())
    return f"{rule.id.lower().replace('-', '_')}_{'_'.join(filter(None, words.split('_')))[:60].rstrip('_')}.yml"


def _documents(rule: Rule, detection: Detection) -> list[Document]:
    about: Document = {
        "title": f"merge-hub: {rule.title}",
        "id": rule.uuid,
        "status": rule.status.value,
        "description": f"{rule.description} {rule.limits}".strip(),
        "references": [f"merge-hub {rule.id}"],
        "author": AUTHOR,
        "date": WRITTEN.isoformat(),
        "tags": list(rule.tags),
    }
    rest: Document = {"falsepositives": list(rule.false_positives) or ["None known"], "level": rule.level.value}
    source: Document = {
        "logsource": {"product": "merge-hub", "service": "audit"},
        "detection": {
            **{name: dict(fields) for name, fields in detection.selections.items()},
            "condition": detection.condition,
        },
    }
    if detection.correlation is None:
        return [{**about, **source, **rest}]
    name = f"merge_hub_{rule.id.lower().replace('-', '_')}"
    counted: Document = {"title": f"merge-hub: what {rule.id} counts", "name": name, "status": rule.status.value}
    return [
        {**counted, **source, "level": "informational"},
        {**about, "correlation": {"rules": [name], **detection.correlation}, **rest},
    ]
