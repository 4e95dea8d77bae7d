"""Pull requests merged one onto the other, in memory; what each conflict is with; and what is said of what landed."""

from collections.abc import Iterable, Mapping

from config.schema import Landing, MergeMethod
from tasks.crash_points import CrashPoint, reached
from tasks.domain.gates import Candidate
from tasks.domain.land import Landed
from tasks.domain.merging import Change, Conflict
from tasks.domain.model import CommitSha, PullRequest, Snapshot
from tasks.domain.plan import ConflictFound
from tasks.domain.rules import Rules
from tasks.ports import Mirror, Services


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


def close_landed(rules: Rules, snapshot: Snapshot, landed: Iterable[Landed], services: Services) -> None:
    """The code host sees by itself what was merged; what was squashed or rebased by us it has to be told."""
    if rules.landing is Landing.API or rules.method is MergeMethod.MERGE:
        return
    for each in landed:
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
        self._landed = landed
        self._merged: list[PullRequest] = []
        self._commits: tuple[int, ...] = ()
        self._tip = base
        self.candidates: list[Candidate] = []
        self.conflicts: dict[int, ConflictFound] = {}

    def extend(self, order: Iterable[PullRequest], limit: int | None = None) -> None:
        for pull in order:
            there = self._landed | {merged.number for merged in self._merged}
            if len(self._merged) != limit and self._dependencies.get(pull.number, frozenset()) <= there:
                self._add(pull)

    def _add(self, pull: PullRequest) -> None:
        result = self._mirror.merge(self._tip, change_of(pull), self._rules.method)
        if isinstance(result, Conflict):
            self.conflicts[pull.number] = self._explain(pull)
            return
        reached(CrashPoint.AFTER_CANDIDATE_COMMIT)
        self._merged.append(pull)
        self._tip = result.commit
        self._commits = (*self._commits, result.commits)
        numbers = tuple(merged.number for merged in self._merged)
        self.candidates.append(Candidate(numbers, self._base, result.commit, result.tree, self._commits))

    def _explain(self, pull: PullRequest) -> ConflictFound:
        """Names what it conflicts with: the target branch, else the first one ahead, else the last of them."""
        needed = self._needed_by(pull.number)
        before = [merged for merged in self._merged if merged.number in needed]
        alone = merge_members(self._mirror, self._base, [*before, pull], self._rules)
        if isinstance(alone, Conflict):
            return ConflictFound(pull.number, None, alone.paths)
        others = [merged for merged in self._merged if merged.number not in needed]
        for ahead in others:
            needed_too = needed | self._needed_by(ahead.number)
            company = [merged for merged in self._merged if merged.number in needed_too or merged == ahead]
            both = merge_members(self._mirror, self._base, [*company, pull], self._rules)
            if isinstance(both, Conflict):
                return ConflictFound(pull.number, ahead.number, both.paths)
        together = merge_members(self._mirror, self._base, [*self._merged, pull], self._rules)
        return ConflictFound(pull.number, others[-1].number, together.paths if isinstance(together, Conflict) else ())

    def _needed_by(self, number: int) -> frozenset[int]:
        direct = self._dependencies.get(number, frozenset())
        return direct.union(*(self._needed_by(each) for each in direct))
