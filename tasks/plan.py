"""Plan: the order in which pull requests land, and what merges with what, tried through the growing base."""

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import JsonValue

from tasks.code_store import Mirror
from tasks.crash_points import CrashPoint, reached
from tasks.domain import plan as planning
from tasks.domain.change_set_documents import change_set_document
from tasks.domain.change_sets import (
    ChangeSet,
    company_of,
    declared_sets,
    in_order_of_need,
    reasons_of_members,
    with_refusals,
    with_retries_of_its_set,
)
from tasks.domain.discovery import find_candidates
from tasks.domain.freeze import frost_among, frozen_candidates
from tasks.domain.gates import Candidate
from tasks.domain.heads import reasons_against_heads
from tasks.domain.joint_refusals import JointRefusal
from tasks.domain.journey import Batch, Journey
from tasks.domain.land import Landed
from tasks.domain.landings import ENDINGS, states_in_log
from tasks.domain.lanes import open_lanes
from tasks.domain.lex_pr import lex_pr_plan
from tasks.domain.memory import Memory
from tasks.domain.model import Digest, PullRequest, Reference, RelatedState, RepositoryName, Snapshot
from tasks.domain.not_before import reasons_of_time
from tasks.domain.ordering import needs_among
from tasks.domain.outset import Known, begin
from tasks.domain.plan import ConflictFound, order_candidates
from tasks.domain.quarantine import reasons_of_quarantine
from tasks.domain.queue import Ranking
from tasks.domain.reasons import Reason
from tasks.domain.rules import Rules
from tasks.domain.units import Unit, reasons_against_unit, with_unit_landed
from tasks.files import write_whole
from tasks.merging import Chain
from tasks.pausing import held_by_pauses
from tasks.ports import Services
from tasks.remembering import remembered
from tasks.retrying import step
from tasks.signing import newcomers_held, waiting_plan

_ENDED = frozenset({RelatedState.MERGED, RelatedState.CLOSED})


@step("plan {rules.repository}")
def make_plan(rules: Rules, snapshot: Snapshot, told: tuple[ChangeSet, ...] | None, services: Services) -> Journey:
    """`told` is what became of the change sets in this run; None: that is not known yet, and their members wait."""
    memory = remembered(snapshot.repository_id, services)
    at = services.clock.now()
    known = _what_is_known(rules, snapshot, memory, _Moment(at, services.gates.environment))
    snapshot = _with_what_landed(snapshot, known.landed, memory, services)
    known = _without(known, held_by_pauses(_among(snapshot, known.candidates), rules, services))
    known = _without(known, frozen_candidates(snapshot, known.candidates, rules, at))
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        known = _without_bad_heads(known, rules, snapshot, mirror)
        sets = declared_sets(snapshot, known.reasons, known.landed, rules.batch_cap, memory.change_sets)
        sets = with_refusals(sets, _joint_refusals(sets, rules, snapshot, memory, services.gates.environment))
        known = _without(known, reasons_of_members(sets, told))
        waiting = waiting_plan(rules, snapshot, memory, known.reasons, services)
        known = _without(known, newcomers_held(waiting, known.candidates, snapshot, rules))
        # Who has left took along what it passed on.
        known = _without(known, frozen_candidates(snapshot, known.candidates, rules, at))
        ordered = waiting.first_of(order_candidates(snapshot, known.candidates, Ranking(rules.queue, at)))
        chain = Chain(mirror, rules, snapshot.base, ordered.dependencies)
        chain.extend(ordered.order)
    heads = {pull.number: pull.head for pull in ordered.order}
    conflicts = {number: memory.explained(found, heads[number]) for number, found in chain.conflicts.items()}
    plan = planning.make_plan(rules, snapshot, ordered, conflicts)
    shown = [change_set_document(each) for each in _with_members_in(told or sets, snapshot.repository)]
    document = planning.plan_document(plan, rules, snapshot, known.reasons, shown)
    _write(services.run / snapshot.repository, "plan", document)
    reached(CrashPoint.AFTER_PLAN_FILE)
    _write(services.run / snapshot.repository, "lex-pr-plan", lex_pr_plan(plan, rules))
    reached(CrashPoint.AFTER_PLAN)
    undecided = frozenset(member.reference.number for each in sets for member in each.members if told is None)
    begun = Known(memory, known.reasons, conflicts, known.landed, sets, undecided)
    journey = begin(snapshot, rules, ordered, plan, begun)
    journey = journey.settled(frost_among(journey.open, journey.dependencies, rules, at).held)
    return journey.settled(waiting.held_in(journey))


