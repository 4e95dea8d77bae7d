"""
Change sets over all repositories of a run: looked at when everything else has landed, and landed as a whole.

What each set is, and in which order it lands, is decided in `tasks/domain/change_sets.py`; what is done next with one
that was announced, in `tasks/domain/change_set_moves.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flows.rounds import Results, in_rounds, side_by_side
from tasks.domain.change_set_documents import after_unit, gathered, why_of
from tasks.domain.change_set_moves import Break, LandPart, Stop, TakeBack, next_move
from tasks.domain.change_set_records import Announcement
from tasks.domain.change_sets import ChangeSet, landing_order, reasons_told
from tasks.domain.errors import MergeHubError
from tasks.domain.journey import MAXIMUM_BASE_MOVES
from tasks.domain.model import RepositoryName
from tasks.domain.run import Assignment, Result, joined, joined_pass, to_run_again
from tasks.domain.unit_documents import part_of, same_candidates, unit_beside
from tasks.domain.units import Unit, unit_of, unit_of_part, unless_refused
from tasks.set_ledger import SetLedger


class Passes(Protocol):
    """How one repository is worked on; each answers for every failure itself."""

    def journey(self, assignment: Assignment, told: tuple[ChangeSet, ...] | None) -> Result: ...

    def gates_together(self, assignment: Assignment) -> bool:
        """Whether it has a gate that sees all of a change set."""

    def gate_apart(self, assignment: Assignment, unit: Unit) -> Result: ...

    def prepare(self, assignment: Assignment, unit: Unit) -> Result: ...

    def land(self, assignment: Assignment, unit: Unit) -> Result: ...

    def take_back(self, assignment: Assignment, unit: Unit) -> Result: ...

    def with_members_elsewhere(self, change_sets: tuple[ChangeSet, ...]) -> tuple[ChangeSet, ...]:
        """Of the repositories that are configured and no part of this run."""


def in_rounds_with_sets(chosen: tuple[Assignment, ...], passes: Passes, ledger: SetLedger) -> Results:
    """Rounds until nothing lands any more, be it by itself or in a set; then the members of sets are told why."""
    return _Coordination(chosen, passes, ledger).run()


@dataclass(slots=True)
class _Coordination:
    chosen: tuple[Assignment, ...]
    passes: Passes
    ledger: SetLedger
    results: Results = field(default_factory=dict)
    touched: set[Assignment] = field(default_factory=set)

    def run(self) -> Results:
        again = self.chosen
        while again:
            self._keep(in_rounds(again, lambda each: self.passes.journey(each, None)))
            sets = self.passes.with_members_elsewhere(gathered(self.results.values()))
            again, left = self._settle(sets)
        concerned = self.touched.union(*(self._places(each) for each in left))
        self._keep(side_by_side(sorted(concerned), lambda each: self.passes.journey(each, left)))
        return self.results

    def _settle(self, sets: tuple[ChangeSet, ...]) -> tuple[tuple[Assignment, ...], tuple[ChangeSet, ...]]:
        """The repositories to work on again, since something landed there or was taken back; and what is told."""
        before = {each: result["base_after"] for each, result in self.results.items()}
        left = tuple(self._settled_or_told(each) for each in sets)
        moved = {each: result for each, result in self.results.items() if result["base_after"] != before[each]}
        beside = (place for each in sets for place in self._places(each) if self._places(each) & moved.keys())
        again = (*moved, *beside, *to_run_again(self.results, moved))
        return tuple(dict.fromkeys(again)), tuple(each.with_reasons(reasons_told(each)) for each in left)

    def _settled_or_told(self, change_set: ChangeSet) -> ChangeSet:
        """
        Where a set cannot be put on record, no other suffers for it.

        What is put on record is reported by the journeys of its repositories, which are made again for it.
        """
        known = self.ledger.size()
        try:
            settled = self._settled(change_set)
        except MergeHubError as error:
            return change_set.not_on_record(error.message)
        self.touched |= self._places(change_set) if self.ledger.size() != known else set()
        return settled

    def _places(self, change_set: ChangeSet) -> set[Assignment]:
        """Where anything of it is, as far as that is part of the run."""
        named = {*change_set.repositories, *change_set.announced_in}
        return {self._at[name] for name in named if name in self._at}

    def _settled(self, change_set: ChangeSet) -> ChangeSet:
        for begun in change_set.begun if self.ledger.lands else ():
            change_set = self._finished(change_set, begun.announcement, resumed=True)
        known = unless_refused(change_set.unless_spent())
        if not known.members or not known.free:
            return known
        known, ready = self._prepared(known)
        if not known.free:
            return known
        parts = [part_of(known, name, self._at[name].team, ready[self._at[name]]) for name in landing_order(known)]
        return self._finished(known, self.ledger.announce(known, parts))

    def _prepared(self, change_set: ChangeSet) -> tuple[ChangeSet, Results]:
        """With what is found against it in any repository; where there is nothing, all of it is ready to land."""
        units = {self._at[name]: unit_of(change_set, name) for name in change_set.repositories}
        if len(units) > 1 and any(map(self.passes.gates_together, units)):
            found = side_by_side(tuple(units), lambda each: self.passes.gate_apart(each, units[each]))
            return self._prepared_together(self._after(change_set, found), found)
        found = self._prepared_as(units)
        return self._after(change_set, found), found

    def _prepared_together(self, change_set: ChangeSet, ready: Results) -> tuple[ChangeSet, Results]:
        """Again until what was seen of one another is what is ready, which branches that others move may put off."""
        for _ in range(MAXIMUM_BASE_MOVES):
            if not change_set.free:
                return change_set, ready
            found = self._prepared_as({each: unit_beside(change_set, each, ready) for each in ready})
            change_set, before, ready = self._after(change_set, found), ready, found
            if not change_set.free or same_candidates(before, ready):
                return change_set, ready
        return change_set.kept_moving(), ready

    def _prepared_as(self, units: Mapping[Assignment, Unit]) -> Results:
        return side_by_side(tuple(units), lambda each: self.passes.prepare(each, units[each]))

    def _after(self, change_set: ChangeSet, found: Results) -> ChangeSet:
        names = {each: name for name, each in self._at.items()}
        self._keep_passes(found)
        for each, result in found.items():
            change_set = after_unit(change_set, names[each], result)
        return change_set

    def _finished(self, change_set: ChangeSet, announcement: Announcement, *, resumed: bool = False) -> ChangeSet:
        """Carried on until all of it has landed, or none of it, or what is left is for people to settle."""
        with self.ledger.exclusively():
            progress = self.ledger.progress(announcement)
            if resumed and progress.void:
                return change_set
            if missing := [part.repository for part in announcement.parts if part.repository not in self._at]:
                return change_set.kept_by(missing)
            while not isinstance(move := next_move(announcement, progress, compensate=self.ledger.compensates), Stop):
                if isinstance(move, Break):
                    self.ledger.tell_broken(announcement, progress)
                    progress = self.ledger.progress(announcement)
                    continue
                result = self._worked_on(move, announcement, change_set)
                change_set = after_unit(change_set, move.part.repository, result)
                progress = self.ledger.progress(announcement).after(move, why_of(result))
            return self.ledger.told(change_set, announcement, move)

    def _worked_on(self, move: LandPart | TakeBack, announcement: Announcement, change_set: ChangeSet) -> Result:
        at = self._at[move.part.repository]
        beside = self.ledger.companions(announcement, move.part) if self.passes.gates_together(at) else ()
        unit = unit_of_part(announcement, move.part, change_set, beside)
        result = self.passes.land(at, unit) if isinstance(move, LandPart) else self.passes.take_back(at, unit)
        self._keep_passes({at: result})
        return result

    @property
    def _at(self) -> Mapping[RepositoryName, Assignment]:
        return {RepositoryName(str(result["repository"])): each for each, result in self.results.items()}

    def _keep(self, found: Results) -> None:
        for each, result in found.items():
            self.results[each] = joined(self.results[each], result) if each in self.results else result

    def _keep_passes(self, found: Results) -> None:
        self.results |= {each: joined_pass(self.results[each], result) for each, result in found.items()}
