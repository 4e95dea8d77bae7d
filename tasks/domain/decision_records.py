"""The records of what policies say of a pull request, and of each time that somebody let something pass."""

from collections.abc import Iterator

from pydantic import JsonValue

from config.schema import Enforcement, Waiver
from tasks.domain.approvals import approved_by_themselves
from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded, listed
from tasks.domain.checks.judgement import Waived
from tasks.domain.compliance import ComplianceReport, Finding
from tasks.domain.facts import digest_of_facts
from tasks.domain.gates import Candidate
from tasks.domain.model import Digest
from tasks.domain.records import Recorder, subject_of


def policy_decided(
    recorder: Recorder, report: ComplianceReport, candidate: Candidate, policy: str, facts: Digest | None = None
) -> Event:
    """`policy` is the digest of what was demanded, `facts` the one under which what it was decided on is kept."""
    rules: list[JsonValue] = [_finding(finding) for finding in report.findings]
    data: dict[str, JsonValue] = {
        "decision": "allow" if report.compliant else "deny",
        "policy": policy,
        "facts": facts,
        **listed("rules", rules),
    }
    data |= _by_themselves(report)
    subject: dict[str, JsonValue] = {**subject_of(report.pull_request), "candidate": candidate.commit}
    identity: dict[str, JsonValue] = {
        "policy": policy,
        "rules": rules,
        "pull_request": digest_of_facts(report.pull_request),
    }
    return recorder.event(EventType.POLICY_DECIDED, subject, data, identity)


def policy_denied(
    recorder: Recorder, report: ComplianceReport, policy: str, facts: Digest, latest: Event | None
) -> Event:
    """Of what was held before anything was gated; `latest` is what was decided on that pull request before."""
    rules: list[JsonValue] = [_finding(finding) for finding in report.findings]
    data: dict[str, JsonValue] = {"decision": "deny", "policy": policy, "facts": facts, **listed("rules", rules)}
    identity: dict[str, JsonValue] = {
        "policy": policy,
        "against": [_finding(finding) for finding in report.findings if finding.blocking],
        "after": None if latest is None else latest.id,
    }
    data |= _by_themselves(report)
    subject: dict[str, JsonValue] = {**subject_of(report.pull_request), "candidate": None}
    return recorder.event(EventType.POLICY_DECIDED, subject, data, identity)


def denies_as(decided: Event | None, report: ComplianceReport, policy: str) -> bool:
    """
    Whether that decision holds the same head by the same policies for the same.

    What satisfied rules say moves with the target branch, and makes no other decision.
    """
    if decided is None or decided.data["decision"] != "deny" or decided.data["policy"] != policy:
        return False
    told = decided.data["rules"]
    before = [each for each in told if _holds(each)] if isinstance(told, list) else []
    against: list[JsonValue] = [_finding(finding) for finding in report.findings if finding.blocking]
    told_of = against[: len(before)] if decided.data.get("rules_more") else against
    return decided.subject["head"] == report.pull_request.head and before == told_of


def _holds(rule: JsonValue) -> bool:
    return isinstance(rule, dict) and rule["result"] in {"fail", "error"} and rule["enforcement"] == Enforcement.BLOCK


def waivers_used(recorder: Recorder, report: ComplianceReport, waivers: tuple[Waiver, ...]) -> Iterator[Event]:
    """One for each waiver that let something pass at this head."""
    by_id = {waiver.id: waiver for waiver in waivers}
    for finding in report.findings:
        if isinstance(finding.judgement, Waived) and (waiver := by_id.get(finding.judgement.by)) is not None:
            subject: dict[str, JsonValue] = {**subject_of(report.pull_request), "waiver": waiver.id}
            data: dict[str, JsonValue] = {
                "rule": waiver.rule,
                "category": waiver.category.value,
                "reason": bounded(waiver.reason),
                "requested_by": waiver.requested_by,
                "approved_by": waiver.approved_by,
                "approved_on": waiver.approved_on,
                "expires": waiver.expires,
                "ticket": bounded(waiver.ticket),
                "because": bounded(finding.because),
            }
            yield recorder.event(EventType.WAIVER_USED, subject, data, {"expires": waiver.expires})


def _by_themselves(report: ComplianceReport) -> dict[str, JsonValue]:
    """Who approves what they wrote a part of, where anybody does."""
    given = approved_by_themselves(report.pull_request)
    return listed("self_approvals", list[JsonValue](sorted(given))) if given else {}


def _finding(finding: Finding) -> dict[str, JsonValue]:
    waived = {"waiver": finding.judgement.by} if isinstance(finding.judgement, Waived) else {}
    return {
        "id": finding.rule,
        "result": finding.result,
        "enforcement": finding.enforcement.value,
        "severity": finding.severity.value,
        "controls": list[JsonValue](finding.controls),
        "because": bounded(finding.because),
        **waived,
    }