@step("plan {unit.name} in {rules.repository}", name="plan unit")
def plan_unit(rules: Rules, snapshot: Snapshot, unit: Unit, services: Services) -> Journey:
    """The journey of what is here of one change set, and of nothing else."""
    memory = remembered(snapshot.repository_id, services)
    at = services.clock.now()
    known = _what_is_known(rules, snapshot, memory, _Moment(at, services.gates.environment))
    known = replace(known, candidates=known.candidates & unit.heads.keys())
    as_shown = _with_what_landed(snapshot, known.landed, memory, services)
    snapshot = with_unit_landed(as_shown, unit)
    known = _without(known, held_by_pauses(_among(snapshot, known.candidates), rules, services))
    known = _without(known, frozen_candidates(snapshot, known.candidates, rules, at))
    known = _without(known, reasons_against_unit(snapshot, unit))
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        known = _without_bad_heads(known, rules, snapshot, mirror)
    ordered = order_candidates(snapshot, known.candidates, Ranking(rules.queue, at))
    pulls = {pull.number: pull for pull in ordered.order}
    order = in_order_of_need(needs_among(as_shown, pulls))
    ordered = replace(ordered, order=tuple(pulls[number] for number in order))
    plan = planning.make_plan(rules, snapshot, ordered, {})
    journey = begin(snapshot, rules, ordered, plan, Known(memory, known.reasons, {}, known.landed))
    waiting = waiting_plan(rules, snapshot, memory, known.reasons, services, unit.name)
    return journey.settled(waiting.held_in(journey))


@step("unit of {journey.rules.repository}", name="form unit")
def form_unit(journey: Journey, unit: Unit, services: Services) -> Batch:
    """All that is here of one change set, merged onto the target branch as it is now; empty where that cannot be."""
    rules, snapshot = journey.rules, journey.snapshot
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        base = mirror.fetch(rules.target, [pull.head for pull in journey.open])
        chain = Chain(mirror, rules, base, {})
        if {pull.number for pull in journey.open} == unit.heads.keys():
            chain.extend(journey.open)
        whole = tuple(replace(each, companions=unit.companions) for each in chain.candidates)
        return Batch(Candidate((), base, base, mirror.tree(base)), () if chain.conflicts else whole, chain.conflicts)


@step("batch of {journey.rules.repository}")
def form_batch(journey: Journey, services: Services) -> Batch:
    """
    The next pull requests that merge onto the target branch as it is now, as many as may be tested together.

    They are of one lane, the first that has any: nothing ordinary is tested with a hotfix.
    """
    rules, snapshot = journey.rules, journey.snapshot
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        base = mirror.fetch(rules.target, [pull.head for pull in journey.open])
        conflicts: dict[int, ConflictFound] = {}
        candidates: list[Candidate] = []
        for lane in open_lanes(journey):
            chain = Chain(mirror, rules, base, journey.dependencies, landed=frozenset(journey.landed))
            chain.extend(lane, limit=rules.batch_cap)
            conflicts |= chain.conflicts
            if candidates := chain.candidates:
                break
        batch = Batch(Candidate((), base, base, mirror.tree(base)), tuple(candidates), conflicts)
    reached(CrashPoint.AFTER_BATCH)
    return batch


