"""
How commits came onto a target branch, as git, the code host and the audit log tell it.

Nothing here is what a commit says of itself: its author can write there whatever they like. Who moved the branch and
who merged is what the code host resolved; what was merged is compared as trees.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile
from typing import TypeVar

from tasks.domain.model import CommitSha, Login, PullRequest

NO_COMMIT = CommitSha("0" * 40)
"""What git writes for the side of a move on which there is no branch."""


@dataclass(frozen=True, slots=True)
class Move:
    """
    The branch went from `before` to `after`, of which one is `NO_COMMIT` where it was made or deleted.

    `identifier` grows with time; `actor` is None where the code host does not tell; `forced` is what it says itself.
    """

    identifier: int
    before: CommitSha
    after: CommitSha
    actor: Login | None
    forced: bool


@dataclass(frozen=True, slots=True)
class Merge:
    """A pull request that the code host calls merged: `commit` is what it takes for the landing, if it has one."""

    number: int
    target: str
    head: CommitSha
    commit: CommitSha | None
    by: Login | None
    by_bot: bool
    by_hub: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Who the code host says wrote a commit (None: somebody unknown), and the merged pull requests that it is in."""

    authors: tuple[Login | None, ...]
    merges: tuple[Merge, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A landing or a rollback of the hub's own, announced in the log as moving the branch from `before` to `after`."""

    before: CommitSha
    after: CommitSha
    named: str
    emergency: bool = False


Step = TypeVar("Step", Move, Recorded)


@dataclass(frozen=True, slots=True)
class Claim:
    """
    That landing `head`, of pull request `number`, on `before` brought `commits` and led to `after`.

    It holds where `after` carries the tree that merging the two makes; where the head itself landed there is nothing
    to compare.
    """

    number: int
    before: CommitSha
    head: CommitSha
    after: CommitSha
    commits: frozenset[CommitSha]

    @property
    def evident(self) -> bool:
        return self.after == self.head


@dataclass(frozen=True, slots=True)
class History:
    """The parents of every commit that `tip` has and `start` has not, parents before children."""

    start: CommitSha
    tip: CommitSha
    parents: Mapping[CommitSha, tuple[CommitSha, ...]]

    def reached_from(self, commit: CommitSha, beyond: Container[CommitSha] = frozenset()) -> frozenset[CommitSha]:
        """
        Whatever lies behind `start`, or is in `beyond` or behind that, is not looked at.

        Of a commit that is not here nothing is reached.
        """
        found: set[CommitSha] = set()
        ahead = [commit]
        while ahead:
            one = ahead.pop()
            if one in self.parents and one not in found and one not in beyond:
                found.add(one)
                ahead.extend(self.parents[one])
        return frozenset(found)

    def between(self, before: CommitSha, after: CommitSha) -> frozenset[CommitSha]:
        return self.reached_from(after) - self.reached_from(before)

    def first_brought(self, steps: Iterable[Step]) -> dict[CommitSha, Step]:
        """By which of `steps` each commit came first; what was there before a step, and by none of them, is absent."""
        seen: dict[CommitSha, Step | None] = {}
        for step in steps:
            seen |= dict.fromkeys(self.reached_from(step.before, beyond=seen))
            seen |= dict.fromkeys(self.reached_from(step.after, beyond=seen), step)
        return {commit: step for commit, step in seen.items() if step is not None}

    def in_order(self, steps: Iterable[Step]) -> list[Step]:
        """Those that ended here, in the order of the branch."""
        places = {commit: at for at, commit in enumerate(self.parents)}
        return sorted((step for step in steps if step.after in places), key=lambda step: places[step.after])


def moves_since(newest_first: Iterable[Move], last: int, tip: CommitSha) -> tuple[Move, ...]:
    """Those behind the move `last` and up to `tip`, oldest first: what came after it is for the next time."""
    return _until(tip, takewhile(lambda move: move.identifier > last, newest_first))


def first_moves(newest_first: Iterable[Move], start: CommitSha, tip: CommitSha) -> tuple[Move, ...]:
    """As `moves_since`, where nothing was looked at before: from the one that left `start`; none where none is told."""
    found: list[Move] = []
    for move in newest_first:
        if move.after == start:
            return _until(tip, found)
        found.append(move)
        if move.before == start:
            return _until(tip, found)
    return ()


def _until(tip: CommitSha, newest_first: Iterable[Move]) -> tuple[Move, ...]:
    """All of them where none is told that led there."""
    found = list(newest_first)
    at_tip = next((at for at, move in enumerate(found) if move.after == tip), 0)
    return tuple(reversed(found[at_tip:]))


def break_in_chain(moves: Iterable[Move], start: CommitSha, tip: CommitSha) -> str | None:
    """
    Where the moves do not lead from `start` to `tip` without a gap, a clause; None where they do.

    Moves before the branch was at `start` may be among them: the code host tells some late.
    """
    told = tuple(moves)
    for earlier, later in pairwise(told):
        if earlier.after != later.before:
            return f"a move ended at {earlier.after[:7]} and the next one began at {later.before[:7]}"
    if not told:
        return None if start == tip else f"no move from {start[:7]} to {tip[:7]} is known"
    if start not in {told[0].before, *(move.after for move in told)}:
        return f"no known move begins at {start[:7]}, where the branch was"
    return None if told[-1].after == tip else f"the last known move ended at {told[-1].after[:7]}, not at {tip[:7]}"


def recorded_moves(recorded: Iterable[Recorded], history: History) -> tuple[Move, ...]:
    """What the log knows of, in the place of what the code host keeps to itself; in the order of the branch."""
    ordered = {each.after: each for each in history.in_order(recorded)}
    return tuple(Move(at, each.before, each.after, None, forced=False) for at, each in enumerate(ordered.values()))


def claims_of(
    merge: Merge,
    pull: PullRequest,
    history: History,
    arrivals: Mapping[CommitSha, Move],
    origins: Mapping[CommitSha, Origin],
) -> tuple[Claim, ...]:
    """Every way in which it may have come onto the branch; `arrivals` tell by which move each commit did."""
    ways = (*_by_merge_commit(merge, history), *_as_it_is(merge, pull, history, arrivals))
    ways += (
        *_squashed(merge, history),
        *_rebased(merge, pull, history, arrivals),
        *_replayed(merge, pull, history, origins),
    )
    return tuple(dict.fromkeys(ways))


def _by_merge_commit(merge: Merge, history: History) -> Iterator[Claim]:
    for commit, parents in history.parents.items():
        if len(parents) == 2 and parents[1] == merge.head:  # noqa: PLR2004 -- the branch, and what is merged into it
            brought = history.between(parents[0], merge.head) | {commit}
            yield Claim(merge.number, parents[0], merge.head, commit, brought)


def _as_it_is(merge: Merge, pull: PullRequest, history: History, arrivals: Mapping[CommitSha, Move]) -> Iterator[Claim]:
    """The head became part of the branch; what was on the branch before it came is not of it."""
    if merge.head not in history.parents:
        return
    if (move := arrivals.get(merge.head)) is not None:
        own = history.between(move.before, merge.head)
        yield Claim(merge.number, move.before, merge.head, merge.head, own)
        return
    listed = frozenset(each.sha for each in pull.commits) & history.reached_from(merge.head)
    yield Claim(merge.number, history.start, merge.head, merge.head, listed)


def _squashed(merge: Merge, history: History) -> Iterator[Claim]:
    for parent in _only_parent(merge.commit, history):
        if merge.commit is not None and merge.head not in history.parents:
            yield Claim(merge.number, parent, merge.head, merge.commit, frozenset({merge.commit}))


def _rebased(merge: Merge, pull: PullRequest, history: History, arrivals: Mapping[CommitSha, Move]) -> Iterator[Claim]:
    """All that one move brought, where it is one line and no longer than the pull request."""
    if merge.commit is None or merge.head in history.parents:
        return
    move = arrivals.get(merge.commit)
    if move is None or move.after != merge.commit:
        return
    brought = history.between(move.before, move.after)
    in_line = all(len(history.parents[commit]) == 1 for commit in brought)
    if in_line and 1 < len(brought) <= pull.commit_count:
        yield Claim(merge.number, move.before, merge.head, merge.commit, brought)


def _replayed(
    merge: Merge, pull: PullRequest, history: History, origins: Mapping[CommitSha, Origin]
) -> Iterator[Claim]:
    """As rebased, where no move is known: the commits below that the code host takes for the same pull request's."""
    at, brought = merge.commit, set[CommitSha]()
    while at is not None and len(brought) < pull.commit_count and _is_of(merge, origins.get(at)):
        brought.add(at)
        below = next(_only_parent(at, history), None)
        if below is None:
            return
        at = below
    if at is not None and merge.commit is not None and len(brought) > 1 and merge.head not in history.parents:
        yield Claim(merge.number, at, merge.head, merge.commit, frozenset(brought))


def _is_of(merge: Merge, origin: Origin | None) -> bool:
    return origin is not None and any(each.number == merge.number for each in origin.merges)


def _only_parent(commit: CommitSha | None, history: History) -> Iterator[CommitSha]:
    parents = () if commit is None else history.parents.get(commit, ())
    yield from parents if len(parents) == 1 else ()
