"""
Pull requests of any repositories that land together or not at all: what a set is, what keeps it, how it lands.

Members of one repository land by one push. Repositories land one after another, what is depended on first; a cycle
within a set is no obstacle, since all of it lands. Nothing lands before every member, wherever it is, could: what is
not known, such as a repository that cannot be looked at, keeps the set as a member does that may not land.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tasks.domain.change_set_records import SetRecord, Standing
from tasks.domain.dependencies import parse
from tasks.domain.joint_refusals import JointRefusal
from tasks.domain.membership import membership
from tasks.domain.model import CommitSha, Login, PullRequest, Reference, RepositoryName, Snapshot
from tasks.domain.reasons import Reason, ReasonCode, outcome_of

T = TypeVar("T", int, RepositoryName)

MEMBERS_NAMED = 10
_STAGES = frozenset({ReasonCode.STAGE_OBSERVE, ReasonCode.STAGE_GATE})


@dataclass(frozen=True, slots=True)
class Member:
    """
    `needs` are what it says it depends on, in its set or not; `against` is what keeps it by itself.

    `retry` is the last wish that it be gated again, `refusals` are what gates said of it that saw all of its set.
    """

    reference: Reference
    head: CommitSha
    author: Login | None
    needs: tuple[Reference, ...] = ()
    against: tuple[Reason, ...] = ()
    retry: str | None = None
    refusals: tuple[JointRefusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """
    `members` are sorted. `unseen` names each repository that may hold more of them, with a clause on why.

    `against` is what keeps the set as a whole; `records` are the last of that name, by the repository that has them.
    """

    name: str
    members: tuple[Member, ...]
    unseen: Mapping[RepositoryName, str]
    against: tuple[Reason, ...] = ()
    records: Mapping[RepositoryName, SetRecord] = field(default_factory=dict)

    @property
    def repositories(self) -> tuple[RepositoryName, ...]:
        return tuple(dict.fromkeys(member.reference.repository for member in self.members))

    @property
    def free(self) -> bool:
        """Whether nothing that is known keeps any member."""
        return not self.unseen and not self.against and not any(member.against for member in self.members)

    @property
    def begun(self) -> tuple[SetRecord, ...]:
        """What was announced and is not settled, or has landed in part; each once."""
        begun = {Standing.INTENT, Standing.BROKEN}
        found = {each.announcement.digest: each for each in self.records.values() if each.standing in begun}
        return tuple(found[digest] for digest in sorted(found))

    @property
    def announced_in(self) -> tuple[RepositoryName, ...]:
        """Where something of it is that is not settled, be it landed or not."""
        return tuple(part.repository for record in self.begun for part in record.announcement.parts)

    @property
    def spent(self) -> bool:
        """Whether something of that name was taken back: who still bears it would land without that."""
        return any(record.standing is Standing.COMPENSATED for record in self.records.values())

    def unless_spent(self) -> "ChangeSet":
        """Nothing lands under a name of which something was taken back: it would land without that."""
        return self.taken_back() if self.spent else self

    def taken_back(self) -> "ChangeSet":
        """As every later run finds it as well; why it could not land is in the incident."""
        return self._held(f"change set {self.name} landed in part and was taken back")

    def to_be_taken_back(self) -> "ChangeSet":
        return self._held(f"change set {self.name} landed in part, and what did cannot be taken back as a whole")

    def _held(self, message: str) -> "ChangeSet":
        members = tuple(replace(member, against=()) for member in self.members)
        return replace(self, members=members, against=(Reason(ReasonCode.CHANGE_SET_REVERTED, message),))

    def kept_by(self, repositories: Collection[RepositoryName]) -> "ChangeSet":
        """It was begun, and can neither be finished nor taken back without these."""
        named = ", ".join(repositories)
        message = f"change set {self.name} has landed in part, and needs {named} in the run to be finished"
        return replace(self, against=(*self.against, Reason(ReasonCode.CHANGE_SET_WAITING, message)))

    def kept_moving(self) -> "ChangeSet":
        """What gates of several repositories saw of one another was never what is there."""
        message = f"target branches of change set {self.name} were moved by others while it was gated as a whole"
        return replace(self, against=(*self.against, Reason(ReasonCode.BASE_MOVING, message)))

    def not_on_record(self, why: str) -> "ChangeSet":
        message = f"what is done about change set {self.name} cannot be put on record: {why}"
        return replace(self, against=(*self.against, Reason(ReasonCode.AUDIT_TRAIL_MISSING, message)))

    def within(self, repository: RepositoryName) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.reference.repository == repository)

    def with_reasons(self, against: Mapping[Reference, tuple[Reason, ...]]) -> "ChangeSet":
        """`against` replaces what was held against each member that it names."""
        members = (replace(each, against=against.get(each.reference, each.against)) for each in self.members)
        return replace(self, members=tuple(members))


def declared_sets(
    snapshot: Snapshot,
    against: Mapping[int, tuple[Reason, ...]],
    landed: Collection[int],
    most: int,
    records: Mapping[str, SetRecord],
) -> tuple[ChangeSet, ...]:
    """
    What the open pull requests of one repository say they belong to; who has landed belongs to nothing any more.

    `against` is what keeps each by itself, `most` how many can land together. What is on record as begun is there as
    well, even if nobody bears its name any more.
    """
    names = {pull.number: membership(pull.body) for pull in snapshot.pull_requests if pull.number not in landed}
    begun = [key for key, record in records.items() if record.standing in {Standing.INTENT, Standing.BROKEN}]
    keys = dict.fromkeys([*(key for each in names.values() if (key := each.key) is not None), *begun])
    sets = []
    for key in keys:
        pulls = [pull for pull in snapshot.pull_requests if pull.number in names and names[pull.number].key == key]
        size = _too_large(snapshot.repository, len(pulls), most)
        members = tuple(_member(pull, snapshot, (*against.get(pull.number, ()), *size)) for pull in pulls)
        name = (names[pulls[0].number].name if pulls else None) or key
        known = {snapshot.repository: records[key]} if key in records else {}
        sets.append(ChangeSet(name, members, {}, (), known))
    return tuple(sets)


def with_refusals(sets: Iterable[ChangeSet], refusals: Mapping[int, tuple[JointRefusal, ...]]) -> tuple[ChangeSet, ...]:
    """The sets of one repository with what gates that see a whole set said of each member there."""
    return tuple(replace(each, members=tuple(_refused(member, refusals) for member in each.members)) for each in sets)


def _refused(member: Member, refusals: Mapping[int, tuple[JointRefusal, ...]]) -> Member:
    return replace(member, refusals=refusals.get(member.reference.number, ()))


def company_of(pull_request: PullRequest, snapshot: Snapshot) -> frozenset[tuple[int, CommitSha]]:
    """The others of its change set in its repository, with their heads."""
    key = membership(pull_request.body).key
    return frozenset(
        (other.number, other.head)
        for other in snapshot.pull_requests
        if key is not None and other.number != pull_request.number and membership(other.body).key == key
    )


def with_retries_of_its_set(pull_request: PullRequest, snapshot: Snapshot) -> PullRequest:
    """What is gated as one is tried again as one: `retry` on any member here is meant for all of them here."""
    together = {pull_request.number, *(number for number, _ in company_of(pull_request, snapshot))}
    asked = (pull.retry_requested for pull in snapshot.pull_requests if pull.number in together)
    return replace(pull_request, retry_requested="+".join(sorted(one for one in asked if one)) or None)


def reasons_of_members(
    here: Collection[ChangeSet], told: Collection[ChangeSet] | None
) -> Mapping[int, tuple[Reason, ...]]:
    """Of every member in one repository; `told` is what became of the sets, None as long as nobody knows."""
    members = {member.reference: member for each in here for member in each.members}
    if told is None:
        return {reference.number: (*member.against, PENDING) for reference, member in members.items()}
    decided = {(each.reference, each.head): each.against for change_set in told for each in change_set.members}
    return {
        reference.number: decided.get((reference, member.head), (*member.against, LEFT_TO_THE_NEXT_RUN))
        for reference, member in members.items()
    }


def landing_order(change_set: ChangeSet) -> tuple[RepositoryName, ...]:
    """Repositories by what their members need of one another, by name where that leaves a choice."""
    repositories = set(change_set.repositories)
    needs = {name: set[RepositoryName]() for name in repositories}
    for member in change_set.members:
        own = member.reference.repository
        needs[own] |= {need.repository for need in member.needs if need.repository != own} & repositories
    return tuple(in_order_of_need(needs))


def in_order_of_need(needs: Mapping[T, Collection[T]]) -> list[T]:
    """Every key once, after all that it needs, but for circles, which are entered at their smallest."""
    reach = {name: _reach(name, needs) for name in needs}
    ordered: list[T] = []
    while left := sorted(needs.keys() - set(ordered)):
        # Whoever waits for what does not wait for it goes behind that; within a circle each waits for each.
        ordered.append(next(name for name in left if all(name in reach[need] for need in reach[name] & set(left))))
    return ordered


def _reach(start: T, needs: Mapping[T, Collection[T]]) -> frozenset[T]:
    """All that `start` needs, directly or through others; has itself if it is in a circle."""
    reached: set[T] = set()
    waiting = [start]
    while waiting:
        new = [need for need in needs[waiting.pop()] if need in needs and need not in reached]
        reached.update(new)
        waiting.extend(new)
    return frozenset(reached)


def reasons_told(change_set: ChangeSet) -> Mapping[Reference, tuple[Reason, ...]]:
    """
    Why each member of a set that did not land did not: what keeps it, what keeps the set, and which others do.

    Of what others are kept by only through the stage of their team, those that are kept by theirs hear nothing.
    """
    hindered = [member for member in change_set.members if member.against]
    unseen = [_unseen(change_set.name, repository, why) for repository, why in sorted(change_set.unseen.items())]
    told = {}
    for member in change_set.members:
        others = [each for each in hindered if each != member and not (_staged(member) and _staged(each))]
        waiting = [_waiting(change_set.name, each) for each in others[:MEMBERS_NAMED]]
        if more := others[MEMBERS_NAMED:]:
            waiting.append(_more(change_set.name, len(more)))
        found = (*member.against, *change_set.against, *waiting, *unseen)
        told[member.reference] = tuple(dict.fromkeys(found)) or (LEFT_TO_THE_NEXT_RUN,)
    return told


PENDING = Reason(ReasonCode.CHANGE_SET_WAITING, "its change set is decided on when every repository was looked at")
LEFT_TO_THE_NEXT_RUN = Reason(ReasonCode.CHANGED_MEANWHILE, "its change set did not land; the next run decides")


def _member(pull: PullRequest, snapshot: Snapshot, against: tuple[Reason, ...]) -> Member:
    needs = tuple(each.reference for each in parse(pull.body, snapshot.repository).references)
    reference = Reference(snapshot.repository, pull.number)
    return Member(reference, pull.head, pull.author, needs, against, pull.retry_requested)


def _too_large(repository: RepositoryName, size: int, most: int) -> tuple[Reason, ...]:
    if size <= most:
        return ()
    message = f"{size} pull requests of its change set are in {repository}, where at most {most} land together"
    return (Reason(ReasonCode.CHANGE_SET_TOO_LARGE, message),)


def _staged(member: Member) -> bool:
    return bool(member.against) and {reason.code for reason in member.against} <= _STAGES


def _waiting(name: str, other: Member) -> Reason:
    author = other.author or "a deleted account"
    why = "; ".join(reason.message for reason in other.against)
    outcome = outcome_of(other.against).value
    actor = next((reason.actor for reason in other.against if reason.actor is not None), None)
    message = f"change set {name} waits for {other.reference} by {author}, which is {outcome}: {why}"
    return Reason(ReasonCode.CHANGE_SET_WAITING, message, actor)


def _more(name: str, count: int) -> Reason:
    return Reason(ReasonCode.CHANGE_SET_WAITING, f"change set {name} waits for {count} more of its members")


def _unseen(name: str, repository: RepositoryName, why: str) -> Reason:
    return Reason(ReasonCode.CHANGE_SET_WAITING, f"change set {name} may have members in {repository}, {why}")