def _with_what_landed(snapshot: Snapshot, landed: Mapping[int, Landed], memory: Memory, services: Services) -> Snapshot:
    """
    What has landed is merged, though the code host may show it as open for a while, or for good as closed.

    What was rolled back is not there, though the code host shows it as merged for good.
    """
    here = dict.fromkeys((Reference(snapshot.repository, number) for number in landed), RelatedState.MERGED)
    ended = [reference for reference, state in snapshot.related.items() if state in _ENDED]
    elsewhere = states_in_log(ended, services.log.events(types=ENDINGS)) if ended else {}
    return replace(snapshot, related={**snapshot.related, **elsewhere, **here}, taken_back=memory.taken_back)


def _with_members_in(sets: Iterable[ChangeSet], repository: RepositoryName) -> list[ChangeSet]:
    return [each for each in sets if each.within(repository)]


def _write(folder: Path, stem: str, document: Mapping[str, JsonValue]) -> None:
    """A later round of the same run writes beside the first one's plan, never over it."""
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    names = itertools.chain([f"{stem}.json"], (f"{stem}-{position}.json" for position in itertools.count(2)))
    write_whole(next(folder / name for name in names if not (folder / name).exists()), text)


@dataclass(frozen=True, slots=True)
class _Moment:
    """When it is, and where gates run now."""

    at: datetime
    environment: Digest


@dataclass(frozen=True, slots=True)
class _Known:
    candidates: frozenset[int]
    reasons: Mapping[int, tuple[Reason, ...]]
    landed: Mapping[int, Landed]


def _what_is_known(rules: Rules, snapshot: Snapshot, memory: Memory, now: _Moment) -> _Known:
    """What discovery, its own description and the log hold against each pull request before anything is planned."""
    discovered = find_candidates(snapshot, rules)
    landed = {pull.number: there for pull in snapshot.pull_requests if (there := memory.landing_of(pull))}
    held = {
        pull.number: told
        for pull in snapshot.pull_requests
        if pull.number in discovered.candidates and (told := _held(pull, rules, snapshot, memory, now))
    }
    reasons = {**discovered.reasons, **held}
    return _Known(
        candidates=frozenset(discovered.candidates) - reasons.keys() - landed.keys(),
        reasons={number: told for number, told in reasons.items() if number not in landed},
        landed=landed,
    )


def _held(pull: PullRequest, rules: Rules, snapshot: Snapshot, memory: Memory, now: _Moment) -> tuple[Reason, ...]:
    asked = with_retries_of_its_set(pull, snapshot)
    return memory.rollback_of(pull) or (
        *memory.refusal_of(asked, rules.gates, now.environment, company_of(pull, snapshot)),
        *reasons_of_quarantine(asked, memory.refusals, rules.queue.quarantine_after),
        *reasons_of_time(pull, now.at),
    )


def _joint_refusals(
    sets: Iterable[ChangeSet], rules: Rules, snapshot: Snapshot, memory: Memory, environment: Digest
) -> Mapping[int, tuple[JointRefusal, ...]]:
    here = {member.reference.number for each in sets for member in each.members}
    return {
        pull.number: memory.joint_refusals_of(pull, rules.gates, environment, company_of(pull, snapshot))
        for pull in snapshot.pull_requests
        if pull.number in here
    }


def _among(snapshot: Snapshot, numbers: frozenset[int]) -> list[PullRequest]:
    return [pull for pull in snapshot.pull_requests if pull.number in numbers]


def _without(known: _Known, held: Mapping[int, tuple[Reason, ...]]) -> _Known:
    return replace(known, candidates=known.candidates - held.keys(), reasons={**known.reasons, **held})


def _without_bad_heads(known: _Known, rules: Rules, snapshot: Snapshot, mirror: Mirror) -> _Known:
    """Fetches what may land, and settles what cannot be merged or checked out before anything is merged with it."""
    pulls = [pull for pull in snapshot.pull_requests if pull.number in known.candidates]
    fetched = mirror.fetch_heads(rules.target, [pull.head for pull in pulls])
    there = [pull.head for pull in pulls if pull.head not in fetched.gone]
    against = reasons_against_heads(pulls, fetched.gone, mirror.forbidden_paths(fetched.tip, there))
    return _without(known, against)
