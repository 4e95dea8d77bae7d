"""What happened to some repositories, told as the audit log would hold it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import JsonValue

from config.schema import Enforcement, MergeMethod, Severity
from tasks.domain.audit import Event, RepositoryIdentity
from tasks.domain.checks.judgement import Satisfied
from tasks.domain.compliance import ComplianceReport, Finding
from tasks.domain.decision_records import policy_decided
from tasks.domain.errors import CodeHostRefused
from tasks.domain.gates import Verdict
from tasks.domain.land import Landed
from tasks.domain.model import Digest, PullRequest
from tasks.domain.reasons import Reason, ReasonCode, outcome_of
from tasks.domain.records import Recorder, Refused
from tasks.domain.search import Culprit
from tests.domain.builders import (
    ENVIRONMENT,
    NOON,
    REPOSITORY,
    candidate,
    evaluation,
    gate,
    gate_result,
    pull_request,
    red,
    sha,
    tree,
)

HOSTILE = (
    "<!channel> *bold* `code` <https://evil.example|click> & =cmd() | [x](http://evil.example)\u202e\n## done\r\nBcc: x"
)
APPROVED = Finding(
    "COM-001", "Approved", Severity.HIGH, Enforcement.BLOCK, ("SOC2:CC8.1",), Satisfied("1 of 1 approvals")
)


class Taking(Protocol):
    def append(self, events: Sequence[Event], /) -> object: ...


class Chronicle:
    """A log in memory: a minute passes between appends, and a fact told twice is one event."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.now = NOON

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        self.now += timedelta(minutes=1)
        known = {event.id for event in self.events}
        moment = self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        new = [event for event in events if event.id not in known]
        taken = [
            event.model_copy(update={"seq": seq, "time": moment}) for seq, event in enumerate(new, len(self.events) + 1)
        ]
        self.events += taken
        return tuple(taken)


@dataclass(frozen=True, slots=True)
class Story:
    """One repository's part of a log."""

    log: Taking
    repository: str = REPOSITORY
    repository_id: str = "1001"
    team: str = "platform"

    @property
    def recorder(self) -> Recorder:
        return Recorder("AcmeCorp", self.team, RepositoryIdentity(id=self.repository_id, name=self.repository))

    def runs_gate(
        self, *members: int, name: str = "unit", verdict: Verdict = Verdict.PASSED, seconds: float = 1.5
    ) -> None:
        result = gate_result(name, verdict, seconds=seconds, exit_code=1 if verdict is Verdict.FAILED else 0)
        self.log.append([self.recorder.gate_finished(candidate(*members), gate(name), Digest(ENVIRONMENT), result)])

    def lands(
        self,
        number: int,
        title: str = "Mend the door",
        author: str | None = "alice",
        *,
        opened: datetime = NOON,
        findings: tuple[Finding, ...] | None = (APPROVED,),
        grounds: str | None = None,
    ) -> None:
        """Judged by `findings`, by nothing if None, announced, and landed alone."""
        pull = pull_request(number, title=title, author=author)
        if findings is not None:
            report = ComplianceReport(pull, findings)
            self.log.append([policy_decided(self.recorder, report, candidate(number), "sha256:policy")])
        details: dict[str, JsonValue] = {
            "grounds": grounds,
            "policy": "sha256:policy",
            "title": title,
            "author": author,
            "opened_at": opened.isoformat(),
            "class": "standard",
        }
        intent = self.recorder.merge_intent(pull, candidate(number), MergeMethod.MERGE, details)
        self.log.append([intent])
        landed = Landed(number, sha(900 + number), tree(number), tree(number), MergeMethod.MERGE)
        self.log.append([self.recorder.merge_completed(intent, landed)])

    def stops(
        self, number: int, *reasons: Reason, title: str = "Mend the door", author: str | None = "alice", head: int = 0
    ) -> None:
        """It does not land, for these reasons."""
        pull = self._pull(number, title, author, head)
        self.log.append([self.recorder.change_evaluated(pull, outcome_of(reasons), reasons, None)])

    def refuses(self, number: int, *, name: str = "unit") -> None:
        """A gate fails on it, and it is refused for that."""
        self.runs_gate(number, name=name, verdict=Verdict.FAILED)
        pull = pull_request(number)
        reason = Reason(ReasonCode.GATE_FAILED, f"gate {name} failed with exit status 1", "alice")
        found = gate_result(name, Verdict.FAILED, exit_code=1)
        culprit = Culprit(number, (), evaluation(number, results=(found,)))
        refused = Refused(gate(name), found, Digest(ENVIRONMENT), reason)
        self.log.append([self.recorder.gate_refused(pull, culprit, refused, [])])
        self.stops(number, reason)

    def turns_red(self, *gates: str) -> None:
        """The target branch itself, for each of `gates`."""
        message = "main itself is red at bbbbbbb: unit failed with exit status 1"
        environment = Digest(ENVIRONMENT)
        self.log.append(
            [
                self.recorder.base_red(red(), gate(name), environment, frozenset(), message)
                for name in gates or ("unit",)
            ]
        )

    def differs(self, number: int) -> None:
        landed = Landed(number, sha(900 + number), tree(99), tree(number), MergeMethod.MERGE)
        message = f"#{number} landed as {landed.commit} with tree {landed.tree}; gated was tree {landed.gated_tree}"
        intent = self.recorder.merge_intent(pull_request(number), candidate(number), MergeMethod.MERGE, {})
        self.log.append([self.recorder.tree_differs(intent, landed, message, rollback=False)])

    def is_unreachable(self, message: str = "GitHub does not answer") -> None:
        error = CodeHostRefused(message, remedy="Look at the code host's status page.")
        self.log.append([self.recorder.repository_failed(error, 0)])

    def _pull(self, number: int, title: str, author: str | None, head: int) -> PullRequest:
        pull = pull_request(number, title=title, author=author)
        return replace(pull, head=sha(head)) if head else pull


def held(message: str = "0 of 1 independent approvals of 0000001") -> Reason:
    return Reason(ReasonCode.APPROVALS_MISSING, message)


def refused(message: str = "gate unit failed with exit status 1", actor: str | None = "alice") -> Reason:
    return Reason(ReasonCode.GATE_FAILED, message, actor)


def failed(message: str = "gate unit could not be run to an answer") -> Reason:
    return Reason(ReasonCode.GATE_ERRORED, message)
