"""
Which group of pull requests to gate next, so that the good ones land and the bad ones are named by few runs.

The search is replayed from what is already known: `next_step` is given every evaluation so far and either asks for
one more or gives its conclusion. Groups are the first members of a batch, tested on top of what was found good, so
that what lands is exactly what was tested; how many are tested at a time is the plan of `group_testing`. What is
implied is never tested: a red group whose others are good has its culprit. Nobody is blamed before the base is known
green. Each conclusion names one culprit at most: of those behind it nothing is known any more, and they come back in
the next batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.schema import Gate
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.group_testing import nested_plan
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
    """`accepted` were gated together, as they stand. Whoever is neither of them nor the culprit stays open."""

    accepted: Members
    culprit: Culprit | None


@dataclass(frozen=True, slots=True)
class BaseRed:
    evaluation: Evaluation


Step = Test | Conclusion | BaseRed


def next_step(
    batch: Members, bad: tuple[float, ...], cap: int, known: Mapping[Members, Evaluation], *, base_green: bool
) -> Step:
    """
    Decides what to gate next, or what was found.

    `batch` is in landing order and not empty; `bad` are the probabilities of its members to be bad and of those that
    would follow them in later batches of at most `cap`; `known` holds the evaluation of each group so far. `base_green`
    says that a record proves the base green, otherwise it is asked for once.
    """
    plan = nested_plan(bad, cap)
    accepted, red = 0, 0
    while red != accepted + 1:
        group = plan.among[accepted][red - accepted] if red else plan.fresh[accepted]
        trial = batch[: accepted + group]
        found = known.get(trial)
        if found is None:
            return Test(trial)
        if not found.green:
            if (unproven := _base_unproven(known, base_green=base_green)) is not None:
                return unproven
            red = len(trial)
            continue
        accepted = len(trial)
        if not red:
            return Conclusion(trial, None)
    return Conclusion(batch[:accepted], Culprit(batch[accepted], batch[:accepted], known[batch[:red]]))


def _base_unproven(known: Mapping[Members, Evaluation], *, base_green: bool) -> Step | None:
    if base_green:
        return None
    base = known.get(())
    if base is None:
        return Test(())
    return None if base.green else BaseRed(base)


def definition_digest(gate: Gate) -> Digest:
    """
    What makes two gates the same gate: name, command, time limit, whether it is required, and what names its tools.

    Not its cache time. A gate that names no tools has the digest that it had before there was a word for them.
    """
    definition = {"name": gate.name, "command": gate.command, "timeout": gate.timeout, "required": gate.required}
    tools = {} if gate.environment is None else {"environment": gate.environment}
    return digest_of(canonical_json({**definition, **tools}))
