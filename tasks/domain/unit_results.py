"""
What one repository tells of its part of a change set: a result as `result` makes it, about those pull requests alone.

What only the coordination of the set needs is under `unit`, and is no part of any document.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.change_sets import PENDING
from tasks.domain.gates import Candidate
from tasks.domain.journey import Batch, Cleared, Gated, GateRun, Journey
from tasks.domain.model import RepositoryName, Snapshot
from tasks.domain.plan import conflict_reason
from tasks.domain.reasons import Outcome
from tasks.domain.result import gate_run_document, pull_request_document, repository_result
from tasks.domain.rollback import NotRolledBack, RollbackOrder, RollbackOutcome, RolledBack, landings_in
from tasks.domain.rollback_words import reason_of
from tasks.domain.units import Unit

Result = dict[str, JsonValue]


def unit_result(journey: Journey, unit: Unit, last: Batch, ready: Candidate | None) -> Result:
    """
    What came of looking at it, or of landing it; `last` is the last batch looked at.

    `ready` is what may land as it stands, None where nothing may or where it has landed.
    """
    pulls = {pull.number: pull for pull in journey.snapshot.pull_requests}
    conflicts = {number: (conflict_reason(found, pulls),) for number, found in last.conflicts.items()}
    waiting = dict.fromkeys(unit.heads, (PENDING,))
    told = replace(journey, reasons={**waiting, **conflicts, **journey.reasons})
    members = [pull_request_document(told, pull) for pull in pulls.values() if pull.number in unit.heads]
    candidate: JsonValue = None if ready is None else {"base": ready.base, "commit": ready.commit, "tree": ready.tree}
    return {
        **repository_result(replace(told, snapshot=replace(journey.snapshot, pull_requests=()))),
        "pull_requests": members,
        "unit": {"repository_id": journey.snapshot.repository_id, "ready": candidate},
    }


def apart_result(journey: Journey, unit: Unit, batch: Batch, gated: Gated) -> Result:
    """What came of the gates that see nothing of other repositories; ready is what nothing is known against."""
    journey = journey.after(batch, gated, Cleared(None, (), {}), None)
    return unit_result(journey, unit, batch, batch.candidates[-1] if batch.candidates and journey.open else None)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What taking it back came to, the newest landing first, and the gates that were run for it."""

    outcomes: tuple[RollbackOutcome, ...]
    runs: tuple[GateRun, ...]

    @property
    def kept(self) -> str | None:
        """Why it is still there; None where it is not."""
        told = [found.message for found in self.outcomes if isinstance(found, NotRolledBack)]
        return "; ".join(told) or (None if self.outcomes else "no landing of it is on record")


def orders_to_take_back(unit: Unit, events: Sequence[Event]) -> tuple[RollbackOrder, ...]:
    """What of it has landed, the newest first; `events` are those of its repository."""
    broken = [
        event
        for event in events
        if event.type is EventType.SET_BROKEN and str(event.subject["change_set"]).casefold() == unit.name.casefold()
    ]
    if not broken:
        return ()
    because = f"the rest of change set {unit.name} could not land"
    found = [
        (landing, tuple(each.number for each in landing.members if unit.heads.get(each.number) == each.head))
        for landing in reversed(landings_in(events))
    ]
    return tuple(RollbackOrder(landing, members, broken[-1].id, because) for landing, members in found if members)


def taken_back_result(snapshot: Snapshot, target: str, done: TakenBack) -> Result:
    back = [found for found in done.outcomes if isinstance(found, RolledBack)]
    return {
        "repository": RepositoryName(snapshot.repository),
        "target": target,
        "base_before": snapshot.base,
        "base_after": back[-1].commit if back else snapshot.base,
        "status": "ok",
        "error": None,
        "plan_digest": None,
        "searches": [],
        "gate_runs": [gate_run_document(run) for run in done.runs],
        "pull_requests": [row for found in back for row in _rows(found)],
        "change_sets": [],
        "unit": {"repository_id": snapshot.repository_id, "ready": None, "kept": done.kept},
    }


def _rows(found: RolledBack) -> list[JsonValue]:
    told = [(member, reason_of(found, member)) for member in found.order.taken_back]
    return [
        {
            "number": member.number,
            "title": member.title,
            "head": member.head,
            "outcome": Outcome.FAILED.value,
            "landed": None,
            "reasons": [{"code": reason.code.value, "message": reason.message, "actor": reason.actor}],
        }
        for member, reason in told
    ]
