"""Change sets: what is of one in a repository is gated as one, and what came of a whole set is put on record."""

from collections.abc import Iterable
from dataclasses import replace

from config.schema import Configuration, Stage
from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event
from tasks.domain.change_set_documents import joined_parts
from tasks.domain.change_sets import ChangeSet, company_of, declared_sets, with_retries_of_its_set
from tasks.domain.errors import MergeHubError
from tasks.domain.gates import Evaluation, company_seen
from tasks.domain.journey import Batch, Gated, Journey
from tasks.domain.model import RepositoryName, Snapshot
from tasks.domain.quarantine import reasons_after
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.records import Refused
from tasks.domain.refusals import reasons_for_unit
from tasks.domain.rollback import RolledBack
from tasks.domain.rules import Rules
from tasks.domain.run import EVERY_TEAM, Assignment, assignments
from tasks.domain.search import Culprit, GroupTest, Purpose
from tasks.domain.unit_results import TakenBack, orders_to_take_back
from tasks.domain.units import Unit
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.red_base import known_red, record_red
from tasks.retrying import step
from tasks.reverting import Rollback, roll_back
from tasks.trials import Trials


def look_elsewhere(
    configuration: Configuration, chosen: Iterable[Assignment], change_sets: tuple[ChangeSet, ...], services: Services
) -> tuple[ChangeSet, ...]:
    """
    With the members in repositories that are configured and no part of this run, which keeps the whole set.

    Nobody is asked where there is no set, or where every repository is part of the run.
    """
    others = sorted(set(assignments(configuration, EVERY_TEAM, None)) - set(chosen)) if change_sets else []
    parts: list[ChangeSet] = []
    unseen: dict[RepositoryName, str] = {}
    for each in others:
        try:
            parts += members_there(each, configuration.team(each.team).scope.target, services)
        except MergeHubError as error:
            unseen[each.repository] = f"which cannot be looked at: {error.message}"
    return tuple(
        joined_parts([each, *(part for part in parts if part.name.casefold() == each.name.casefold())], unseen)
        for each in change_sets
    )


@step("change sets of {assignment.repository}", name="look elsewhere")
def members_there(assignment: Assignment, target: str, services: Services) -> tuple[ChangeSet, ...]:
    """What the open pull requests of a repository that is no part of this run belong to."""
    snapshot = services.code_host.snapshot(assignment.repository, target)
    message = f"{snapshot.repository} is no part of this run; run all repositories, or all of the set's teams"
    reason = Reason(ReasonCode.CHANGE_SET_WAITING, message)
    against = {pull.number: (reason,) for pull in snapshot.pull_requests}
    return declared_sets(snapshot, against, (), len(against), {})


def gate_apart(journey: Journey, batch: Batch, unit: Unit, services: Services) -> Gated:
    """
    Only the gates that see nothing of other repositories; none where none of those is required.

    Whatever is red by itself is found so, and nobody elsewhere is blamed for it.
    """
    ordinary = tuple(gate for gate in journey.rules.gates if not gate.together)
    if not any(gate.required for gate in ordinary):
        return Gated(None, {}, ())
    return gate_unit(replace(journey, rules=replace(journey.rules, gates=ordinary)), batch, unit, services)


def gate_unit(journey: Journey, batch: Batch, unit: Unit, services: Services) -> Gated:
    """
    Gates what is here of a change set as one: it lands as one, and need not be green in parts.

    Plain on purpose, as `run_gates` is. Where it is red nobody can tell which member is at fault, and all are refused.
    """
    if not batch.candidates:
        return Gated(None, {}, ())
    whole = batch.candidates[-1]
    if known := known_red(journey, batch, services):
        return Gated(None, dict.fromkeys(whole.members, known), ())
    trials = Trials(journey, batch, services)
    evaluation = trials.settled(GroupTest(whole.members))
    if evaluation.green:
        return Gated(evaluation, {}, tuple(trials.runs))
    if not journey.proves_green(batch.base.tree, services.gates.environment, services.clock.now()):
        base = trials.settled(GroupTest((), purpose=Purpose.BASE))
        if not base.green:
            told = dict.fromkeys(whole.members, (record_red(journey, base, services),))
            return Gated(None, told, tuple(trials.runs))
    return Gated(None, _refused(journey, evaluation, unit, services), tuple(trials.runs))


def take_back(rules: Rules, snapshot: Snapshot, unit: Unit, services: Services) -> TakenBack:
    """
    Takes back what has landed of it, the newest first, until one cannot be; nothing in a team that does not land.

    Plain on purpose, since gates may be run for it.
    """
    if rules.stage is not Stage.MERGE:
        return TakenBack((), ())
    done: list[Rollback] = []
    for order in orders_to_take_back(unit, tuple(services.log.events(repository_id=snapshot.repository_id))):
        done.append(roll_back(order, rules, snapshot, services))
        if not isinstance(done[-1].outcome, RolledBack):
            break
    return TakenBack(tuple(each.outcome for each in done), tuple(run for each in done for run in each.runs))


def _refused(journey: Journey, evaluation: Evaluation, unit: Unit, services: Services) -> dict[int, tuple[Reason, ...]]:
    """What a gate said that saw the rest of the set is remembered of exactly that, and of the wishes of all of it."""
    recorder, environment = recorder_for(journey.rules, journey.snapshot), services.gates.environment
    gates = {gate.name: gate for gate in journey.rules.gates}
    joint = {gate.name for gate in journey.rules.gates if company_seen(gate, evaluation.candidate)}
    told: dict[int, tuple[Reason, ...]] = {}
    events: list[Event] = []
    for number in evaluation.candidate.members:
        pull = with_retries_of_its_set(journey.pull_request(number), journey.snapshot)
        found = reasons_for_unit(evaluation, unit, joint, pull.author)
        refusals = [
            recorder.gate_refused(
                replace(pull, retry_requested=unit.retry) if result.gate in joint else pull,
                Culprit(number, (), evaluation),
                Refused(gates[result.gate], result, environment, reason, beside=beside),
                together=sorted(company_of(pull, journey.snapshot)),
            )
            for result, reason in found
            for beside in [unit.elsewhere if result.gate in joint else {}]
            if result in evaluation.answers
        ]
        quarantine = reasons_after(pull, refusals, journey.memory, journey.rules.queue.quarantine_after)
        told[number] = (*(reason for _, reason in found), *(quarantine if refusals else ()))
        events += refusals
    services.log.append(events)
    reached(CrashPoint.AFTER_REFUSALS)
    return told
