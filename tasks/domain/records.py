"""
The shape of every record: how a fact becomes an event, and how it is read back.

What stands in `subject` and in the `identity` argument tells one fact from another; the rest of `data` is what was
known when the fact was first told. Seconds are kept as whole milliseconds: canonical JSON here holds no fractions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from config.schema import Gate, MergeMethod
from tasks.domain.audit import Event, EventType, RepositoryIdentity, event_id
from tasks.domain.compliance import ComplianceReport
from tasks.domain.errors import MergeHubError
from tasks.domain.gates import Candidate, Culprit, Evaluation, GateResult, definition_digest
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha, Digest, PullRequest, TreeSha
from tasks.domain.reasons import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Refused:
    """One gate's verdict against a pull request, and the reason that is told for it."""

    gate: Gate
    result: GateResult
    environment: Digest
    reason: Reason


@dataclass(frozen=True, slots=True)
class RefusalRecord:
    """`context` are the pull requests, with their heads, in whose company it failed."""

    number: int
    head: CommitSha
    definition: Digest
    environment: Digest
    context: tuple[tuple[int, CommitSha], ...]
    retry: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BaseRedRecord:
    tree: TreeSha
    definition: Digest
    environment: Digest
    retries: frozenset[str]
    message: str


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """A landing that was announced; `event` is the id of its record."""

    event: str
    number: int
    head: CommitSha
    base: CommitSha
    candidate: CommitSha
    tree: TreeSha
    method: MergeMethod


@dataclass(frozen=True, slots=True)
class LandedRecord:
    intent: str
    head: CommitSha
    landed: Landed


@dataclass(frozen=True, slots=True)
class Recorder:
    """Makes events about one repository; with `repository` None, about the organization."""

    organization: str
    team: str | None
    repository: RepositoryIdentity | None

    def event(
        self,
        kind: EventType,
        subject: Mapping[str, JsonValue],
        data: Mapping[str, JsonValue],
        identity: Mapping[str, JsonValue] | None = None,
    ) -> Event:
        about = None if self.repository is None else self.repository.id
        return Event(
            id=event_id(self.organization, kind, about, subject, identity or {}),
            type=kind,
            organization=self.organization,
            team=self.team,
            repository=self.repository,
            subject=dict(subject),
            data=dict(data),
        )

    def gate_finished(self, candidate: Candidate, gate: Gate, environment: Digest, result: GateResult) -> Event:
        subject: dict[str, JsonValue] = {
            "gate": gate.name,
            "definition": definition_digest(gate),
            "environment": environment,
            "tree": candidate.tree,
        }
        data: dict[str, JsonValue] = {
            "verdict": result.verdict.value,
            "required": gate.required,
            "exit_code": result.exit_code,
            "milliseconds": round(result.seconds * 1000),
            "log": result.log,
            "candidate": candidate.commit,
            "pull_requests": list(candidate.members),
        }
        return self.event(EventType.GATE_FINISHED, subject, data, {"verdict": result.verdict.value})

    def gate_refused(
        self, pull_request: PullRequest, culprit: Culprit, refused: Refused, context: Sequence[PullRequest]
    ) -> Event:
        identity: dict[str, JsonValue] = {
            "definition": definition_digest(refused.gate),
            "environment": refused.environment,
            "context": [[member.number, member.head] for member in context],
            "retry": pull_request.retry_requested,
        }
        data: dict[str, JsonValue] = {
            **identity,
            "gate": refused.gate.name,
            "verdict": refused.result.verdict.value,
            "log": refused.result.log,
            "candidate": culprit.evaluation.candidate.commit,
            "tree": culprit.evaluation.candidate.tree,
            "code": refused.reason.code.value,
            "message": refused.reason.message,
        }
        return self.event(EventType.GATE_REFUSED, _subject(pull_request), data, identity)

    def base_red(
        self, base: Evaluation, gate: Gate, environment: Digest, retries: frozenset[str], message: str
    ) -> Event:
        identity: dict[str, JsonValue] = {
            "tree": base.candidate.tree,
            "definition": definition_digest(gate),
            "environment": environment,
            "retries": list[JsonValue](sorted(retries)),
        }
        data: dict[str, JsonValue] = {
            **identity,
            "alert": "base-red",
            "severity": "high",
            "gate": gate.name,
            "message": message,
        }
        return self.event(EventType.ALERT_RAISED, {"commit": base.candidate.commit}, data, identity)

    def tree_differs(self, landed: Landed, message: str) -> Event:
        subject: dict[str, JsonValue] = {"pull_request": landed.number, "commit": landed.commit}
        data: dict[str, JsonValue] = {
            "alert": "landed-tree-differs",
            "severity": "critical",
            "landed_tree": landed.tree,
            "gated_tree": landed.gated_tree,
            "message": message,
        }
        return self.event(EventType.ALERT_RAISED, subject, data)

    def repository_failed(self, error: MergeHubError, since: int) -> Event:
        """`since` is the sequence number of what last happened there: the same failure after it is the same fact."""
        data: dict[str, JsonValue] = {
            "alert": "repository-failed",
            "severity": "high",
            "code": error.code,
            "message": error.message,
            "remedy": error.remedy,
        }
        return self.event(EventType.ALERT_RAISED, {"code": error.code, "since": since}, data)

    def policy_decided(self, report: ComplianceReport, candidate: Candidate, policy_digest: str) -> Event:
        rules: list[JsonValue] = [
            {
                "id": finding.rule,
                "result": "pass" if finding.satisfied else "fail",
                "enforcement": finding.enforcement.value,
                "severity": finding.severity.value,
                "controls": list[JsonValue](finding.controls),
                "because": finding.because,
            }
            for finding in report.findings
        ]
        data: dict[str, JsonValue] = {
            "decision": "allow" if report.compliant else "deny",
            "policy": policy_digest,
            "rules": rules,
        }
        subject: dict[str, JsonValue] = {**_subject(report.pull_request), "candidate": candidate.commit}
        return self.event(EventType.POLICY_DECIDED, subject, data, {"policy": policy_digest, "rules": rules})

    def merge_intent(
        self, pull_request: PullRequest, candidate: Candidate, method: MergeMethod, details: Mapping[str, JsonValue]
    ) -> Event:
        subject: dict[str, JsonValue] = {**_subject(pull_request), "candidate": candidate.commit}
        data: dict[str, JsonValue] = {
            "method": method.value,
            "target": pull_request.target,
            "base": candidate.base,
            "tree": candidate.tree,
            "pull_requests": list(candidate.members),
            **details,
        }
        return self.event(EventType.MERGE_INTENT, subject, data)

    def merge_completed(self, intent: Event, landed: Landed) -> Event:
        data: dict[str, JsonValue] = {
            "intent": intent.id,
            "commit": landed.commit,
            "tree": landed.tree,
            "gated_tree": landed.gated_tree,
            "method": landed.method.value,
            "opened_at": intent.data.get("opened_at"),
            "title": intent.data.get("title"),
            "author": intent.data.get("author"),
        }
        return self.event(EventType.MERGE_COMPLETED, intent.subject, data)

    def merge_failed(self, intent: Event, message: str) -> Event:
        return self.event(
            EventType.MERGE_FAILED, intent.subject, {"intent": intent.id, "message": message}, {"message": message}
        )

    def change_evaluated(
        self, pull_request: PullRequest, outcome: Outcome, reasons: Sequence[Reason], data: Mapping[str, JsonValue]
    ) -> Event:
        told: list[JsonValue] = [
            {"code": reason.code.value, "message": reason.message, "actor": reason.actor} for reason in reasons
        ]
        identity: dict[str, JsonValue] = {"outcome": outcome.value, "reasons": told}
        title = {"title": pull_request.title[:200], "author": pull_request.author}
        return self.event(EventType.CHANGE_EVALUATED, _subject(pull_request), {**identity, **title, **data}, identity)


