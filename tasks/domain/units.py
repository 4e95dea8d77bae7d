"""
What of a change set is in one repository, how it is taken from the whole, and what is beside it.

A unit is gated and lands as one. A gate that is `together` sees the candidates of the other repositories beside it,
as they are at that time: what is to land there, or what has landed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tasks.domain.approvals import short
from tasks.domain.audit import Event, EventType
from tasks.domain.change_set_records import Announcement, Part, whereabouts
from tasks.domain.change_sets import ChangeSet
from tasks.domain.cycles import folded
from tasks.domain.gates import Companion
from tasks.domain.joint_refusals import reasons_that_hold, retry_of
from tasks.domain.membership import membership
from tasks.domain.model import CommitSha, Reference, RelatedState, RepositoryName, Snapshot, TreeSha
from tasks.domain.reasons import Reason, ReasonCode

LANDED = frozenset({EventType.MERGE_COMPLETED, EventType.ROLLBACK_COMPLETED})
"""What `companions_of` has a use for."""


@dataclass(frozen=True, slots=True)
class Unit:
    """
    What of a change set is in one repository, by number and head, and where the rest of it is, by head as well.

    `companions` are the candidates of the rest, where gates are to see them; `retry` is the wish of any member.
    """

    name: str
    heads: Mapping[int, CommitSha]
    elsewhere: Mapping[Reference, CommitSha]
    companions: tuple[Companion, ...] = ()
    retry: str | None = None


def unit_of(change_set: ChangeSet, repository: RepositoryName, companions: tuple[Companion, ...] = ()) -> Unit:
    here = {each.reference.number: each.head for each in change_set.within(repository)}
    return Unit(change_set.name, here, _rest(change_set, repository), companions, _retry(change_set))


def unit_of_part(
    announcement: Announcement, part: Part, change_set: ChangeSet, companions: tuple[Companion, ...] = ()
) -> Unit:
    rest = {
        Reference(other.repository, number): head
        for other in announcement.parts
        if other != part
        for number, head in other.heads
    }
    return Unit(announcement.name, dict(part.heads), rest, companions, _retry(change_set))


def companions_of(announcement: Announcement, part: Part, events: Sequence[Event]) -> tuple[Companion, ...]:
    """The rest of it, as it landed or else as it was announced; `events` are those of all its repositories."""
    landed = whereabouts(announcement, events).landed
    others = (other for other in announcement.parts if other != part)
    return tuple(_landed(other, events) if other in landed else _announced(other) for other in others)


def unless_refused(change_set: ChangeSet) -> ChangeSet:
    """
    With what gates that see the whole set said of exactly these heads, wherever they are, unless a retry is wished.

    Whoever is kept by something else hears of that first: it may change what the gates see.
    """
    found = {}
    for member in change_set.members:
        rest = _rest(change_set, member.reference.repository)
        told = reasons_that_hold(member.refusals, rest, _retry(change_set))
        if told and {reason.code for reason in member.against} <= {ReasonCode.QUARANTINED}:
            found[member.reference] = (*told, *member.against)
    return change_set.with_reasons(found)


def with_unit_landed(snapshot: Snapshot, unit: Unit) -> Snapshot:
    """As it will be once the set has landed: within it nobody waits for anybody."""
    here = (Reference(snapshot.repository, number) for number in unit.heads)
    in_set = {folded(each) for each in unit.elsewhere}
    met = {each: RelatedState.MERGED for each in snapshot.related if folded(each) in in_set}
    return replace(
        snapshot,
        related={**snapshot.related, **met, **dict.fromkeys(here, RelatedState.MERGED)},
        elsewhere={each: needs for each, needs in snapshot.elsewhere.items() if folded(each) not in in_set},
    )


def reasons_against_unit(snapshot: Snapshot, unit: Unit) -> Mapping[int, tuple[Reason, ...]]:
    """Who of it is not any more what was decided on; who is not open at all is told of by being absent."""
    reasons = {}
    for pull in snapshot.pull_requests:
        decided = unit.heads.get(pull.number)
        if decided is not None and pull.head != decided:
            message = f"its head was {short(decided)} when its change set was decided, and is {short(pull.head)}"
            reasons[pull.number] = (Reason(ReasonCode.CHANGED_MEANWHILE, message, pull.author),)
        elif decided is not None and membership(pull.body).key != unit.name.casefold():
            message = f"it left change set {unit.name} when that was decided"
            reasons[pull.number] = (Reason(ReasonCode.CHANGED_MEANWHILE, message, pull.author),)
    return reasons


def _announced(part: Part) -> Companion:
    return Companion(part.repository, part.repository_id, part.commit, part.tree)


def _landed(part: Part, events: Iterable[Event]) -> Companion:
    """As the last of its records tells: they are pushed as one."""
    last = (part.repository_id, *part.heads[-1])
    told = [event.data for event in events if event.type is EventType.MERGE_COMPLETED and _landing(event) == last]
    commit, tree = CommitSha(str(told[-1]["commit"])), TreeSha(str(told[-1]["tree"]))
    return Companion(part.repository, part.repository_id, commit, tree)


def _landing(event: Event) -> tuple[object, ...]:
    about = None if event.repository is None else event.repository.id
    return about, event.subject["pull_request"], event.subject["head"]


def _rest(change_set: ChangeSet, repository: RepositoryName) -> dict[Reference, CommitSha]:
    return {each.reference: each.head for each in change_set.members if each.reference.repository != repository}


def _retry(change_set: ChangeSet) -> str | None:
    return retry_of(member.retry for member in change_set.members)
