"""Accounts of a month, told as the log would hold them, and the report on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue

from config.schema import Enforcement, MergeMethod, Severity
from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.checks.judgement import Judgement, Satisfied, Violated, Waived
from tasks.domain.compliance import ComplianceReport, Finding
from tasks.domain.compliance_report.period import Period, period_named
from tasks.domain.compliance_report.record import LogState, record_of
from tasks.domain.compliance_report.report import PeriodReport, Scope, report_on
from tasks.domain.decision_records import policy_decided
from tasks.domain.land import Landed
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.records import Recorder
from tests.domain.builders import candidate, pull_request, sha, tree
from tests.domain.chronicle import Chronicle

ROOT = "5a" * 32
API = RepositoryIdentity(id="1001", name="acme/api")
APPROVED = Satisfied("1 of 1 independent approvals")
LACKING = Violated(
    "0 of 1 independent approvals", (Reason(ReasonCode.APPROVALS_MISSING, "0 of 1 independent approvals"),)
)


def rule(
    name: str = "COM-001",
    judgement: Judgement = APPROVED,
    controls: tuple[str, ...] = ("SOC2:CC8.1",),
    enforcement: Enforcement = Enforcement.BLOCK,
) -> Finding:
    return Finding(name, "A rule", Severity.HIGH, enforcement, controls, judgement)


def waived(by: str = "W-1") -> Finding:
    return rule(judgement=Waived("0 of 1 independent approvals", by))


@dataclass
class Accounts:
    """One log; a minute passes between what is told. `grounds` are what decisions rested on."""

    log: Chronicle = field(default_factory=Chronicle)
    grounds: dict[str, dict[str, Any]] = field(default_factory=dict)
    repository: RepositoryIdentity = API
    team: str = "platform"

    @property
    def recorder(self) -> Recorder:
        return Recorder("AcmeCorp", self.team, self.repository)

    def goes_to(self, moment: datetime) -> None:
        self.log.now = moment

    def lands(
        self,
        number: int,
        *rules: Finding,
        title: str = "Mend the door",
        approvers: Sequence[str] = ("bob",),
        judged: bool = True,
        kept: bool = True,
        same_tree: bool = True,
        urgent: bool = False,
        signed: Sequence[str] = (),
    ) -> Event:
        """By alice. `kept`: what it rested on is in evidence; `judged`: the decision is on record."""
        pull = pull_request(number, title=title, author="alice")
        if judged:
            report = ComplianceReport(pull, rules or (rule(),))
            self.log.append([policy_decided(self.recorder, report, candidate(number), "sha256:policy")])
        digest = f"sha256:{number:064x}"
        if kept:
            self.grounds[digest] = {
                "contributors": ["alice"],
                "approvals": [{"reviewer": each} for each in approvers],
                "sign_offs": [{"person": each, "event": "unknown"} for each in signed],
            }
        details: dict[str, JsonValue] = {
            "grounds": digest,
            "policy": "sha256:policy",
            "title": title,
            "author": "alice",
            "opened_at": "2026-11-01T09:00:00+00:00",
            "class": "emergency" if urgent else "standard",
        }
        intent = self.recorder.merge_intent(pull, candidate(number), MergeMethod.MERGE, details)
        self.log.append([intent])
        gated = tree(number) if same_tree else tree(7000 + number)
        landed = Landed(number, sha(900 + number), tree(number), gated, MergeMethod.MERGE)
        (event,) = self.log.append([self.recorder.merge_completed(intent, landed)])
        return event

    def tells(
        self, kind: EventType, subject: Mapping[str, JsonValue], data: Mapping[str, JsonValue], *, at_all: bool = False
    ) -> Event:
        """`at_all`: of the organization, and not of the repository."""
        recorder = Recorder("AcmeCorp", None, None) if at_all else self.recorder
        (event,) = self.log.append([recorder.event(kind, subject, data, {"n": len(self.log.events)})])
        return event

    def of_head(self, number: int, **more: JsonValue) -> dict[str, JsonValue]:
        return {"pull_request": number, "head": pull_request(number).head, **more}

    def is_compared(self, *unaccounted: str, count: int | None = None, chain_ok: bool = True, hub: int = 1) -> Event:
        subject: dict[str, JsonValue] = {"ref": "refs/heads/main", "from": sha(1), "to": sha(2)}
        data: dict[str, JsonValue] = {
            "ref_updates": 1,
            "chain_ok": chain_ok,
            "commits": hub + len(unaccounted),
            "accounted": {"hub": hub, "compliant_human": 0, "robot": 0, "emergency": 0},
            "unaccounted": list[JsonValue](unaccounted),
            "unaccounted_count": len(unaccounted) if count is None else count,
        }
        return self.tells(EventType.RECONCILIATION_COMPLETED, subject, data)

    def is_passed(self, commit: str, actor: str | None = "mallory", kind: str = "direct-push") -> Event:
        subject: dict[str, JsonValue] = {"ref": "refs/heads/main", "commit": commit}
        data: dict[str, JsonValue] = {"kind": kind, "actor": actor, "authors": [], "because": "nobody approved it"}
        return self.tells(EventType.BYPASS_FOUND, subject, data)

    def justifies(self, bypass: Event, by: str) -> Event:
        data: dict[str, JsonValue] = {"reason": "incident 7", "by": by, "ticket": None, "bypass": bypass.id}
        return self.tells(EventType.BYPASS_JUSTIFIED, bypass.subject, data)

    def reported(self, period: Period | None = None, team: str = "all", as_of: str | None = None) -> PeriodReport:
        events = self.log.events
        last = events[-1].time if events else ""
        state = LogState("merge-hub/acmecorp", len(events), ROOT, as_of or last)
        scope = Scope("AcmeCorp", team, period or EVER, state)
        return report_on(record_of(events, len(events), team), scope, self.grounds)


EVER = Period("ever", datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
MARCH = period_named("2026-03")
