"""
Where one repository stands on its way: what was planned, what was found, what landed, what is still open.

A journey is a value; each round of the flow makes the next one of what the steps found. It ends when nothing is open:
a pull request that did not land then has at least one reason.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tasks.domain.change_sets import ChangeSet
from tasks.domain.compliance import ComplianceReport
from tasks.domain.freeze import Passed
from tasks.domain.gates import Candidate, Evaluation, GateResult, Members, Phase, Verdict
from tasks.domain.land import BaseMoved, HeadMoved, Landed, Rejected
from tasks.domain.memory import Memory
from tasks.domain.model import Circumstances, CommitSha, Digest, PullRequest, Reference, RelatedState, Snapshot, TreeSha
from tasks.domain.odds import Judged
from tasks.domain.ordering import Ordered, order_candidates, reasons_downstream
from tasks.domain.plan import ConflictFound, Plan, conflict_reason
from tasks.domain.reasons import Outcome, Reason, ReasonCode, outcome_of
from tasks.domain.rules import Rules
from tasks.domain.search import Purpose
from tasks.domain.sign_off import Accepted

MAXIMUM_BASE_MOVES = 5
"""How often a run follows a target branch that others keep moving before it leaves the rest to the next run."""

_OUT_FOR_ITSELF = frozenset({ReasonCode.GATE_FAILED, ReasonCode.GATE_TIMED_OUT, ReasonCode.ROLLED_BACK})
_WAITING = frozenset(
    {
        ReasonCode.DEPENDENCY_CLOSED,
        ReasonCode.DEPENDENCY_CYCLE,
        ReasonCode.DEPENDENCY_HELD,
        ReasonCode.DEPENDENCY_OPEN,
        ReasonCode.DEPENDENCY_ROLLED_BACK,
        ReasonCode.DEPENDENCY_UNKNOWN,
    }
)

Reasons = Mapping[int, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class GateRun:
    """`ahead` are those that its candidate was built on, which were taken to land first."""

    candidate: Candidate
    result: GateResult
    purpose: Purpose = Purpose.SEARCH
    ahead: Members = ()
    phase: Phase = Phase.GATE

    @property
    def group(self) -> Members:
        """Everybody whose commits the gate saw."""
        return self.ahead + self.candidate.members


@dataclass(frozen=True, slots=True)
class Batch:
    """
    What may be gated together, on `base` (a candidate without members). `conflicts` were found while merging it.

    Each of `candidates` has one member more than the one before it; without any nothing is left to gate.
    """

    base: Candidate
    candidates: tuple[Candidate, ...]
    conflicts: Mapping[int, ConflictFound]


@dataclass(frozen=True, slots=True)
class Gated:
    """
    `evaluation` is of exactly what may land, None where nothing may; `reasons` are against the others.

    `evaluations` are all that were made on the way, by tree; `judged` are those that gates came to an answer on, by
    number.
    """

    evaluation: Evaluation | None
    reasons: Reasons
    runs: tuple[GateRun, ...]
    evaluations: Mapping[TreeSha, Evaluation] = field(default_factory=dict)
    judged: Mapping[int, Judged] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cleared:
    """
    `candidate` is what may land now, None where anybody in it may not: the others are then gated without them.

    `circumstances` are those that the reports were judged by, `passed` the freezes that let somebody through,
    `sign_offs` the signatures that count.
    """

    candidate: Candidate | None
    reports: tuple[ComplianceReport, ...]
    reasons: Reasons
    circumstances: Circumstances = field(default_factory=Circumstances)
    passed: Mapping[int, tuple[Passed, ...]] = field(default_factory=dict)
    sign_offs: tuple[Accepted, ...] = ()


Landing = tuple[Landed, ...] | BaseMoved | HeadMoved | Rejected | None
"""What landed, proven, or why nothing did; None: there was nothing to land."""


@dataclass(frozen=True, slots=True)
class Journey:
    """
    `planned` are the pull requests that the plan may land, in landing order.

    `candidates` are those and all others that nothing but what they wait for keeps from landing.

    `reasons` are against those that are settled, `conflicts` against those that wait for one ahead; `moves` counts how
    often others moved the base. `evaluations` are those of this run, by tree; `judged` is everybody whom gates of this
    repository came to an answer on, the latest last.

    `change_sets` are those with members here; of the `undecided` nothing is said before all repositories are known.
    """

    rules: Rules
    snapshot: Snapshot
    plan: Plan
    planned: tuple[PullRequest, ...]
    dependencies: Mapping[int, frozenset[int]]
    memory: Memory
    reasons: Reasons
    conflicts: Mapping[int, ConflictFound]
    landed: Mapping[int, Landed]
    base: CommitSha
    candidates: frozenset[int] = frozenset()
    runs: tuple[GateRun, ...] = ()
    moves: int = 0
    change_sets: tuple[ChangeSet, ...] = ()
    undecided: frozenset[int] = frozenset()
    evaluations: Mapping[TreeSha, Evaluation] = field(default_factory=dict)
    judged: tuple[Judged, ...] = ()

    @property
    def open(self) -> tuple[PullRequest, ...]:
        """Those planned that have neither landed nor been settled."""
        closed = {*self.landed, *self.reasons}
        return tuple(pull for pull in self.planned if pull.number not in closed)

    @property
    def retries(self) -> frozenset[str]:
        """The wishes for another try that those who are open bear."""
        return frozenset(pull.retry_requested for pull in self.open if pull.retry_requested is not None)

    @property
    def heads(self) -> Mapping[int, CommitSha]:
        return {pull.number: pull.head for pull in self.snapshot.pull_requests}

    def pull_request(self, number: int) -> PullRequest:
        return next(pull for pull in self.snapshot.pull_requests if pull.number == number)

    def proves_green(self, tree: TreeSha, environment: Digest, at: datetime) -> bool:
        """Whether this very run has every required gate passed on `tree`, or the log, not too long before `at`."""
        gates = self.rules.gates
        required = {gate.name for gate in gates if gate.required}
        here = {
            run.result.gate
            for run in self.runs
            if (run.candidate.tree, run.candidate.companions) == (tree, ())
            and run.result.verdict is Verdict.PASSED
            and run.result.required
        }
        return self.memory.proves_green(tree, gates, environment, at) or (bool(required) and required <= here)

    def settled(self, reasons: Reasons) -> "Journey":
        """Closes the case of each pull request named, and of everything open that depends on one, transitively."""
        closed = {**self.reasons, **reasons}
        downstream = reasons_downstream(self.dependencies, closed.keys(), self.snapshot)
        held = {number: told for number, told in downstream.items() if number not in {*closed, *self.landed}}
        return replace(self, reasons={**closed, **held})

    def after(self, batch: Batch, gated: Gated, cleared: Cleared, landing: Landing) -> "Journey":
        """The next round begins here."""
        journey = replace(
            self,
            base=batch.base.commit,
            conflicts=self._conflicts_with(batch),
            runs=self.runs + gated.runs,
            evaluations={**self.evaluations, **gated.evaluations},
            judged=(*self.judged, *(each for each in gated.judged.values() if each.bad)),
        ).settled({**gated.reasons, **cleared.reasons})
        match landing:
            case None:
                return journey
            case BaseMoved():
                return _with_moved_base(journey, landing)
            case HeadMoved(number=number):
                reason = Reason(ReasonCode.CHANGED_MEANWHILE, "its head moved at the moment of landing")
                return journey.settled({number: (reason,)})
            case Rejected(message=message):
                refused = Reason(ReasonCode.LANDING_REJECTED, f"the code host did not accept the landing: {message}")
                members = () if cleared.candidate is None else cleared.candidate.members
                return journey.settled(dict.fromkeys(members, (refused,)))
            case landed:
                arrived = {each.number: each for each in landed}
                tip = landed[-1].commit if landed else batch.base.commit
                good = (gated.judged[number] for number in arrived if number in gated.judged)
                return replace(journey, landed={**journey.landed, **arrived}, base=tip, judged=(*journey.judged, *good))

    def concluded(self, last: Batch) -> "Journey":
        """Nothing more can land: whoever conflicts is told with whom or what, and whatever is left is settled."""
        pulls = {pull.number: pull for pull in self.snapshot.pull_requests}
        still_open = {pull.number for pull in self.open}
        conflicts = self._conflicts_with(last)
        told = {number: (conflict_reason(conflicts[number], pulls),) for number in conflicts if number in still_open}
        journey = replace(self, conflicts=conflicts).settled(told)
        leftover = Reason(ReasonCode.CHANGED_MEANWHILE, "the next run decides")
        journey = journey.settled({pull.number: (leftover,) for pull in journey.open})
        return replace(journey, reasons={**journey.reasons, **journey.waiting()})

    def stopped(self, reason: Reason) -> "Journey":
        """Nothing more is found out: `reason` is against everybody of whom nothing was decided."""
        decided = {*self.reasons, *self.landed}
        undecided = [pull.number for pull in self.snapshot.pull_requests if pull.number not in decided]
        return replace(self, reasons={**self.reasons, **dict.fromkeys(undecided, (reason,))})

    def behind(self, members: Collection[int]) -> tuple[tuple[PullRequest, ConflictFound], ...]:
        """Those open that conflict with one of `members`, which is ahead of them."""
        conflicts = ((pull, self.conflicts.get(pull.number)) for pull in self.open)
        return tuple(
            (pull, found)
            for pull, found in conflicts
            if found is not None and found.ahead in members and pull.number not in members
        )

    def waiting(self) -> Reasons:
        """
        Everything that each settled pull request waits for, where that is all that is against it.

        Whoever was settled for the first thing it waited for is told of every other that gates refused since. The
        next run would know all of them from the start, and so would tell the same facts in other words.
        """
        here = {number: self.reasons[number] for number in self.candidates if number not in self.landed}
        refused = {number for number, told in here.items() if _OUT_FOR_ITSELF & {reason.code for reason in told}}
        waiting = self.ordered(here.keys() - refused).reasons
        return {
            number: reasons
            for number, reasons in waiting.items()
            if {reason.code for reason in here[number]} <= _WAITING
        }

    def ordered(self, numbers: Collection[int]) -> Ordered:
        """The order of `numbers` among each other, now that others have landed."""
        there = {Reference(self.snapshot.repository, number): RelatedState.MERGED for number in self.landed}
        snapshot = replace(self.snapshot, related={**self.snapshot.related, **there})
        return order_candidates(snapshot, numbers)

    def outcome(self, number: int) -> Outcome:
        return Outcome.MERGED if number in self.landed else outcome_of(self.reasons[number])

    def _conflicts_with(self, batch: Batch) -> Mapping[int, ConflictFound]:
        """Whoever conflicted with one ahead still does once that one is part of the target branch."""
        known = {
            number: found
            for number, found in self.conflicts.items()
            if number not in batch.conflicts
            or (batch.conflicts[number].ahead is None and self._has_landed(found.ahead))
        }
        return {**batch.conflicts, **known}

    def _has_landed(self, number: int | None) -> bool:
        """In this run or before it."""
        return number is not None and (number in self.landed or self.memory.has_landed(number))


def _with_moved_base(journey: Journey, moved: BaseMoved) -> Journey:
    journey = replace(journey, moves=journey.moves + 1, base=moved.actual)
    if journey.moves < MAXIMUM_BASE_MOVES:
        return journey
    message = f"{journey.rules.target} was moved by others {journey.moves} times while this was to be landed"
    reason = Reason(ReasonCode.BASE_MOVING, message)
    return journey.settled({pull.number: (reason,) for pull in journey.open})
