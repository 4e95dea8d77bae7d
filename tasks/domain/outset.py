"""Where a journey begins: with what was known before the plan, and what cannot land at all settled already."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.schema import Stage
from tasks.domain.change_sets import ChangeSet
from tasks.domain.journey import Journey, Reasons
from tasks.domain.land import Landed
from tasks.domain.memory import Memory
from tasks.domain.model import Snapshot
from tasks.domain.ordering import Ordered
from tasks.domain.plan import ConflictFound, Plan
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Known:
    """
    What was known before the plan: remembered facts, discovery's reasons, conflicts, and what has landed already.

    And who belongs to change sets, and of whom nothing is said yet.
    """

    memory: Memory
    reasons: Reasons
    conflicts: Mapping[int, ConflictFound]
    landed: Mapping[int, Landed]
    change_sets: tuple[ChangeSet, ...] = ()
    undecided: frozenset[int] = frozenset()


def begin(snapshot: Snapshot, rules: Rules, ordered: Ordered, plan: Plan, known: Known) -> Journey:
    """
    A journey at its start: what cannot land at all is settled already.

    What conflicts with one ahead stays open, and so does what depends on it: they may rejoin if that one does not land.
    """
    journey = Journey(
        rules=rules,
        snapshot=snapshot,
        plan=plan,
        planned=ordered.order,
        dependencies=ordered.dependencies,
        memory=known.memory,
        reasons={**known.reasons, **ordered.reasons},
        conflicts={number: found for number, found in known.conflicts.items() if found.ahead is not None},
        landed=known.landed,
        base=snapshot.base,
        candidates=frozenset({*(pull.number for pull in ordered.order), *ordered.reasons}),
        change_sets=known.change_sets,
        undecided=known.undecided,
        judged=known.memory.judged,
    )
    if rules.stage is Stage.OBSERVE or not any(gate.required for gate in rules.gates):
        reason = Reason(ReasonCode.STAGE_OBSERVE, f"it would be gated; {rules.team} is at stage observe")
        members = {member.number: (reason,) for member in plan.members}
        return replace(journey, reasons={**journey.reasons, **plan.reasons, **members})
    with_base = [number for number, found in known.conflicts.items() if found.ahead is None]
    return journey.settled({number: plan.reasons[number] for number in with_base})
