"""
What a landing left on the target branch, read from the log, and which commits take it back.

A revert undoes what a landing brought and keeps everything that landed after it; the history stays. How many commits
are a pull request's own was recorded when it was announced, so that taking back one of several that landed together is
a lookup: a merge is taken back against its first parent, a squash is one commit, a rebase is a range.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pydantic import JsonValue

from config.schema import MergeMethod
from tasks.domain.audit import Event, EventType
from tasks.domain.model import CommitSha, TreeSha
from tasks.domain.remembered import parse_intent

TREE_DIFFERS = "landed-tree-differs"
"""The alert that stands for the record of a landing which is not what was gated."""


@dataclass(frozen=True, slots=True)
class Member:
    """One pull request of a landing; `commits` is how many of the branch's own line are its own, None if unknown."""

    number: int
    head: CommitSha
    title: str
    author: str | None
    commits: int | None


@dataclass(frozen=True, slots=True)
class LandingRecord:
    """
    Pull requests that landed together, in landing order: `commit` is the last of theirs on `target`.

    `candidate` is what was announced and names the landing; `base` is what it was made for. `post_landing` names the
    gates that were to be run on it.
    """

    candidate: CommitSha
    target: str
    method: MergeMethod
    base: CommitSha
    commit: CommitSha
    tree: TreeSha
    gated_tree: TreeSha
    members: tuple[Member, ...]
    post_landing: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(member.number for member in self.members)

    @property
    def named(self) -> str:
        return " ".join(f"#{number}" for number in self.numbers)


@dataclass(frozen=True, slots=True)
class RollbackOrder:
    """
    Take `members` of a landing back, all of them or some.

    `incident` identifies why: the same for the same fact. `because` is a clause for people.
    """

    landing: LandingRecord
    members: tuple[int, ...]
    incident: str
    because: str

    @property
    def taken_back(self) -> tuple[Member, ...]:
        return tuple(member for member in self.landing.members if member.number in self.members)

    @property
    def named(self) -> str:
        return " ".join(f"#{member.number}" for member in self.taken_back)


@dataclass(frozen=True, slots=True)
class Made:
    """`commit` is to be pushed onto `base`, to take `reverted` back, the newest first."""

    base: CommitSha
    commit: CommitSha
    tree: TreeSha
    reverted: tuple[CommitSha, ...]


@dataclass(frozen=True, slots=True)
class RolledBack:
    """
    The target branch is at `commit`, or has been since, which took back `reverted`, the newest first.

    It took back nothing where somebody had done so before.
    """

    order: RollbackOrder
    commit: CommitSha
    reverted: tuple[CommitSha, ...]


@dataclass(frozen=True, slots=True)
class NotRolledBack:
    """
    Nothing was taken back: `message` says why, `remedy` what a person does about it, with which `commands`.

    `decided` says that it comes to the same for as long as the target branch stays at `tip`.
    """

    order: RollbackOrder
    tip: CommitSha
    message: str
    remedy: str
    decided: bool
    commands: tuple[str, ...] = ()


RollbackOutcome = RolledBack | NotRolledBack


def landings_in(events: Iterable[Event]) -> tuple[LandingRecord, ...]:
    """Everything that landed in one repository, in the order of its log; `events` are that log."""
    intents: dict[str, Event] = {}
    landed: dict[tuple[object, object], tuple[Event, list[Event]]] = {}
    for event in events:
        match event.type:
            case EventType.MERGE_INTENT:
                intents[event.id] = event
            case EventType.MERGE_COMPLETED:
                key = event.subject["candidate"], event.data["commit"]
                landed.setdefault(key, (event, []))[1].append(intents[str(event.data["intent"])])
            case EventType.ALERT_RAISED if event.data.get("alert") == TREE_DIFFERS and "intent" in event.data:
                intent = intents[str(event.data["intent"])]
                key = intent.subject["candidate"], event.subject["commit"]
                landed.setdefault(key, (event, []))[1].append(intent)
            case _:
                pass
    return tuple(_record(outcome, announced) for outcome, announced in landed.values())


def landing_of(number: int, events: Iterable[Event]) -> LandingRecord | None:
    """The last landing that brought the pull request; None where none did."""
    found = [landing for landing in landings_in(events) if number in landing.numbers]
    return found[-1] if found else None


def commits_to_revert(order: RollbackOrder, line: Sequence[CommitSha]) -> tuple[CommitSha, ...]:
    """
    The commits to take back, the newest first. None: they cannot be told from others'.

    `line` is the branch's own line behind the landing's base, up to and with its last commit, oldest first. What
    others put there between, where the code host merged onto a base that had moved, is not touched.
    """
    members, line = order.landing.members, tuple(line)
    counts = [member.commits for member in members]
    known = [count for count in counts if count is not None]
    if len(known) < len(counts):
        whole = order.taken_back == members and order.landing.tree == order.landing.gated_tree
        return line[::-1] if whole else ()
    ends = [len(line) - sum(known) + end for end in accumulate(known)]
    own = [
        line[max(0, end - count) : max(0, end)]
        for member, count, end in zip(members, known, ends, strict=True)
        if member.number in order.members
    ]
    return tuple(commit for commits in reversed(own) for commit in reversed(commits))


def _record(outcome: Event, announced: Sequence[Event]) -> LandingRecord:
    first, data, differs = parse_intent(announced[0]), outcome.data, outcome.type is EventType.ALERT_RAISED
    details = announced[0].data
    counts = dict(zip(_values(details["pull_requests"]), _values(details.get("commits")), strict=False))
    return LandingRecord(
        candidate=first.candidate,
        target=str(details["target"]),
        method=first.method,
        base=first.base,
        commit=CommitSha(str(outcome.subject["commit"] if differs else data["commit"])),
        tree=TreeSha(str(data["landed_tree"] if differs else data["tree"])),
        gated_tree=first.tree,
        members=tuple(_member(intent, counts.get(intent.subject["pull_request"])) for intent in announced),
        post_landing=tuple(str(name) for name in _values(details.get("post_landing"))),
    )


def _member(intent: Event, commits: JsonValue) -> Member:
    parsed, author = parse_intent(intent), intent.data.get("author")
    return Member(
        number=parsed.number,
        head=parsed.head,
        title=str(intent.data.get("title") or ""),
        author=None if author is None else str(author),
        commits=commits if isinstance(commits, int) else None,
    )


def _values(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