def parse_refusal(event: Event) -> RefusalRecord:
    data = event.data
    return RefusalRecord(
        number=_number(event),
        head=_head(event),
        definition=Digest(str(data["definition"])),
        environment=Digest(str(data["environment"])),
        context=_company(data["context"]),
        retry=None if data["retry"] is None else str(data["retry"]),
        code=str(data["code"]),
        message=str(data["message"]),
    )


def parse_base_red(event: Event) -> BaseRedRecord:
    data = event.data
    retries = data["retries"]
    return BaseRedRecord(
        tree=TreeSha(str(data["tree"])),
        definition=Digest(str(data["definition"])),
        environment=Digest(str(data["environment"])),
        retries=frozenset(str(retry) for retry in retries) if isinstance(retries, list) else frozenset(),
        message=str(data["message"]),
    )


def parse_intent(event: Event) -> IntentRecord:
    data = event.data
    return IntentRecord(
        event=event.id,
        number=_number(event),
        head=_head(event),
        base=CommitSha(str(data["base"])),
        candidate=CommitSha(str(event.subject["candidate"])),
        tree=TreeSha(str(data["tree"])),
        method=MergeMethod(str(data["method"])),
    )


def parse_landed(event: Event) -> LandedRecord:
    data = event.data
    landed = Landed(
        number=_number(event),
        commit=CommitSha(str(data["commit"])),
        tree=TreeSha(str(data["tree"])),
        gated_tree=TreeSha(str(data["gated_tree"])),
        method=MergeMethod(str(data["method"])),
    )
    return LandedRecord(intent=str(data["intent"]), head=_head(event), landed=landed)


def _subject(pull_request: PullRequest) -> dict[str, JsonValue]:
    return {"pull_request": pull_request.number, "head": pull_request.head}


def _number(event: Event) -> int:
    return int(str(event.subject["pull_request"]))


def _head(event: Event) -> CommitSha:
    return CommitSha(str(event.subject["head"]))


def _company(value: JsonValue) -> tuple[tuple[int, CommitSha], ...]:
    pairs = value if isinstance(value, list) else []
    return tuple((int(str(pair[0])), CommitSha(str(pair[1]))) for pair in pairs if isinstance(pair, list))
