"""
Why a pull request is where it is: the closed table of reason codes, each belonging to one outcome.

Codes are written into records and shown to people; they are never renamed. `held` waits for a person or a time,
`refused` means that this pull request is at fault, `failed` that the world is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Outcome(StrEnum):
    MERGED = "merged"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"


class ReasonCode(StrEnum):
    DRAFT = "draft"
    TARGET_OTHER = "target-other"
    LABEL_MISSING = "label-missing"
    LABEL_EXCLUDED = "label-excluded"
    CHANGES_REQUESTED = "changes-requested"
    APPROVALS_MISSING = "approvals-missing"
    APPROVAL_STALE = "approval-stale"
    APPROVAL_ASKED_AGAIN = "approval-asked-again"
    APPROVAL_NOT_INDEPENDENT = "approval-not-independent"
    APPROVER_NOT_AUTHORIZED = "approver-not-authorized"
    REVIEWER_MISSING = "reviewer-missing"
    COMMITS_UNKNOWN = "commits-unknown"
    POLICY_VIOLATED = "policy-violated"
    POLICY_ERROR = "policy-error"
    CODE_OWNER_MISSING = "code-owner-missing"
    AUDIT_TRAIL_MISSING = "audit-trail-missing"
    NO_REQUIRED_GATE = "no-required-gate"
    DEPENDENCY_OPEN = "dependency-open"
    DEPENDENCY_HELD = "dependency-held"
    DEPENDENCY_CLOSED = "dependency-closed"
    DEPENDENCY_ROLLED_BACK = "dependency-rolled-back"
    DEPENDENCY_UNKNOWN = "dependency-unknown"
    CONFLICT_AHEAD = "conflict-ahead"
    FROZEN = "frozen"
    PAUSED = "paused"
    NOT_BEFORE = "not-before"
    QUARANTINED = "quarantined"
    SIGN_OFF_MISSING = "sign-off-missing"
    PLAN_FROZEN = "plan-frozen"
    CHANGE_SET_WAITING = "change-set-waiting"
    CHANGE_SET_UNREADABLE = "change-set-unreadable"
    CHANGE_SET_TOO_LARGE = "change-set-too-large"
    CHANGE_SET_REVERTED = "change-set-reverted"
    CHANGED_MEANWHILE = "changed-meanwhile"
    BASE_RED = "base-red"
    BASE_MOVING = "base-moving"
    STAGE_OBSERVE = "stage-observe"
    STAGE_GATE = "stage-gate"
    GATE_FAILED = "gate-failed"
    GATE_TIMED_OUT = "gate-timed-out"
    INTERACTION = "interaction"
    CONFLICT_BASE = "conflict-base"
    DEPENDENCY_CYCLE = "dependency-cycle"
    PATH_FORBIDDEN = "path-forbidden"
    GATE_ERRORED = "gate-errored"
    LANDING_REJECTED = "landing-rejected"
    TREE_DIFFERS = "tree-differs"
    ROLLED_BACK = "rolled-back"
    REPOSITORY_FAILED = "repository-failed"


@dataclass(frozen=True, slots=True)
class CodeEntry:
    outcome: Outcome
    meaning: str


TABLE: dict[ReasonCode, CodeEntry] = {
    ReasonCode.DRAFT: CodeEntry(Outcome.HELD, "the pull request is a draft"),
    ReasonCode.TARGET_OTHER: CodeEntry(Outcome.HELD, "it targets a branch that its team does not land on"),
    ReasonCode.LABEL_MISSING: CodeEntry(Outcome.HELD, "a label that its team asks for is not set"),
    ReasonCode.LABEL_EXCLUDED: CodeEntry(Outcome.HELD, "a label that its team excludes is set"),
    ReasonCode.CHANGES_REQUESTED: CodeEntry(Outcome.HELD, "a reviewer's latest review asks for changes"),
    ReasonCode.APPROVALS_MISSING: CodeEntry(Outcome.HELD, "fewer independent approvals of this head than required"),
    ReasonCode.APPROVAL_STALE: CodeEntry(
        Outcome.HELD, "an approval was given to an earlier head, or while it targeted another branch"
    ),
    ReasonCode.APPROVAL_ASKED_AGAIN: CodeEntry(Outcome.HELD, "who approved was asked to review again and has not"),
    ReasonCode.APPROVAL_NOT_INDEPENDENT: CodeEntry(Outcome.HELD, "an approval came from a contributor or a bot"),
    ReasonCode.APPROVER_NOT_AUTHORIZED: CodeEntry(Outcome.HELD, "an approval came from somebody who may not approve"),
    ReasonCode.REVIEWER_MISSING: CodeEntry(Outcome.HELD, "a required reviewer has not approved this head"),
    ReasonCode.COMMITS_UNKNOWN: CodeEntry(Outcome.HELD, "who contributed cannot be told from the code host's list"),
    ReasonCode.POLICY_VIOLATED: CodeEntry(Outcome.HELD, "a blocking policy rule is not satisfied"),
    ReasonCode.POLICY_ERROR: CodeEntry(Outcome.HELD, "a blocking policy rule cannot be evaluated"),
    ReasonCode.CODE_OWNER_MISSING: CodeEntry(Outcome.HELD, "no owner of a path that it changes approved this head"),
    ReasonCode.AUDIT_TRAIL_MISSING: CodeEntry(Outcome.HELD, "the decision is not in the audit log"),
    ReasonCode.NO_REQUIRED_GATE: CodeEntry(Outcome.HELD, "no required gate is configured, so nothing can be proven"),
    ReasonCode.DEPENDENCY_OPEN: CodeEntry(Outcome.HELD, "a pull request of another repository must land first"),
    ReasonCode.DEPENDENCY_HELD: CodeEntry(Outcome.HELD, "a pull request that it depends on is not landing"),
    ReasonCode.DEPENDENCY_CLOSED: CodeEntry(Outcome.HELD, "a pull request that it depends on was closed unmerged"),
    ReasonCode.DEPENDENCY_ROLLED_BACK: CodeEntry(Outcome.HELD, "a pull request that it depends on was rolled back"),
    ReasonCode.DEPENDENCY_UNKNOWN: CodeEntry(Outcome.HELD, "what it depends on is no pull request that can be seen"),
    ReasonCode.CONFLICT_AHEAD: CodeEntry(Outcome.HELD, "it conflicts with a pull request that goes first"),
    ReasonCode.FROZEN: CodeEntry(Outcome.HELD, "a freeze keeps it from landing"),
    ReasonCode.PAUSED: CodeEntry(Outcome.HELD, "somebody has stopped all landings there"),
    ReasonCode.NOT_BEFORE: CodeEntry(Outcome.HELD, "its description says not to land it before a moment to come"),
    ReasonCode.QUARANTINED: CodeEntry(Outcome.HELD, "gates refused it too often to gate another head unasked"),
    ReasonCode.SIGN_OFF_MISSING: CodeEntry(Outcome.HELD, "the plan that it is in lacks signatures"),
    ReasonCode.PLAN_FROZEN: CodeEntry(Outcome.HELD, "another plan waits for signatures; it goes into the next one"),
    ReasonCode.CHANGE_SET_WAITING: CodeEntry(Outcome.HELD, "another member of its change set is not landing"),
    ReasonCode.CHANGE_SET_UNREADABLE: CodeEntry(Outcome.HELD, "its change set cannot be read, or it names several"),
    ReasonCode.CHANGE_SET_TOO_LARGE: CodeEntry(
        Outcome.HELD, "more of its change set are in its repository than may land together there"
    ),
    ReasonCode.CHANGE_SET_REVERTED: CodeEntry(Outcome.HELD, "its change set landed in part and was taken back"),
    ReasonCode.CHANGED_MEANWHILE: CodeEntry(Outcome.HELD, "it changed after the snapshot that the plan was made of"),
    ReasonCode.BASE_RED: CodeEntry(Outcome.HELD, "a required gate fails on the target branch itself"),
    ReasonCode.BASE_MOVING: CodeEntry(Outcome.HELD, "the target branch kept moving while it was to be landed"),
    ReasonCode.STAGE_OBSERVE: CodeEntry(Outcome.HELD, "it would be gated; the stage is `observe`"),
    ReasonCode.STAGE_GATE: CodeEntry(Outcome.HELD, "it would land; the stage is `gate`"),
    ReasonCode.GATE_FAILED: CodeEntry(Outcome.REFUSED, "a required gate failed because of it"),
    ReasonCode.GATE_TIMED_OUT: CodeEntry(Outcome.REFUSED, "a required gate exceeded its time limit because of it"),
    ReasonCode.INTERACTION: CodeEntry(Outcome.REFUSED, "a required gate fails only together with what went ahead"),
    ReasonCode.CONFLICT_BASE: CodeEntry(Outcome.REFUSED, "it conflicts with the target branch"),
    ReasonCode.DEPENDENCY_CYCLE: CodeEntry(Outcome.REFUSED, "it depends on itself through others"),
    ReasonCode.PATH_FORBIDDEN: CodeEntry(Outcome.REFUSED, "it holds a path that cannot be checked out"),
    ReasonCode.GATE_ERRORED: CodeEntry(Outcome.FAILED, "a required gate could not be run to an answer"),
    ReasonCode.LANDING_REJECTED: CodeEntry(Outcome.FAILED, "the code host did not accept the landing"),
    ReasonCode.TREE_DIFFERS: CodeEntry(Outcome.FAILED, "what landed is not the tree that was gated"),
    ReasonCode.ROLLED_BACK: CodeEntry(Outcome.FAILED, "it had landed, and was taken back off the target branch"),
    ReasonCode.REPOSITORY_FAILED: CodeEntry(Outcome.FAILED, "its repository failed before it was decided"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """
    `message` is a clause with the expected and the found in it; `actor` who can change it, None for the hub.

    `until` is when it ends by itself, where that is known.
    """

    code: ReasonCode
    message: str
    actor: str | None = None
    until: datetime | None = None

    @property
    def outcome(self) -> Outcome:
        return TABLE[self.code].outcome


SEVERITY = (Outcome.FAILED, Outcome.REFUSED, Outcome.HELD)


def outcome_of(reasons: Iterable[Reason]) -> Outcome:
    """The most severe outcome among `reasons`; raises ValueError where there is none, since nothing is no reason."""
    outcomes = {reason.outcome for reason in reasons}
    for outcome in SEVERITY:
        if outcome in outcomes:
            return outcome
    message = "a pull request that did not land needs at least one reason"
    raise ValueError(message)


def told_moment(moment: datetime) -> str:
    """As RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
