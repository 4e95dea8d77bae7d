"""
Which group of pull requests to gate next, so that the good ones land and the bad ones are named.

The search is replayed from what is already known: `next_step` is given every evaluation so far and either asks for
one more or gives its conclusion. A red group is halved; a half is tested on top of what was found good, so that what
lands is exactly what was tested. Because groups are written as the ordered members of a candidate, a right half whose
left half passed *is* the red group again, and is never retested. Nobody is blamed before the base is known green.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.schema import Gate
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.merging import Conflict
from tasks.domain.model import CommitSha, Digest, TreeSha

Members = tuple[int, ...]
"""Pull request numbers in the order in which they are merged; empty for the base alone."""


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ERRORED = "errored"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What would land: `members` merged in order onto `base`."""

    members: Members
    base: CommitSha
    commit: CommitSha
    tree: TreeSha


@dataclass(frozen=True, slots=True)
class GateResult:
    """`log` is the digest of the kept output, None where none could be kept; `exit_code` is None if it had none."""

    gate: str
    required: bool
    verdict: Verdict
    exit_code: int | None
    seconds: float
    log: Digest | None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All gates of one candidate."""

    candidate: Candidate
    results: tuple[GateResult, ...]

    @property
    def required(self) -> tuple[GateResult, ...]:
        return tuple(result for result in self.results if result.required)

    @property
    def green(self) -> bool:
        """Whether every required gate passed, of which there must be at least one."""
        return bool(self.required) and all(result.verdict is Verdict.PASSED for result in self.required)

    @property
    def blame(self) -> tuple[GateResult, ...]:
        """The required gates that did not pass."""
        return tuple(result for result in self.required if result.verdict is not Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class Test:
    """Gate these members on the base; an empty tuple asks for the base alone."""

    members: Members


@dataclass(frozen=True, slots=True)
class Culprit:
    """`number` turns a candidate red that is green with only `context` in it."""

    number: int
    context: Members
    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Conclusion:
    """
    `accepted` were gated together, as they stand; `orphaned` maps what depends on a culprit to what it waits for.

    Whoever is neither of them does not merge without a culprit, or depends on one that does not: it is left out.
    """

    accepted: Members
    culprits: tuple[Culprit, ...]
    orphaned: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class BaseRed:
    evaluation: Evaluation


Step = Test | Conclusion | BaseRed


def next_step(
    batch: Members,
    dependencies: Mapping[int, frozenset[int]],
    known: Mapping[Members, Evaluation | Conflict],
    *,
    base_green: bool,
) -> Step:
    """
    Decides what to gate next, or what was found.

    `batch` is in landing order, `dependencies` name what each member needs of the batch, `known` holds what became of
    each group so far: its evaluation, or the conflict because of which it cannot be made without what it leaves out.
    `base_green` says that a record proves the base green, otherwise it is asked for once.
    """
    search = _Search(batch, dependencies, known, base_green=base_green)
    return search.replay()


class _Search:
    def __init__(
        self,
        batch: Members,
        dependencies: Mapping[int, frozenset[int]],
        known: Mapping[Members, Evaluation | Conflict],
        *,
        base_green: bool,
    ) -> None:
        self.dependencies = dependencies
        self.known = known
        self.base_green = base_green
        self.groups: list[Members] = [batch]
        self.accepted: Members = ()
        self.culprits: list[Culprit] = []
        self.orphaned: dict[int, int] = {}
        self.left_out: set[int] = set()

    def replay(self) -> Step:
        while self.groups:
            group = self._with_all_they_need(self.groups.pop(0))
            if not group:
                continue
            trial = self.accepted + group
            found = self.known.get(trial)
            if found is None:
                return Test(trial)
            if isinstance(found, Evaluation) and found.green:
                self.accepted = trial
                continue
            if isinstance(found, Evaluation) and (unproven := self._base_unproven()) is not None:
                return unproven
            self._split(group, found)
        return Conclusion(self.accepted, tuple(self.culprits), dict(self.orphaned))

    def _with_all_they_need(self, group: Members) -> Members:
        kept: list[int] = []
        for number in group:
            needs = self.dependencies.get(number, frozenset())
            gone = sorted(needs & ({culprit.number for culprit in self.culprits} | self.orphaned.keys()))
            if gone:
                self.orphaned[number] = gone[0]
            elif needs & self.left_out:
                self.left_out.add(number)
            else:
                kept.append(number)
        return tuple(kept)

    def _base_unproven(self) -> Step | None:
        if self.base_green:
            return None
        base = self.known.get(())
        if not isinstance(base, Evaluation):
            return Test(())
        return None if base.green else BaseRed(base)

    def _split(self, group: Members, found: Evaluation | Conflict) -> None:
        """A single member that does not merge without what was left out is left out too, and blamed for nothing."""
        if len(group) > 1:
            middle = (len(group) + 1) // 2
            self.groups[:0] = [group[:middle], group[middle:]]
        elif isinstance(found, Evaluation):
            self.culprits.append(Culprit(group[0], self.accepted, found))
        else:
            self.left_out.add(group[0])


def definition_digest(gate: Gate) -> Digest:
    """
    What makes two gates the same gate: name, command, time limit, whether it is required, and what names its tools.

    Not its cache time. A gate that names no tools has the digest that it had before there was a word for them.
    """
    definition = {"name": gate.name, "command": gate.command, "timeout": gate.timeout, "required": gate.required}
    tools = {} if gate.environment is None else {"environment": gate.environment}
    return digest_of(canonical_json({**definition, **tools}))
