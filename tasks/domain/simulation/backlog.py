"""
The queue in front of one target branch, as the simulated strategies see it: who waits, what was found, what runs.

Time is counted in gate times. A tree is the target branch with pull requests merged onto it in order; the same pull
requests in the same order are the same tree, and a run of all gates on it is one candidate evaluation, finished or
not. Gates cannot pass what is bad: they may only be red without a reason (a flake).
"""

import heapq
import math
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice, repeat
from statistics import NormalDist
from typing import Protocol

from tasks.domain.simulation.arrivals import Day, arrivals
from tasks.domain.simulation.population import Population, fraction

PRECISION = 9
"""Digits of a gate time after which two moments are one: runs that were started together end together."""


@dataclass(frozen=True, slots=True)
class Load:
    """
    What comes in, and how gates behave; times are in gate times, shares are probabilities.

    `arrivals` is how many pull requests come in a gate time, None where all wait from the beginning; by `day` they
    come at other rates at other hours. `spread` is the standard deviation of the logarithm of a gate's time, whose mean
    is 1. A red run tells after `fail_fast` of its time.
    """

    population: Population
    seed: int
    flake: float = 0.0
    arrivals: float | None = None
    day: Day | None = None
    spread: float = 0.0
    fail_fast: float = 1.0


class Tree:
    """`red` is the truth; `found` are the answers of the runs so far, True where all gates passed."""

    __slots__ = ("children", "found", "key", "member", "parent", "red")

    def __init__(self, parent: "Tree | None", member: int, key: bytes, *, red: bool) -> None:
        self.parent = parent
        self.member = member
        self.key = key
        self.red = red
        self.found: tuple[bool, ...] = ()
        self.children: dict[int, Tree] | None = None

    @property
    def green(self) -> bool | None:
        """What the latest run found; None before one has ended."""
        return self.found[-1] if self.found else None


class Strategy(Protocol):
    @property
    def confirming(self) -> Collection["Tree"]:
        """Of the trees that are wanted those that search for nothing: they make sure, and are counted apart."""

    def wanted(self, backlog: "Backlog") -> Sequence[Tree]:
        """
        Lands and refuses what is decided by now, and says which trees to have gates run on at this moment.

        What runs and is not wanted any more is stopped. A tree that has an answer already is run once more.
        """


@dataclass(slots=True)
class Tally:
    """What became of everybody; `waits` are from arrival to landing or refusal, `confirmations` no evaluations."""

    evaluations: int = 0
    confirmations: int = 0
    landed: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    false_refusals: int = 0
    makespan: float = 0.0
    waits: list[float] = field(default_factory=list)


