"""Pull requests merged one onto the other, in memory; what each conflict is with; and what is said of what landed."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from config.schema import Landing, MergeMethod
from tasks.code_store import Mirror
from tasks.crash_points import CrashPoint, reached
from tasks.domain.gates import Candidate
from tasks.domain.land import Landed
from tasks.domain.merging import Change, Conflict, MergeResult
from tasks.domain.model import CommitSha, PullRequest, Snapshot
from tasks.domain.plan import ConflictFound
from tasks.domain.rules import Rules
from tasks.ports import Services


def merge_members(
    mirror: Mirror, base: CommitSha, members: Iterable[PullRequest], rules: Rules
) -> Candidate | Conflict:
    """The commit that merging `members` in order onto `base` makes, or the first conflict."""
    tip, tree, numbers, commits = base, mirror.tree(base), list[int](), list[int]()
    for pull in members:
        result = mirror.merge(tip, change_of(pull), rules.method)
        if isinstance(result, Conflict):
            return result
        tip, tree = result.commit, result.tree
        numbers.append(pull.number)
        commits.append(result.commits)
    return Candidate(tuple(numbers), base, tip, tree, tuple(commits))


def change_of(pull: PullRequest) -> Change:
    return Change(pull.number, pull.head, pull.head_branch, pull.title, pull.author)


def has_to_be_told(rules: Rules) -> bool:
    """The code host sees by itself what was merged; what was squashed or rebased by us it has to be told."""
    return rules.landing is not Landing.API and rules.method is not MergeMethod.MERGE


def close_landed(rules: Rules, snapshot: Snapshot, landed: Iterable[Landed], services: Services) -> None:
    """Whatever the method, the code host sees nothing of who was aimed at another branch while landing on this one."""
    elsewhere = {pull.number for pull in snapshot.pull_requests if pull.target != rules.target}
    for each in landed:
        if not has_to_be_told(rules) and each.number not in elsewhere:
            continue
        comment = f"Landed on `{rules.target}` as {each.commit}."
        services.code_host.close(snapshot.repository, snapshot.repository_id, each.number, comment)
        reached(CrashPoint.AFTER_CLOSED)


class Chain:
    """Pull requests merged one onto the other; what conflicts is left out, and so is what depends on it."""

    def __init__(
        self,
        mirror: Mirror,
        rules: Rules,
        base: CommitSha,
        dependencies: Mapping[int, frozenset[int]],
        *,
        landed: frozenset[int] = frozenset(),
    ) -> None:
        self._mirror = mirror
        self._rules = rules
        self._base = base
        self._dependencies = dependencies
        self._merged: list[PullRequest] = []
        self._there = set(landed)
        self._commits: tuple[int, ...] = ()
        self._tip = base
        self.candidates: list[Candidate] = []
        self.conflicts: dict[int, ConflictFound] = {}

    def extend(self, order: Iterable[PullRequest], limit: int | None = None) -> None:
        for pull in order:
            if len(self._merged) != limit and self._dependencies.get(pull.number, frozenset()) <= self._there:
                self._add(pull)

    def _add(self, pull: PullRequest) -> None:
        result = self._merge(self._tip, pull)
        if isinstance(result, Conflict):
            self.conflicts[pull.number] = self._explain(pull, result)
            return
        reached(CrashPoint.AFTER_CANDIDATE_COMMIT)
        self._merged.append(pull)
        self._there.add(pull.number)
        self._tip = result.commit
        self._commits = (*self._commits, result.commits)
        numbers = tuple(merged.number for merged in self._merged)
        self.candidates.append(Candidate(numbers, self._base, result.commit, result.tree, self._commits))

    def _explain(self, pull: PullRequest, with_all: Conflict) -> ConflictFound:
        """
        Names what it conflicts with: the target branch, else the one ahead with which the conflict begins.

        That one is found by halving: it merges onto what is before that one, and no more onto what has it.
        """
        needed, *line = self._line_behind(self._needed_by(pull.number))
        with_needed = self._merge(needed.commit, pull)
        if isinstance(with_needed, Conflict):
            return ConflictFound(pull.number, None, with_needed.paths)
        clean, found = 0, (len(line), with_all)
        while found[0] - clean > 1:
            middle = (clean + found[0]) // 2
            tried = self._merge(line[middle - 1].commit, pull)
            clean, found = (clean, (middle, tried)) if isinstance(tried, Conflict) else (middle, found)
        return ConflictFound(pull.number, line[found[0] - 1].number, found[1].paths)

    def _line_behind(self, needed: Collection[int]) -> list["_Place"]:
        """What has all of `needed` and no other, and behind it one place more for each of the others ahead."""
        if {merged.number for merged in self._merged[: len(needed)]} == set(needed):
            places = [_Place(0, self._base), *(_Place(each.members[-1], each.commit) for each in self.candidates)]
            return places[len(needed) :]
        first = [merged for merged in self._merged if merged.number in needed]
        line: list[_Place] = [_Place(0, self._base)]
        for ahead in (*first, *(merged for merged in self._merged if merged.number not in needed)):
            result = self._merge(line[-1].commit, ahead)
            # What merges in its own place only cannot be told apart from the others.
            line.append(_Place(ahead.number, line[-1].commit if isinstance(result, Conflict) else result.commit))
        return line[len(first) :]

    def _merge(self, onto: CommitSha, pull: PullRequest) -> MergeResult:
        return self._mirror.merge(onto, change_of(pull), self._rules.method)

    def _needed_by(self, number: int) -> frozenset[int]:
        """Of those that are merged ahead of it."""
        needed: set[int] = set()
        ahead, waiting = {merged.number for merged in self._merged}, [number]
        while waiting:
            direct = self._dependencies.get(waiting.pop(), frozenset()) & ahead - needed
            needed |= direct
            waiting += direct
        return frozenset(needed)


@dataclass(frozen=True, slots=True)
class _Place:
    """In a line of pull requests that were merged onto each other: the last of them, and the commit up to it."""

    number: int
    commit: CommitSha
