"""A world in which somebody looks for culprits: what each group of pull requests would turn out to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tasks.domain.gates import BaseRed, Conclusion, Culprit, Evaluation, Members, Test, Verdict, next_step
from tests.domain.builders import evaluation, red

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class World:
    """
    `bad` fail wherever they are, `errored` cannot be gated, `clashing` pairs fail together and only then.

    `needs` are dependencies; `share` is how many are thought to be bad, `cap` the largest batch.
    """

    line: Members
    bad: frozenset[int] = NOBODY
    errored: frozenset[int] = NOBODY
    clashing: frozenset[tuple[int, int]] = frozenset()
    needs: Mapping[int, frozenset[int]] = field(default_factory=dict)
    base_red: bool = False
    base_on_record: bool = False
    share: float = 0.05
    cap: int = 10

    def gate(self, landed: Members, members: Members) -> Evaluation:
        together = {*landed, *members}
        if self.base_red or self.bad & together or any({*pair} <= together for pair in self.clashing):
            return red(*members)
        if self.errored & together:
            return red(*members, verdict=Verdict.ERRORED, exit_code=None)
        return evaluation(*members)

    def batch(self, landed: Members, culprits: Mapping[int, Culprit]) -> Members:
        """Who is left, in order, and waits for nobody that is not ahead."""
        ahead: list[int] = []
        for number in self.line:
            if number not in {*landed, *culprits} and self.needs.get(number, NOBODY) <= {*landed, *ahead}:
                ahead.append(number)
        return tuple(ahead)


@dataclass(frozen=True)
class Asked:
    """`members` were gated on what had landed."""

    landed: Members
    members: Members


@dataclass(frozen=True)
class Search:
    """`culprits` by number, with what had landed when each was found; `base_red` where the search ended so."""

    asked: tuple[Asked, ...]
    landed: Members
    culprits: Mapping[int, Culprit]
    grounds: Mapping[int, Members]
    base_red: BaseRed | None

    @property
    def evaluations(self) -> int:
        """As `simulate` counts them: without the base, which a record mostly knows."""
        return sum(1 for each in self.asked if each.members)


def search(world: World) -> Search:
    """Batch by batch until nobody is left; a search without end fails."""
    asked: list[Asked] = []
    landed: Members = ()
    culprits: dict[int, Culprit] = {}
    grounds: dict[int, Members] = {}
    green = world.base_on_record
    while line := world.batch(landed, culprits):
        step = _concluded(world, line, landed, asked, green=green)
        if isinstance(step, BaseRed):
            return Search(tuple(asked), landed, culprits, grounds, step)
        landed += step.accepted
        # What landed was gated as it stands, and a base that was gated stays known.
        green = green or bool(step.accepted) or step.culprit is not None
        if step.culprit is not None:
            culprits[step.culprit.number] = step.culprit
            grounds[step.culprit.number] = landed
        assert step.accepted or step.culprit, f"no end after {asked}"
    return Search(tuple(asked), landed, culprits, grounds, None)


def _concluded(
    world: World, line: Members, landed: Members, asked: list[Asked], *, green: bool
) -> Conclusion | BaseRed:
    batch, known = line[: world.cap], dict[Members, Evaluation]()
    bad = (world.share,) * len(line)
    for _ in range(3 * len(batch) + 3):
        step = next_step(batch, bad, world.cap, known, base_green=green)
        if not isinstance(step, Test):
            return step
        asked.append(Asked(landed, step.members))
        known[step.members] = world.gate(landed, step.members)
    raise AssertionError(f"no end after {asked}")
