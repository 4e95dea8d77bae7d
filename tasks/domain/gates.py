"""What would land, what its gates say of it, and what makes two gates the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate, pairwise

from config.schema import Gate, Network
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.model import CommitSha, Digest, RepositoryName, TreeSha

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
class Companion:
    """What would land in another repository of the same change set, or has landed there."""

    repository: RepositoryName
    repository_id: str
    commit: CommitSha
    tree: TreeSha


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    What would land: `members` merged in order onto `base`.

    `commits` says of each member how many commits it puts onto the branch's own line. `companions` are what gates
    that are `together` see beside it.
    """

    members: Members
    base: CommitSha
    commit: CommitSha
    tree: TreeSha
    commits: tuple[int, ...] = ()
    companions: tuple[Companion, ...] = ()


def steps_of(candidate: Candidate, places: Sequence[CommitSha]) -> Mapping[int, tuple[CommitSha, CommitSha]]:
    """
    By member, what the branch is before it has landed and behind it.

    `places` are the base and the candidate's own line; nobody has a step where the two do not go together.
    """
    ends = tuple(accumulate(candidate.commits, initial=0))
    if len(candidate.commits) != len(candidate.members) or ends[-1] != len(places) - 1:
        return {}
    return {
        member: (places[before], places[behind])
        for member, (before, behind) in zip(candidate.members, pairwise(ends), strict=True)
    }


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
    """All gates of one candidate; `refusals` is how often each has said no to it before the latest results."""

    candidate: Candidate
    results: tuple[GateResult, ...]
    refusals: Mapping[str, int] = field(default_factory=dict)

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

    def may_be_a_flake(self, retries: Mapping[str, int]) -> bool:
        """Whether every gate that said no may be asked again; one that may not has spoken for good."""
        left = [retries.get(result.gate, 0) - self.refusals.get(result.gate, 0) for result in self.answers]
        return bool(left) and all(each > 0 for each in left)

    def asked_again(self, results: Iterable[GateResult]) -> "Evaluation":
        """With the latest results of the gates that were run once more on the same candidate."""
        latest = {result.gate: result for result in (*self.results, *results)}
        said = {result.gate: self.refusals.get(result.gate, 0) + 1 for result in self.answers}
        return replace(
            self, results=tuple(latest[result.gate] for result in self.results), refusals={**self.refusals, **said}
        )


def definition_digest(gate: Gate) -> Digest:
    """
    What makes two gates the same: name, command, time limit, tools and network, and whether required or `together`.

    Not its cache time. A gate that says nothing of a later word has the digest that it had before there was that word.
    """
    definition = {"name": gate.name, "command": gate.command, "timeout": gate.timeout, "required": gate.required}
    tools = {} if gate.environment is None else {"environment": gate.environment}
    company = {"together": True} if gate.together else {}
    network = {} if gate.network is Network.HOST else {"network": gate.network.value}
    return digest_of(canonical_json({**definition, **tools, **company, **network}))


Company = tuple[tuple[str, TreeSha], ...]
"""The other repositories that a gate saw, by id, each with the tree that it saw of it."""

GateProof = tuple[TreeSha, Digest, Digest, Company]
"""Tree, gate definition, environment and company of an answer: a gate that saw other things has said another thing."""


def company_seen(gate: Gate, candidate: Candidate) -> Company:
    """Nothing for a gate that is not `together`, or where the candidate has nobody beside it."""
    seen = candidate.companions if gate.together else ()
    return tuple(sorted((each.repository_id, each.tree) for each in seen))


def proof_of(gate: Gate, candidate: Candidate, environment: Digest) -> GateProof:
    return candidate.tree, definition_digest(gate), environment, company_seen(gate, candidate)
