"""
Separation of duties: who wrote, approved, signed and merged each change, and where one person did two of these.

The hub merges everything on record here, and writes, approves and signs nothing: what a person merged past it is a
bypass. That a person both approved a pull request and signed its plan is told, and forbidden by nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from tasks.domain.compliance_report.population import HUB, Change, Standing


class Duty(StrEnum):
    AUTHOR = "author"
    APPROVER = "approver"
    SIGNER = "signer"
    MERGER = "merger"


ALLOWED = frozenset({(Duty.APPROVER, Duty.SIGNER)})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two duties on the changes that have somebody for both: `distinct` of them by different people."""

    first: Duty
    second: Duty
    both: int
    shared: tuple[tuple[Change, tuple[str, ...]], ...]

    @property
    def distinct(self) -> int:
        return self.both - len(self.shared)

    @property
    def forbidden(self) -> bool:
        return (self.first, self.second) not in ALLOWED


@dataclass(frozen=True, slots=True)
class Duties:
    """`nobody` counts the changes that have no one for a duty."""

    pairs: tuple[Pair, ...]
    nobody: tuple[tuple[Duty, int], ...]


def duties(changes: Sequence[Change]) -> Duties:
    judged = [(each, people_of(each)) for each in changes if each.standing is not Standing.NOT_JUDGED]
    return Duties(
        tuple(_pair(first, second, judged) for first, second in combinations(Duty, 2)),
        tuple((duty, sum(not people[duty] for _, people in judged)) for duty in Duty),
    )


def people_of(change: Change) -> dict[Duty, frozenset[str]]:
    """In small letters: the code host ignores the case of logins."""
    return {
        Duty.AUTHOR: _folded(change.contributors),
        Duty.APPROVER: _folded(change.approvers),
        Duty.SIGNER: _folded(change.signers),
        Duty.MERGER: frozenset({HUB}),
    }


def _pair(first: Duty, second: Duty, judged: Sequence[tuple[Change, dict[Duty, frozenset[str]]]]) -> Pair:
    both = [(change, people) for change, people in judged if people[first] and people[second]]
    shared = [(change, tuple(sorted(people[first] & people[second]))) for change, people in both]
    return Pair(first, second, len(both), tuple((change, names) for change, names in shared if names))


def _folded(people: Sequence[str]) -> frozenset[str]:
    return frozenset(each.casefold() for each in people)
