"""
The one way in which something that landed is taken back off a target branch.

Commits that take it back are made in memory, gated as whatever lands is, announced in the audit log and pushed onto
the branch as it is then: nothing is ever overwritten. Asked twice it happens once, and a process may die anywhere.
"""

from dataclasses import dataclass
from typing import assert_never

from prefect.logging import get_run_logger

from tasks.code_store import Mirror
from tasks.crash_points import CrashPoint, reached
from tasks.domain.errors import MergeHubError
from tasks.domain.gates import Candidate, Evaluation, Phase
from tasks.domain.journey import GateRun
from tasks.domain.land import BaseMoved, Pushed, PushReply, Rejected
from tasks.domain.merging import Conflict
from tasks.domain.model import CommitSha, Snapshot
from tasks.domain.rollback import (
    Made,
    NotRolledBack,
    RollbackOrder,
    RollbackOutcome,
    RolledBack,
    commits_to_revert,
)
from tasks.domain.rollback_records import (
    PastAttempts,
    past_attempts,
    rollback_completed,
    rollback_failed,
    rollback_intent,
)
from tasks.domain.rollback_words import (
    base_moves,
    cannot_be_told,
    comment_on,
    conflicts,
    is_not_there,
    note_for,
    was_declined,
    would_be_red,
)
from tasks.domain.rules import Rules
from tasks.gating import GateOrder, evaluate
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.remembering import remembered
from tasks.retrying import step
from tasks.workspace import Workspace

MAXIMUM_MOVES = 5
"""How often a target branch that others keep moving is followed before the rest is left to the next run."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """What a rollback came to, and the gates that were run for it."""

    outcome: RollbackOutcome
    runs: tuple[GateRun, ...] = ()


@dataclass(frozen=True, slots=True)
class _Site:
    """Where it is done: one repository's rules, and the outside."""

    rules: Rules
    snapshot: Snapshot
    services: Services


def roll_back(order: RollbackOrder, rules: Rules, snapshot: Snapshot, services: Services) -> Rollback:
    """
    Takes back what `order` says, or says why that cannot be; either way it is on record, and a failure is an incident.

    Plain on purpose: a task that waited for other tasks of the same runner could starve it.
    """
    site, runs = _Site(rules, snapshot, services), list[GateRun]()
    past = past_attempts(order, services.log.events(repository_id=snapshot.repository_id))
    if past.completed is not None:
        return Rollback(past.completed)
    found, moves = _attempt(order, past, site, runs), 1
    while isinstance(found, BaseMoved) and moves < MAXIMUM_MOVES:
        found, moves = _attempt(order, past, site, runs), moves + 1
    outcome = base_moves(order, found.actual, moves) if isinstance(found, BaseMoved) else found
    _record(outcome, site)
    return Rollback(outcome, tuple(runs))


def _attempt(order: RollbackOrder, past: PastAttempts, site: _Site, runs: list[GateRun]) -> RollbackOutcome | BaseMoved:
    found = make_revert(order, past, site)
    if not isinstance(found, Made):
        return found
    if (red := _gated(order, found, site, runs)) is not None:
        return red
    reply = push_revert(order, found, site)
    match reply:
        case Pushed():
            return RolledBack(order, found.commit, found.reverted)
        case Rejected():
            return was_declined(order, found, reply)
        case BaseMoved():
            return reply
        case _:
            assert_never(reply)


@step("revert {order.named}", name="revert")
def make_revert(order: RollbackOrder, past: PastAttempts, site: _Site) -> Made | RollbackOutcome:
    """What to push; or what is there already; or why there is nothing to push."""
    landing, snapshot = order.landing, site.snapshot
    with site.services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        fetched = mirror.fetch_heads(landing.target, [landing.commit])
        tip = fetched.tip
        if landing.commit in fetched.gone or not mirror.contains(tip, landing.commit):
            return is_not_there(order, tip)
        since = mirror.line(after=landing.commit, until=tip)
        for commit, reverted in past.announced:
            if commit in since:
                return RolledBack(order, commit, reverted)
        if tip in past.failed_at:
            return past.failed_at[tip]
        return _made(order, mirror, tip)


