"""A world in which somebody looks for culprits: what each group of pull requests would turn out to be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tasks.domain.gates import Evaluation, Members, Verdict
from tasks.domain.search import BaseRed, Conclusion, Culprit, GroupTest, Line, Needed, Purpose, next_step
from tasks.domain.speculation import regrouped, speculative_tests
from tests.domain.builders import evaluation, red

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class World:
    """
    `bad` fail wherever they are, `errored` cannot be gated, `clashing` pairs fail together and only then.

    `flaky` groups are red the first time that they are gated, though nobody in them is at fault. `needs` are
    dependencies; `share` is how many are thought to be bad, `cap` the largest batch. `retries` says how often gates may
    be asked again, `suspicious` that culprits are gated by themselves; `slots` candidates are gated at a time.
    """

    line: Members
    bad: frozenset[int] = NOBODY
    errored: frozenset[int] = NOBODY
    clashing: frozenset[tuple[int, int]] = frozenset()
    flaky: frozenset[Members] = frozenset()
    needs: Mapping[int, frozenset[int]] = field(default_factory=dict)
    base_red: bool = False
    base_on_record: bool = False
    share: float = 0.05
    cap: int = 10
    retries: int = 0
    suspicious: bool = False
    slots: int = 1

    def gate(self, members: Members) -> Evaluation:
        """What becomes of everything that is merged in the end, without flakes."""
        together = {*members}
        if self.base_red or self.bad & together or any({*pair} <= together for pair in self.clashing):
            return red(*members)
        if self.errored & together:
            return red(*members, verdict=Verdict.ERRORED, exit_code=None)
        return evaluation(*members)


@dataclass(frozen=True)
class Asked:
    """`members` were gated on what had landed and what was taken to land."""

    landed: Members
    test: GroupTest

    @property
    def members(self) -> Members:
        return self.test.sequence

    @property
    def whole(self) -> Members:
        return self.landed + self.test.sequence


@dataclass(frozen=True)
class Search:
    """`culprits` by number, with what had landed when each was found; `base_red` where the search ended so."""

    asked: tuple[Asked, ...]
    landed: Members
    culprits: Mapping[int, Culprit]
    grounds: Mapping[int, Members]
    base_red: BaseRed | None
    rounds: int

    @property
    def evaluations(self) -> int:
        """As `simulate` counts them: without the base, which a record mostly knows, and what makes sure."""
        return sum(1 for each in self.asked if each.test.purpose in {Purpose.SEARCH, Purpose.SPECULATION})

    def asked_to(self, purpose: Purpose) -> list[Members]:
        return [each.whole for each in self.asked if each.test.purpose is purpose]


def search(world: World) -> Search:
    """Batch by batch until nobody is left; a search without end fails."""
    return _Searcher(world).run()


class _Searcher:
    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[Asked] = []
        self.landed: Members = ()
        self.culprits: dict[int, Culprit] = {}
        self.grounds: dict[int, Members] = {}
        self.green = world.base_on_record
        self.rounds = 0
        self.found: dict[Members, Evaluation] = {}

    def run(self) -> Search:
        while (line := self._line()).batch:
            step = self._concluded(line)
            if isinstance(step, BaseRed):
                return self._search(step)
            self.landed += step.accepted
            # What landed was gated as it stands, and a base that was gated stays known.
            self.green = self.green or bool(step.accepted) or step.culprit is not None
            if step.culprit is not None:
                self.culprits[step.culprit.number] = step.culprit
                self.grounds[step.culprit.number] = self.landed
            assert step.accepted or step.culprit, f"no end after {self.asked}"
        return self._search(None)

    def _search(self, base_red: BaseRed | None) -> Search:
        return Search(tuple(self.asked), self.landed, self.culprits, self.grounds, base_red, self.rounds)

    def _line(self) -> Line:
        world = self.world
        order = tuple(number for number in world.line if number not in {*self.landed, *self.culprits})
        line = Line(
            order=order,
            batch=(),
            bad=dict.fromkeys(world.line, world.share),
            cap=world.cap,
            base_green=self.green,
            needs={number: world.needs.get(number, NOBODY) - {*self.landed} for number in order},
            suspected=frozenset(order) if world.suspicious else NOBODY,
            retries={"unit": world.retries},
        )
        return replace(line, batch=regrouped(line, (), ()))

    def _concluded(self, line: Line) -> Conclusion | BaseRed:
        for _ in range(6 * len(line.batch) + 6):
            step = next_step(line, self._known())
            if not isinstance(step, Needed):
                return step
            likely = speculative_tests(line, self._known(), self.world.slots, 0.05) if self.world.slots > 1 else ()
            tests = {test.sequence: test for test in (*reversed(likely), *reversed(step.tests))}
            self.rounds += 1
            for test in (*step.tests, *(each for each in tests.values() if each not in step.tests))[: self.world.slots]:
                self._ask(test)
        raise AssertionError(f"no end after {self.asked}")

    def _known(self) -> dict[Members, Evaluation]:
        """What was found of whatever begins with what has landed; of the base alone as well."""
        size = len(self.landed)
        return {whole[size:]: found for whole, found in self.found.items() if whole[:size] == self.landed}

    def _ask(self, test: GroupTest) -> None:
        asked = Asked(self.landed, test)
        before = self.found.get(asked.whole)
        flaked = before is None and asked.members in self.world.flaky
        found = red(*asked.whole) if flaked else self.world.gate(asked.whole)
        self.asked.append(asked)
        self.found[asked.whole] = found if before is None else before.asked_again(found.results)