class Backlog:
    def __init__(self, load: Load) -> None:
        self.waiting: deque[int] = deque()
        self.base = Tree(None, 0, b"", red=False)
        self.tally = Tally()
        self._load = load
        self._started = 0
        self._told = load.flake > 0 or load.spread > 0
        self._clashing = _partners(load.population)
        self._landed: set[int] = set()
        self._now = 0.0
        self._coming = deque(_arrivals(load))
        self._arrived: dict[int, float] = {}
        self._running: dict[Tree, int] = {}
        self._ends: list[tuple[float, int, Tree, bool]] = []
        self._admit()

    @property
    def open(self) -> bool:
        return bool(self.waiting or self._coming)

    def first(self, count: int) -> Iterable[int]:
        return islice(self.waiting, count)

    def onto(self, tree: Tree, number: int) -> Tree:
        """`tree` with one more merged onto it."""
        if tree.children is None:
            tree.children = {}
        child = tree.children.get(number)
        if child is None:
            key = blake2b(b"%b %d" % (tree.key, number), digest_size=8).digest() if self._told else b""
            red = tree.red or number in self._load.population.bad or self._clashes(tree, number)
            child = tree.children[number] = Tree(tree, number, key, red=red)
        return child

    def merged(self, members: Iterable[int]) -> Tree:
        """The target branch as it is, with these merged onto it."""
        tree = self.base
        for number in members:
            tree = self.onto(tree, number)
        return tree

    def land(self, tree: Tree) -> None:
        """Makes `tree`, which was found green and is on top of the target branch, the target branch."""
        members: list[int] = []
        node: Tree | None = tree
        while node is not None and node is not self.base:
            members.append(node.member)
            node = node.parent
        for number in reversed(members):
            self._settled(number)
            self.tally.landed.append(number)
            self._landed.add(number)
        tree.parent = None
        self.base = tree

    def refuse(self, number: int) -> None:
        self._settled(number)
        self.tally.refused.append(number)
        self.tally.false_refusals += not self.onto(self.base, number).red

    def run(self, wanted: Sequence[Tree], confirming: Collection[Tree]) -> None:
        """Starts what is wanted and does not run yet, and stops what is not wanted any more."""
        keep = {*wanted}
        for tree in [tree for tree in self._running if tree not in keep]:
            del self._running[tree]
        for tree in wanted:
            if tree not in self._running:
                self._start(tree, confirms=tree in confirming)

    def advance(self) -> None:
        """To the next moment at which a run ends or a pull request arrives."""
        while self._ends and self._running.get(self._ends[0][2]) != self._ends[0][1]:
            heapq.heappop(self._ends)
        moments = [self._ends[0][0]] if self._ends else []
        moments += [self._coming[0][0]] if self._coming else []
        self._now = min(moments)
        while self._ends and self._ends[0][0] == self._now:
            _, run, tree, green = heapq.heappop(self._ends)
            if self._running.get(tree) == run:
                del self._running[tree]
                tree.found += (green,)
        self._admit()

    def _start(self, tree: Tree, *, confirms: bool) -> None:
        tally, load, attempt = self.tally, self._load, len(tree.found)
        self._started += 1
        if confirms:
            tally.confirmations += 1
        else:
            tally.evaluations += 1
        green, lasts = not tree.red, 1.0
        if self._told:
            name = f"{tree.key.hex()}-{attempt}"
            green = green and fraction(load.seed, f"flake-{name}") >= load.flake
            lasts = _time(load.spread, fraction(load.seed, f"time-{name}"))
        if not green:
            lasts *= load.fail_fast
        self._running[tree] = self._started
        heapq.heappush(self._ends, (round(self._now + lasts, PRECISION), self._started, tree, green))

    def _clashes(self, tree: Tree, number: int) -> bool:
        partners = self._clashing.get(number)
        if not partners:
            return False
        node: Tree | None = tree
        while node is not None and node is not self.base:
            if node.member in partners:
                return True
            node = node.parent
        return not partners.isdisjoint(self._landed)

    def _settled(self, number: int) -> None:
        self.waiting.remove(number)
        self.tally.waits.append(self._now - self._arrived.pop(number))
        self.tally.makespan = self._now

    def _admit(self) -> None:
        while self._coming and self._coming[0][0] <= self._now:
            moment, number = self._coming.popleft()
            self.waiting.append(number)
            self._arrived[number] = moment


def play(load: Load, strategy: Strategy) -> Tally:
    """Until everybody has landed or is refused."""
    backlog = Backlog(load)
    while True:
        wanted = strategy.wanted(backlog)
        if not backlog.open:
            return backlog.tally
        backlog.run(wanted, strategy.confirming)
        backlog.advance()


def _partners(population: Population) -> dict[int, set[int]]:
    partners: dict[int, set[int]] = {}
    for one, other in population.clashing:
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    return partners


def _arrivals(load: Load) -> Iterable[tuple[float, int]]:
    count = load.population.count
    moments = repeat(0.0) if load.arrivals is None else arrivals(count, load.arrivals, load.seed, load.day)
    for number, moment in zip(range(1, count + 1), moments, strict=False):
        yield round(moment, PRECISION), number


def _time(spread: float, drawn: float) -> float:
    """A lognormal time whose mean is 1."""
    if spread == 0:
        return 1.0
    # The smallest positive draw stands in for 0, of which the normal distribution knows nothing.
    return math.exp(NormalDist(-spread * spread / 2, spread).inv_cdf(max(drawn, 2.0**-54)))
