"""What a gate found that saw the candidates of a whole change set: it holds for exactly that company."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tasks.domain.model import CommitSha, Reference
from tasks.domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class JointRefusal:
    """`beside` are the members in other repositories whose candidates the gate saw, `retry` is the set's wish then."""

    beside: frozenset[tuple[Reference, CommitSha]]
    retry: str | None
    reason: Reason


def retry_of(wishes: Iterable[str | None]) -> str | None:
    """What is gated as one is tried again as one: `retry` on any of them is meant for all."""
    return "+".join(sorted(wish for wish in wishes if wish)) or None


def reasons_that_hold(
    refusals: Iterable[JointRefusal], beside: Mapping[Reference, CommitSha], retry: str | None
) -> tuple[Reason, ...]:
    """Of `refusals`, in the order of the log, those of the last time that it was refused in this very company."""
    there = frozenset(beside.items())
    holding = [each for each in refusals if each.beside == there and retry in {None, each.retry}]
    return tuple(each.reason for each in holding if each.retry == holding[-1].retry)
