"""
Change sets over all repositories of a run: looked at when everything else has landed, and landed as a whole.

What each set is, and in which order it lands, is decided in `tasks/domain/change_sets.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flows.rounds import Results, in_rounds, side_by_side
from tasks.domain.change_set_documents import after_unit, gathered, has_landed
from tasks.domain.change_sets import ChangeSet, Unit, landing_order, reasons_told, unit_of
from tasks.domain.model import RepositoryName
from tasks.domain.run import Assignment, Result, joined, to_run_again


class Passes(Protocol):
    """How one repository is worked on; each answers for every failure itself."""

    def journey(self, assignment: Assignment, told: tuple[ChangeSet, ...] | None) -> Result: ...

    def prepare(self, assignment: Assignment, unit: Unit) -> Result: ...

    def land(self, assignment: Assignment, unit: Unit) -> Result: ...

    def with_members_elsewhere(self, change_sets: tuple[ChangeSet, ...]) -> tuple[ChangeSet, ...]:
        """Of the repositories that are configured and no part of this run."""


def in_rounds_with_sets(chosen: tuple[Assignment, ...], passes: Passes) -> Results:
    """Rounds until nothing lands any more, be it by itself or in a set; then the members of sets are told why."""
    return _Coordination(chosen, passes).run()


@dataclass(slots=True)
class _Coordination:
    chosen: tuple[Assignment, ...]
    passes: Passes
    results: Results = field(default_factory=dict)

    def run(self) -> Results:
        again = self.chosen
        while again:
            self._keep(in_rounds(again, lambda each: self.passes.journey(each, None)))
            sets = self.passes.with_members_elsewhere(gathered(self.results.values()))
            again, left = self._land(sets)
        if left:
            concerned = [self._at[name] for each in left for name in each.repositories if name in self._at]
            self._keep(side_by_side(tuple(dict.fromkeys(concerned)), lambda each: self.passes.journey(each, left)))
        return self.results

    def _land(self, sets: tuple[ChangeSet, ...]) -> tuple[tuple[Assignment, ...], tuple[ChangeSet, ...]]:
        """The repositories to work on again, since a set landed; without any, what is told of the sets."""
        before = dict(self.results)
        landed: list[Assignment] = []
        left: list[ChangeSet] = []
        for each in sets:
            known = self._prepared(each)
            known, there = self._landed(known) if known.free else (known, ())
            landed += [self._at[name] for name in there]
            left.append(known.with_reasons(reasons_told(known)))
        changed = {one: self.results[one] for one in landed if self.results[one] is not before[one]}
        again = (*landed, *to_run_again(self.results, changed))
        return tuple(dict.fromkeys(again)), tuple(left)

    def _prepared(self, change_set: ChangeSet) -> ChangeSet:
        """With what is found against it in any repository; nothing is looked for where something is known already."""
        if not change_set.free:
            return change_set
        units = {self._at[name]: unit_of(change_set, name) for name in change_set.repositories}
        found = side_by_side(tuple(units), lambda each: self.passes.prepare(each, units[each]))
        self._keep(found)
        for name in change_set.repositories:
            change_set = after_unit(change_set, name, found[self._at[name]])
        return change_set

    def _landed(self, change_set: ChangeSet) -> tuple[ChangeSet, tuple[RepositoryName, ...]]:
        """Where it landed, which is everywhere or nowhere unless something moves in the last moment."""
        landed: list[RepositoryName] = []
        for name in landing_order(change_set):
            result = self.passes.land(self._at[name], unit_of(change_set, name))
            self._keep({self._at[name]: result})
            if not has_landed(change_set, name, result):
                return after_unit(change_set, name, result), tuple(landed)
            landed.append(name)
        return change_set, tuple(landed)

    @property
    def _at(self) -> Mapping[RepositoryName, Assignment]:
        return {RepositoryName(str(result["repository"])): each for each, result in self.results.items()}

    def _keep(self, found: Results) -> None:
        for each, result in found.items():
            self.results[each] = joined(self.results[each], result) if each in self.results else result