def _made(order: RollbackOrder, mirror: Mirror, tip: CommitSha) -> Made | RollbackOutcome:
    landing = order.landing
    commits = commits_to_revert(order, mirror.line(after=landing.base, until=landing.commit))
    if not commits:
        return cannot_be_told(order, tip)
    merged = mirror.revert(tip, commits, note_for(order))
    if isinstance(merged, Conflict):
        return conflicts(order, tip, merged, commits)
    if merged.commit == tip:
        return RolledBack(order, tip, ())
    return Made(tip, merged.commit, merged.tree, commits)


def _gated(order: RollbackOrder, made: Made, site: _Site, runs: list[GateRun]) -> NotRolledBack | None:
    """None where what will be there is green; announced then, with what proves it."""
    rules, snapshot, services = site.rules, site.snapshot, site.services
    memory = remembered(snapshot.repository_id, services)
    proof = "recorded"
    if not memory.proves_green(made.tree, rules.gates, services.gates.environment, services.clock.now()):
        proof, evaluation = "gated", _evaluate(made, site)
        runs += [GateRun(evaluation.candidate, result, phase=Phase.ROLLBACK) for result in evaluation.results]
        if not evaluation.green:
            return would_be_red(order, made, evaluation)
    services.log.append([rollback_intent(recorder_for(rules, snapshot), order, made, proof)])
    reached(CrashPoint.AFTER_ROLLBACK_INTENT)
    return None


def _evaluate(made: Made, site: _Site) -> Evaluation:
    rules, snapshot, services = site.rules, site.snapshot, site.services
    candidate, environment = Candidate((), made.base, made.commit, made.tree), services.gates.environment
    orders = [
        GateOrder(gate, candidate, snapshot.repository_id, environment, rules.thorough, Phase.ROLLBACK)
        for gate in rules.gates
    ]
    with Workspace(snapshot, candidate, services) as workspace:
        results = evaluate(orders, workspace, services)
    recorder = recorder_for(rules, snapshot)
    services.log.append(recorder.gates_finished(candidate, rules.gates, environment, results))
    reached(CrashPoint.AFTER_ROLLBACK_GATES)
    return Evaluation(candidate, results)


@step("push the revert of {order.named}", name="push revert")
def push_revert(order: RollbackOrder, made: Made, site: _Site) -> PushReply:
    snapshot = site.snapshot
    with site.services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        reply = mirror.push(order.landing.target, made.commit, expected=made.base)
    reached(CrashPoint.AFTER_ROLLBACK_PUSH)
    return reply


def _record(found: RollbackOutcome, site: _Site) -> None:
    """What was rolled back is said on its pull requests before that is on record: nobody would come back for it."""
    recorder = recorder_for(site.rules, site.snapshot)
    if isinstance(found, NotRolledBack):
        site.services.log.append(rollback_failed(recorder, found))
        reached(CrashPoint.AFTER_ROLLBACK_FAILURE)
        return
    for member in found.order.taken_back:
        _say(member.number, comment_on(found), site)
        reached(CrashPoint.AFTER_ROLLBACK_COMMENT)
    site.services.log.append(rollback_completed(recorder, found))
    reached(CrashPoint.AFTER_ROLLBACK_RECORD)


def _say(number: int, text: str, site: _Site) -> None:
    """Who cannot be told there is told in the channels: a record of what was done must not wait for it."""
    try:
        say_rolled_back(number, text, site)
    except MergeHubError as error:
        get_run_logger().warning("#%s cannot be told that it was rolled back: %s", number, error.message)


@step("tell #{number} of its rollback", name="tell of a rollback")
def say_rolled_back(number: int, text: str, site: _Site) -> None:
    site.services.code_host.comment(site.snapshot.repository, site.snapshot.repository_id, number, text)
