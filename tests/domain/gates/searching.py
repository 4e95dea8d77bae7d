"""A world in which somebody looks for culprits: what each group of pull requests would turn out to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.gates import BaseRed, Conclusion, Evaluation, Members, Test, Verdict, next_step
from tasks.domain.merging import Conflict
from tests.domain.builders import evaluation, red

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class World:
    """
    `bad` fail wherever they are, `errored` cannot be gated, `clashing` pairs fail together and only then.

    `needs` are dependencies; `built_on` says without which other one somebody does not even merge.
    """

    batch: Members
    bad: frozenset[int] = NOBODY
    errored: frozenset[int] = NOBODY
    clashing: frozenset[tuple[int, int]] = frozenset()
    needs: Mapping[int, frozenset[int]] = field(default_factory=dict)
    built_on: Mapping[int, int] = field(default_factory=dict)
    base_red: bool = False
    base_on_record: bool = False

    def gate(self, members: Members) -> Evaluation | Conflict:
        if any(ground not in members for number, ground in self.built_on.items() if number in members):
            return Conflict(("a.py",))
        failing = self.bad & {*members} or [pair for pair in self.clashing if {*pair} <= {*members}]
        if failing or self.base_red:
            return red(*members)
        if self.errored & {*members}:
            return red(*members, verdict=Verdict.ERRORED, exit_code=None)
        return evaluation(*members)


@dataclass(frozen=True)
class Search:
    """`asked` in the order of asking; the end is a conclusion, or that the base is red."""

    asked: tuple[Members, ...]
    known: Mapping[Members, Evaluation | Conflict]
    end: Conclusion | BaseRed

    @property
    def conclusion(self) -> Conclusion:
        assert isinstance(self.end, Conclusion)
        return self.end

    @property
    def culprits(self) -> set[int]:
        return {culprit.number for culprit in self.conclusion.culprits}

    @property
    def evaluations(self) -> int:
        """As `simulate` counts them: without the base, which a record mostly knows."""
        return sum(1 for members in self.asked if members)


def search(world: World) -> Search:
    """Asks and answers until there is nothing more to ask; a search without end fails."""
    known: dict[Members, Evaluation | Conflict] = {}
    asked: list[Members] = []
    for _ in range(3 * len(world.batch) + 3):
        step = next_step(world.batch, world.needs, known, base_green=world.base_on_record)
        if not isinstance(step, Test):
            return Search(tuple(asked), known, step)
        asked.append(step.members)
        known[step.members] = world.gate(step.members)
    raise AssertionError(f"no end after {asked}")
