"""What would land, what its gates say of it, and what makes two gates the same."""

from dataclasses import dataclass
from enum import StrEnum

from config.schema import Gate
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.model import CommitSha, Digest, TreeSha

Members = tuple[int, ...]
"""Pull request numbers in the order in which they are merged; empty for the base alone."""


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ERRORED = "errored"
    SKIPPED = "skipped"


class Phase(StrEnum):
    """What a gate is run for: to land something, to see how it does once landed, or to take it back."""

    GATE = "gate"
    POST_LANDING = "post-landing"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    What would land: `members` merged in order onto `base`.

    `commits` says of each member how many commits it puts onto the branch's own line.
    """

    members: Members
    base: CommitSha
    commit: CommitSha
    tree: TreeSha
    commits: tuple[int, ...] = ()


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


ANSWERS = frozenset({Verdict.FAILED, Verdict.TIMED_OUT})
"""What a gate says that came to an answer, and it was no."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All gates of one candidate; `runs` is how often those that did not pass were run."""

    candidate: Candidate
    results: tuple[GateResult, ...]
    runs: int = 1

    @property
    def required(self) -> tuple[GateResult, ...]:
        return tuple(result for result in self.results if result.required)

    @property
    def green(self) -> bool:
        """Whether every required gate passed, of which there must be at least one."""
        return bool(self.required) and all(result.verdict is Verdict.PASSED for result in self.required)

    @property
    def stopped(self) -> bool:
        """Whether its gates were ended before any of them had anything to say against it."""
        return bool(self.blame) and all(result.verdict is Verdict.SKIPPED for result in self.blame)

    @property
    def blame(self) -> tuple[GateResult, ...]:
        """The required gates that did not pass."""
        return tuple(result for result in self.required if result.verdict is not Verdict.PASSED)

    @property
    def answers(self) -> tuple[GateResult, ...]:
        """The required gates that came to an answer, and it was no."""
        return tuple(result for result in self.required if result.verdict in ANSWERS)


def definition_digest(gate: Gate) -> Digest:
    """
    What makes two gates the same gate: name, command, time limit, whether it is required, and what names its tools.

    Not its cache time. A gate that names no tools has the digest that it had before there was a word for them.
    """
    definition = {"name": gate.name, "command": gate.command, "timeout": gate.timeout, "required": gate.required}
    tools = {} if gate.environment is None else {"environment": gate.environment}
    return digest_of(canonical_json({**definition, **tools}))
