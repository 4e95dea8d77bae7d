"""
Verify: what is on the target branch carries the tree that was gated, and does well there, or is taken back.

The tree is read back from the code host. Then the gates are run that the team has for what has landed, and its health
is asked after. When one of them says no, or when the tree is another one, the landing is an incident, and is rolled
back where the team wants that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from config.schema import Gate, Stage
from tasks.crash_points import CrashPoint, reached
from tasks.domain.aftermath import TOLD_OF_LANDINGS, Aftermath, Untested, rollbacks_owed, untested_landings
from tasks.domain.audit import Event, EventType
from tasks.domain.errors import LandedTreeDiffers
from tasks.domain.gates import Candidate, GateResult, Phase
from tasks.domain.journey import GateRun, Journey, Landing
from tasks.domain.land import Arrived, Landed, Reply
from tasks.domain.landings import LANDED_OTHERWISE, difference
from tasks.domain.model import CommitSha, Snapshot
from tasks.domain.post_landing import Answer, finished, incidents, to_ask_again, with_answers
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rollback import RollbackOrder, RolledBack, commits_to_revert
from tasks.domain.rollback_words import commands_by_hand
from tasks.domain.rules import Rules
from tasks.gating import GateOrder, evaluate
from tasks.health import HealthOrder, ask_after_health
from tasks.merging import close_landed, has_to_be_told
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import step
from tasks.reverting import roll_back
from tasks.workspace import Workspace


def verify_landing(journey: Journey, reply: Reply | None, services: Services) -> Landing:
    """
    The landing, proven by the tree, and its outcome recorded.

    Raises LandedTreeDiffers where the target branch does not carry the gated tree: that is on record, and what landed
    is rolled back if the team wants that. Plain on purpose, since gates may be run for it.
    """
    if not isinstance(reply, Arrived):
        return reply
    try:
        return prove_landing(journey, reply, services)
    except LandedTreeDiffers:
        verify_branch(journey.rules, journey.snapshot, services)
        raise


@step("verify {journey.rules.repository}")
def prove_landing(journey: Journey, reply: Arrived, services: Services) -> tuple[Landed, ...]:
    """Records the outcome of a landing; raises LandedTreeDiffers after recording the alert."""
    landed = _read_back(journey, reply, services)
    recorder = recorder_for(journey.rules, journey.snapshot)
    differences = [said for each in landed if (said := difference(each, reply, journey.rules.target))]
    if differences:
        services.log.append(_told(journey, reply, landed))
        reached(CrashPoint.AFTER_TREE_ALERT)
        raise LandedTreeDiffers(differences[0], remedy=_remedy(journey))
    completed = zip(reply.announced.intents, landed, strict=True)
    details = {"change_set": reply.announced.change_set}
    outcomes = [recorder.merge_completed(intent, each, details) for intent, each in completed]
    services.log.append([*outcomes, *_given_up(journey, reply, services)])
    reached(CrashPoint.AFTER_LANDING_RECORD)
    return landed


def close_landing(journey: Journey, landing: Landing, services: Services) -> None:
    """
    Where the code host has to be told what landed. The journey knows it by then: what landed has, whatever fails here.

    Plain on purpose, so that where nobody has to be told there is no task for it.
    """
    if isinstance(landing, tuple):
        if has_to_be_told(journey.rules):
            tell_code_host(journey, landing, services)
        reached(CrashPoint.AFTER_CLOSING)


@step("close what landed in {journey.rules.repository}", name="close")
def tell_code_host(journey: Journey, landed: tuple[Landed, ...], services: Services) -> None:
    close_landed(journey.rules, journey.snapshot, landed, services)


def _given_up(journey: Journey, reply: Arrived, services: Services) -> list[Event]:
    """What earlier runs announced of the same pull requests: the base of it is gone, so that it can never land."""
    members, now = reply.announced.candidate.members, {intent.id for intent in reply.announced.intents}
    stale = {intent.event for intent in journey.memory.open_intents if intent.number in members} - now
    if not stale:
        return []
    recorder, repository = recorder_for(journey.rules, journey.snapshot), journey.snapshot.repository_id
    announced = services.log.events(repository_id=repository, types={EventType.MERGE_INTENT})
    return [recorder.merge_failed(each, LANDED_OTHERWISE, final=True) for each in announced if each.id in stale]


def verify_branch(rules: Rules, snapshot: Snapshot, services: Services) -> Aftermath:
    """
    Runs the gates that landings still lack, and takes back what failed, be it of this run or of one that died.

    Plain on purpose: a task that waited for other tasks of the same runner could starve it.
    """
    if rules.stage is not Stage.MERGE:
        return Aftermath()
    runs = list[GateRun]()
    for untested in untested_landings(_events(snapshot, services), rules):
        runs += _test_landed(untested, rules, snapshot, services)
    done = [roll_back(order, rules, snapshot, services) for order in rollbacks_owed(_events(snapshot, services), rules)]
    runs += [run for each in done for run in each.runs]
    return Aftermath(tuple(runs), tuple(each.outcome for each in done if isinstance(each.outcome, RolledBack)))


def _events(snapshot: Snapshot, services: Services) -> tuple[Event, ...]:
    return tuple(services.log.events(repository_id=snapshot.repository_id, types=TOLD_OF_LANDINGS))


def _test_landed(untested: Untested, rules: Rules, snapshot: Snapshot, services: Services) -> list[GateRun]:
    """Whatever is said is on record together with the incidents that it is, all or none."""
    landing, environment = untested.landing, services.gates.environment
    candidate = Candidate(landing.numbers, landing.base, landing.commit, landing.tree)
    found = fetch_landed(untested, snapshot, services)
    if found is None:
        return []
    with Workspace(snapshot, candidate, services) as workspace:
        answers = _asked_of_gates(untested.gates, candidate, snapshot, workspace, services)
        if not (rules.rolls_back and any(answer.failed for answer in answers)):
            # What is about to be taken back is not waited for.
            orders = [HealthOrder(each, found.tip, landing.named, untested.landed_at) for each in untested.health]
            heard = [(order.check, ask_after_health(order, workspace, services)) for order in orders]
            answers += tuple(Answer(check, (result,)) for check, result in heard)
    recorder = recorder_for(rules, snapshot)
    services.log.append(
        [
            *(finished(recorder, landing, environment, answer) for answer in answers),
            *incidents(recorder, landing, answers, found.by_hand, rollback=rules.rolls_back),
        ]
    )
    reached(CrashPoint.AFTER_POST_LANDING_RECORDS)
    said = [result for each in zip_longest(*(answer.said for answer in answers)) for result in each if result]
    return [GateRun(candidate, result, phase=Phase.POST_LANDING) for result in said]


def _asked_of_gates(
    gates: Sequence[Gate], candidate: Candidate, snapshot: Snapshot, workspace: Workspace, services: Services
) -> tuple[Answer, ...]:
    """A no that would have consequences is asked for again."""

    def ask(some: Sequence[Gate]) -> dict[str, GateResult]:
        environment, identifier = services.gates.environment, snapshot.repository_id
        made = [GateOrder(gate, candidate, identifier, environment, thorough=True) for gate in some]
        orders = [replace(order, phase=Phase.POST_LANDING) for order in made]
        return {result.gate: result for result in evaluate(orders, workspace, services)}

    first = ask(gates)
    answers = tuple(Answer(gate, (first[gate.name],)) for gate in gates)
    while doubted := to_ask_again(answers):
        answers = with_answers(answers, ask(doubted))
    return answers


@dataclass(frozen=True, slots=True)
class _Fetched:
    """Where the target branch is that has what landed, and how a person would take that back."""

    tip: CommitSha
    by_hand: tuple[str, ...]


@step("fetch {untested.landing.named} as landed", name="fetch what landed")
def fetch_landed(untested: Untested, snapshot: Snapshot, services: Services) -> _Fetched | None:
    """None where it is not on the branch any more, or cannot be told from what else is there."""
    landing = untested.landing
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        fetched = mirror.fetch_heads(landing.target, [landing.commit])
        if landing.commit in fetched.gone or not mirror.contains(fetched.tip, landing.commit):
            return None
        line = mirror.line(after=landing.base, until=landing.commit)
    order = RollbackOrder(landing, landing.numbers, "", "")
    by_hand = commands_by_hand(order, commits_to_revert(order, line))
    return _Fetched(fetched.tip, by_hand) if by_hand else None


def _read_back(journey: Journey, reply: Arrived, services: Services) -> tuple[Landed, ...]:
    """What the target branch took, or what it has instead."""
    candidate, snapshot, method = reply.announced.candidate, journey.snapshot, journey.rules.method
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        tip = mirror.fetch(journey.rules.target, [reply.commit])
        commit = reply.commit if mirror.contains(tip, reply.commit) else tip
        tree = mirror.tree(commit)
    return tuple(Landed(number, commit, tree, candidate.tree, method) for number in candidate.members)


def _told(journey: Journey, reply: Arrived, landed: Sequence[Landed]) -> list[Event]:
    """The alerts, and what became of each pull request. What is not on the branch needs no taking back."""
    recorder, target = recorder_for(journey.rules, journey.snapshot), journey.rules.target
    told = list[Event]()
    for intent, each in zip(reply.announced.intents, landed, strict=True):
        said = difference(each, reply, target) or ""
        pull, reason = journey.pull_request(each.number), Reason(ReasonCode.TREE_DIFFERS, said)
        rollback = journey.rules.rolls_back and each.commit == reply.commit
        told.append(recorder.tree_differs(intent, each, said, rollback=rollback))
        told.append(recorder.change_evaluated(pull, reason.outcome, (reason,), None))
    return told


def _remedy(journey: Journey) -> str:
    return (
        f"Nothing more lands on {journey.rules.repository} in this run. Compare the two trees, find out who else can "
        "write to the branch, and roll the landing back if it is not wanted."
    )
