"""Each control that policies name: on how many changes it was tested, and what came of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tasks.domain.audit import EventType
from tasks.domain.compliance_report.population import Change, Judged, Standing
from tasks.domain.compliance_report.record import Record, texts
from tasks.domain.compliance_report.sampling import OF_A_CONTROL, drawn
from tasks.domain.dossier import dicts


class Status(StrEnum):
    SATISFIED = "satisfied"
    NOT_SATISFIED = "not-satisfied"
    NOT_TESTED = "not tested"


class Result(StrEnum):
    """Of one control on one change, over all rules that name it; warnings count as well."""

    MET = "met"
    WAIVED = "waived"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"
    WITHOUT_EVIDENCE = "without evidence"


@dataclass(frozen=True, slots=True)
class ControlResult:
    """`counts` of changes by result; `outside` is what landed without any record, on which no control is shown."""

    control: str
    rules: tuple[str, ...]
    counts: Mapping[Result, int]
    outside: int
    sample: tuple[Change, ...]
    exceptions: tuple[Change, ...]

    @property
    def tested(self) -> int:
        return sum(self.counts[each] for each in (Result.MET, Result.WAIVED, Result.NOT_MET))

    @property
    def status(self) -> Status:
        if self.counts[Result.NOT_MET] or self.counts[Result.WITHOUT_EVIDENCE] or self.outside:
            return Status.NOT_SATISFIED
        return Status.SATISFIED if self.tested else Status.NOT_TESTED


def control_results(record: Record, changes: Sequence[Change], outside: int, root: str) -> tuple[ControlResult, ...]:
    """By the controls' names: those of the changes, and those that any decision on record named."""
    judged = [each for each in changes if each.standing is not Standing.NOT_JUDGED]
    rules = _rules_by_control(record)
    return tuple(_result(control, tuple(sorted(rules[control])), judged, outside, root) for control in sorted(rules))


def _rules_by_control(record: Record) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for decision in record.of(EventType.POLICY_DECIDED):
        for rule in dicts(decision.data.get("rules")):
            for control in texts(rule.get("controls")):
                found.setdefault(control, set()).add(str(rule.get("id")))
    return found


def _result(control: str, rules: tuple[str, ...], changes: Sequence[Change], outside: int, root: str) -> ControlResult:
    results = [(change, result_on(control, change.rules)) for change in changes]
    against = tuple(change for change, result in results if result in {Result.NOT_MET, Result.WITHOUT_EVIDENCE})
    concerned = [change for change, result in results if result is not Result.NOT_APPLICABLE]
    return ControlResult(
        control=control,
        rules=rules,
        counts={each: sum(result is each for _, result in results) for each in Result},
        outside=outside,
        sample=drawn(concerned, root, control, OF_A_CONTROL),
        exceptions=against,
    )


def result_on(control: str, rules: Iterable[Judged]) -> Result:
    """A change of which no rule at all is on record is without evidence; one whose policies do not name it, not."""
    rules = tuple(rules)
    own = [rule for rule in rules if control in rule.controls]
    if not rules:
        return Result.WITHOUT_EVIDENCE
    if any(rule.against is not None for rule in own):
        return Result.NOT_MET
    if any(rule.result == "waived" for rule in own):
        return Result.WAIVED
    return Result.MET if any(rule.result == "pass" for rule in own) else Result.NOT_APPLICABLE
