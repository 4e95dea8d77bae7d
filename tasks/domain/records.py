"""
The shape of every record: how a fact becomes an event, and how it is read back.

What stands in `subject` and in the `identity` argument tells one fact from another; the rest of `data` is what was
known when the fact was first told. Seconds are kept as whole milliseconds: canonical JSON here holds no fractions.
Whatever strangers can make long (titles, messages, lists of reviews or files) is bounded, so that nobody can make an
event too large for the log, which would stop a repository.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

from config.schema import Gate, MergeMethod
from tasks.domain.audit import Event, EventType, RepositoryIdentity, event_id
from tasks.domain.bounds import TITLE_LENGTH, bounded, listed
from tasks.domain.dependencies import printable
from tasks.domain.errors import MergeHubError
from tasks.domain.gates import Candidate, Evaluation, GateResult, Verdict, company_seen, definition_digest
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha, Digest, PullRequest, Reference
from tasks.domain.odds import Sign
from tasks.domain.plan import ConflictFound
from tasks.domain.reasons import Outcome, Reason
from tasks.domain.search import Culprit

"""What a list may take of an event: half, whatever its entries are."""


class Proposed(Protocol):
    """A pull request, as far as a record names it."""

    @property
    def number(self) -> int: ...
    @property
    def head(self) -> CommitSha: ...
    @property
    def title(self) -> str: ...
    @property
    def author(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """
    One gate's verdict against a pull request, what was known of that before, and the reason that is told for it.

    `beside` are the members of its change set in other repositories, where the gate saw their candidates.
    """

    gate: Gate
    result: GateResult
    environment: Digest
    reason: Reason
    sign: Sign = Sign.NONE
    beside: Mapping[Reference, CommitSha] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorder:
    """
    Makes events about one repository; with `repository` None, about the organization.

    `policy` is the digest of what is demanded there, which every decision names; None where nothing is decided.
    """

    organization: str
    team: str | None
    repository: RepositoryIdentity | None
    policy: str | None = None

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
            **({"companions": [list(pair) for pair in seen]} if (seen := company_seen(gate, candidate)) else {}),
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

    def gates_finished(
        self, candidate: Candidate, gates: Iterable[Gate], environment: Digest, results: Iterable[GateResult]
    ) -> list[Event]:
        """In step; a gate that was stopped has found nothing that could be recorded."""
        return [
            self.gate_finished(candidate, gate, environment, result)
            for gate, result in zip(gates, results, strict=True)
            if result.verdict is not Verdict.SKIPPED
        ]

    def gate_refused(
        self,
        pull_request: PullRequest,
        culprit: Culprit,
        refused: Refused,
        context: Sequence[PullRequest] = (),
        together: Sequence[tuple[int, CommitSha]] = (),
    ) -> Event:
        """`context` had landed before it or would have, `together` are the others of its change set, gated with it."""
        identity: dict[str, JsonValue] = {
            "definition": definition_digest(refused.gate),
            "environment": refused.environment,
            "context": [[member.number, member.head] for member in context],
            "retry": pull_request.retry_requested,
            **({"together": [list(member) for member in together]} if together else {}),
            **(
                {"beside": [[str(each), head] for each, head in sorted(refused.beside.items())]}
                if refused.beside
                else {}
            ),
        }
        data: dict[str, JsonValue] = {
            **identity,
            "gate": refused.gate.name,
            "verdict": refused.result.verdict.value,
            "log": refused.result.log,
            "candidate": culprit.evaluation.candidate.commit,
            "tree": culprit.evaluation.candidate.tree,
            "sign": refused.sign.value,
            "code": refused.reason.code.value,
            "message": bounded(refused.reason.message),
        }
        return self.event(EventType.GATE_REFUSED, subject_of(pull_request), data, identity)

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
            "message": bounded(message),
        }
        return self.event(EventType.ALERT_RAISED, {"commit": base.candidate.commit}, data, identity)

    def tree_differs(self, intent: Event, landed: Landed, message: str, *, rollback: bool) -> Event:
        """`rollback` says that the landing is to be taken back for it."""
        subject: dict[str, JsonValue] = {"pull_request": landed.number, "commit": landed.commit}
        data: dict[str, JsonValue] = {
            "alert": "landed-tree-differs",
            "severity": "critical",
            "landed_tree": landed.tree,
            "gated_tree": landed.gated_tree,
            "message": message,
            "intent": intent.id,
            "candidate": intent.subject["candidate"],
            "because": "it is not the tree that was gated",
            "rollback": rollback,
        }
        return self.event(EventType.ALERT_RAISED, subject, data)

    def repository_failed(self, error: MergeHubError, since: int) -> Event:
        """`since` is the sequence number of what last happened there: the same failure after it is the same fact."""
        data: dict[str, JsonValue] = {
            "alert": "repository-failed",
            "severity": "high",
            "code": error.code,
            "message": bounded(error.message),
            "remedy": bounded(error.remedy),
        }
        return self.event(EventType.ALERT_RAISED, {"code": error.code, "since": since}, data)

    def merge_intent(
        self, pull_request: PullRequest, candidate: Candidate, method: MergeMethod, details: Mapping[str, JsonValue]
    ) -> Event:
        subject: dict[str, JsonValue] = {**subject_of(pull_request), "candidate": candidate.commit}
        data: dict[str, JsonValue] = {
            "method": method.value,
            "target": pull_request.target,
            "base": candidate.base,
            "tree": candidate.tree,
            "pull_requests": list(candidate.members),
            "commits": list(candidate.commits),
            **details,
        }
        return self.event(EventType.MERGE_INTENT, subject, data)

    def merge_completed(self, intent: Event, landed: Landed, details: Mapping[str, JsonValue] | None = None) -> Event:
        """`details` are what only the process knows that landed it, and not one that finds it landed."""
        data: dict[str, JsonValue] = {
            "intent": intent.id,
            "commit": landed.commit,
            "tree": landed.tree,
            "gated_tree": landed.gated_tree,
            "method": landed.method.value,
            "opened_at": intent.data.get("opened_at"),
            "title": intent.data.get("title"),
            "author": intent.data.get("author"),
            "sign": intent.data.get("sign", Sign.NONE.value),
            **(details or {}),
        }
        return self.event(EventType.MERGE_COMPLETED, intent.subject, data)

    def merge_failed(self, intent: Event, message: str, *, final: bool) -> Event:
        """`final` says that what was announced can never land any more; otherwise a later attempt may succeed."""
        told = bounded(message)
        data: dict[str, JsonValue] = {"intent": intent.id, "message": told, "final": final}
        return self.event(EventType.MERGE_FAILED, intent.subject, data, {"message": told})

    def change_evaluated(
        self, pull_request: Proposed, outcome: Outcome, reasons: Sequence[Reason], conflict: ConflictFound | None
    ) -> Event:
        """`conflict` is what a later run must know, to go on naming the one ahead once that one has landed."""
        told: list[JsonValue] = [
            {"code": reason.code.value, "message": bounded(reason.message), "actor": reason.actor} for reason in reasons
        ]
        data: dict[str, JsonValue] = {
            "outcome": outcome.value,
            "policy": self.policy,
            **listed("reasons", told),
            "title": printable(pull_request.title, TITLE_LENGTH),
            "author": pull_request.author,
            **_conflict(conflict),
        }
        identity: dict[str, JsonValue] = {"outcome": outcome.value, "policy": self.policy, "reasons": told}
        return self.event(EventType.CHANGE_EVALUATED, subject_of(pull_request), data, identity)


def subject_of(pull_request: Proposed) -> dict[str, JsonValue]:
    return {"pull_request": pull_request.number, "head": pull_request.head}


def _conflict(found: ConflictFound | None) -> dict[str, JsonValue]:
    """The files that are told of, which are few; a conflict with the target branch is found again by itself."""
    if found is None or found.ahead is None:
        return {}
    told, more = found.told
    data: dict[str, JsonValue] = {"conflicts_with": found.ahead, "conflict_paths": list[JsonValue](told)}
    return data | ({"conflict_paths_more": more} if more else {})
