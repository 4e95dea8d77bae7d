"""A target branch and all that people do to it, in memory: what a tree holds is the set of changes behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tasks.domain.model import CommitSha, Declared, Login, PullRequest
from tasks.domain.provenance import NO_COMMIT, History, Merge, Move, Origin, Recorded, claims_of
from tasks.domain.reconciliation import Classified, Facts, Rewritten, Terms, classify, rewritings, unrecorded
from tests.domain.builders import NOON, approval, commit, pull_request, sha

TERMS = Terms("main", None, 1, frozenset({Login("release-bot[bot]")}), timedelta(hours=24))
BEFORE_IT, AFTER_IT = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


@dataclass
class Branch:
    """`main` begins at `start`; who does something there is known unless the code host `tells` of no moves."""

    tells: bool = True
    start: CommitSha = field(default_factory=lambda: sha(1))
    moves: list[Move] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    merges: dict[int, tuple[Merge, frozenset[CommitSha]]] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    authors: dict[CommitSha, str | None] = field(default_factory=dict)
    declared: dict[int, Declared] = field(default_factory=dict)
    justified: dict[CommitSha, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parents: dict[CommitSha, tuple[CommitSha, ...]] = {self.start: ()}
        self.trees: dict[CommitSha, frozenset[str]] = {self.start: frozenset()}
        self.tip = self.start

    def commit(self, *onto: CommitSha, by: str | None = "alice", adds: Iterable[str] | None = None) -> CommitSha:
        """With the changes of all it is made `onto`, the tip unless it is said, and one of its own unless it `adds`."""
        made, parents = sha(len(self.parents) + 1), onto or (self.tip,)
        own = {made} if adds is None else set(adds)
        self.parents[made] = parents
        self.trees[made] = frozenset(own).union(*(self.trees[parent] for parent in parents))
        self.authors[made] = by
        return made

    def line(self, length: int, *onto: CommitSha, by: str | None = "alice") -> CommitSha:
        """The last of so many commits, one on the other."""
        at = self.commit(*onto, by=by)
        for _ in range(length - 1):
            at = self.commit(at, by=by)
        return at

    def moves_to(self, commit: CommitSha, by: str | None = "erin", *, forced: bool = False) -> CommitSha:
        if self.tells:
            actor = None if by is None else Login(by)
            self.moves.append(Move(len(self.moves) + 1, self.tip, commit, actor, forced))
        self.tip = self.tip if commit == NO_COMMIT else commit
        return commit

    def behind(self, commit: CommitSha) -> set[CommitSha]:
        found, ahead = set[CommitSha](), [commit]
        while ahead:
            if (one := ahead.pop()) not in found:
                found.add(one)
                ahead.extend(self.parents.get(one, ()))
        return found

    def lands(self, head: CommitSha, *, urgent: bool = False, named: str = "landed by the hub with #9") -> CommitSha:
        """By the hub, with a merge commit, on record."""
        before, landed = self.tip, self.commit(self.tip, head, by=None, adds=())
        self.recorded.append(Recorded(before, landed, named, urgent))
        return self.moves_to(landed, "merge-hub[bot]")

    def proposed(
        self,
        head: CommitSha,
        *approvers: str,
        number: int = 1,
        author: str = "alice",
        wrote: Sequence[str | None] = (),
        approved_at: CommitSha | None = None,
        late: bool = False,
    ) -> int:
        """A pull request with that head, one commit a writer unless more are between it and the branch."""
        new = sorted(self.behind(head) - self.behind(self.tip))
        writers = [*wrote, *([wrote[-1] if wrote else author] * (len(new) - len(wrote)))]
        commits = tuple(replace(commit(writer), sha=one) for one, writer in zip(new, writers[: len(new)], strict=True))
        when, at = AFTER_IT if late else BEFORE_IT, approved_at or head
        votes = tuple(approval(name, commit=at, submitted_at=when) for name in approvers)
        opened = NOON - timedelta(days=1)
        self.pulls[number] = pull_request(
            number, author=author, head=head, commits=commits, reviews=votes, created_at=opened
        )
        return number

    def merged(
        self,
        number: int,
        landed: CommitSha | None,
        by: str | None = "erin",
        *,
        bot: bool = False,
        hub: bool = False,
        target: str = "main",
    ) -> None:
        """The code host calls it merged, as `landed`; it takes the commits between for those of the pull request."""
        head = self.pulls[number].head
        merge = Merge(number, target, head, landed, None if by is None else Login(by), bot, hub, NOON)
        own = {each.sha for each in self.pulls[number].commits}
        self.merges[number] = (merge, frozenset(own | ({landed} if landed else set())))

    def found(self, terms: Terms = TERMS) -> dict[CommitSha, Classified]:
        return {each.commit: each for each in classify(self.facts(), terms)}

    def standings(self, terms: Terms = TERMS) -> dict[CommitSha, str]:
        return {commit: str(each.kind or each.standing) for commit, each in self.found(terms).items()}

    def rewritten(self) -> list[Rewritten]:
        return list(rewritings(self.facts(), descends=self.start in self.behind(self.tip)))

    def history(self) -> History:
        new = sorted(self.behind(self.tip) - self.behind(self.start))
        return History(self.start, self.tip, {commit: self.parents[commit] for commit in new})

    def facts(self) -> Facts:
        history, moves = self.history(), tuple(self.moves)
        arrivals = history.first_brought(moves)
        origins = {
            commit: Origin(
                (None if (by := self.authors[commit]) is None else Login(by),),
                tuple(merge for merge, own in self.merges.values() if commit in own),
            )
            for commit in unrecorded(history, self.recorded, arrivals, TERMS)
        }
        claims = [
            claim
            for number, (merge, _) in self.merges.items()
            if merge.target == "main"
            for claim in claims_of(merge, self.pulls[number], history, arrivals, origins)
        ]
        return Facts(
            history=history,
            moves=moves,
            recorded=tuple(self.recorded),
            origins=origins,
            pulls=self.pulls,
            proven=frozenset(
                each
                for each in claims
                if each.evident or self.trees[each.after] == self.trees[each.before] | self.trees[each.head]
            ),
            declared=self.declared,
            justified=self.justified,
            rewound=frozenset(
                (each.before, each.after) for each in moves if each.before not in self.behind(each.after)
            ),
        )
