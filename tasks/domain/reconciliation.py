"""
Who answers for each commit on a target branch: the hub, a compliant person, a robot, an emergency, or nobody.

The question is asked of every commit that the branch has and had not, by reachability: a walk along first parents
loses what somebody hid behind a merge that turns the line. A person complied where somebody who neither wrote a part
of it nor pushed it had approved the very head that landed, and where what landed is nothing else. A branch that was
rewritten is a bypass whatever it holds now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from tasks.domain.approvals import count_approvals, short
from tasks.domain.model import CommitSha, Declared, Login, PullRequest
from tasks.domain.provenance import NO_COMMIT, Claim, History, Merge, Move, Origin, Recorded
from tasks.domain.rules import Rules


class Standing(StrEnum):
    """Values are written into records and never change."""

    HUB = "hub"
    COMPLIANT_HUMAN = "compliant-human"
    ROBOT = "robot"
    EMERGENCY = "emergency"
    UNACCOUNTED = "unaccounted"


class BypassKind(StrEnum):
    """Values are written into records and never change."""

    DIRECT_PUSH = "direct-push"
    UNAPPROVED_MERGE = "unapproved-merge"
    ALTERED_MERGE = "altered-merge"
    UNRECORDED_LANDING = "unrecorded-landing"
    UNLISTED_ROBOT = "unlisted-robot"
    FORCE_PUSH = "force-push"
    DELETION = "deletion"
    RECREATION = "re-creation"


@dataclass(frozen=True, slots=True)
class Terms:
    """What this repository demands: `required` approvals, of `approvers` (None: of anybody who may write)."""

    branch: str
    approvers: frozenset[Login] | None
    required: int
    robots: frozenset[Login]
    declaration_lasts: timedelta | None

    @classmethod
    def of(cls, rules: Rules) -> "Terms":
        """One approval at least: what was seen by its author alone is seen by nobody else, whatever a team asks for."""
        lasts = None if rules.emergency is None else rules.emergency.declaration_lasts
        required = max(1, rules.filters.required_approvals)
        return cls(rules.target, rules.approvers, required, rules.robots, lasts)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that is known of what happened to the branch.

    `origins` tell of commits that no record accounts for, `pulls` are the merged pull requests these are in, `proven`
    those claims whose trees agree, `declared` the emergencies by pull request, `justified` by commit what somebody said
    of it before, and `rewound` the moves, by both ends, whose `before` is no ancestor of their `after`.
    """

    history: History
    moves: tuple[Move, ...] = ()
    recorded: tuple[Recorded, ...] = ()
    origins: Mapping[CommitSha, Origin] = field(default_factory=dict)
    pulls: Mapping[int, PullRequest] = field(default_factory=dict)
    proven: frozenset[Claim] = frozenset()
    declared: Mapping[int, Declared] = field(default_factory=dict)
    justified: Mapping[CommitSha, str] = field(default_factory=dict)
    rewound: frozenset[tuple[CommitSha, CommitSha]] = frozenset()


@dataclass(frozen=True, slots=True)
class Classified:
    """`because` is a clause; `kind` says what is wrong where nobody answers for the commit."""

    commit: CommitSha
    standing: Standing
    because: str
    kind: BypassKind | None = None
    move: Move | None = None
    authors: tuple[Login | None, ...] = ()
    merged_by: Login | None = None

    @property
    def actor(self) -> Login | None:
        """Who brought it, None where the code host does not tell."""
        return self.merged_by if self.move is None or self.move.actor is None else self.move.actor


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The branch left `before` behind, or was gone; `seen` is the move that tells, None: git alone does."""

    before: CommitSha
    after: CommitSha
    kind: BypassKind
    seen: Move | None

    @property
    def actor(self) -> Login | None:
        return None if self.seen is None else self.seen.actor

    @property
    def told(self) -> str:
        match self.kind:
            case BypassKind.DELETION:
                return f"the branch was deleted at {self.before[:7]}"
            case BypassKind.RECREATION:
                return f"the branch was made anew at {self.after[:7]}"
            case _:
                return f"the branch was rewritten from {self.before[:7]} to {self.after[:7]}, which does not contain it"


@dataclass(frozen=True, slots=True)
class _Judged:
    standing: Standing
    because: str
    kind: BypassKind | None = None
    by: Login | None = None


def unrecorded(
    history: History, recorded: Iterable[Recorded], arrivals: Mapping[CommitSha, Move], terms: Terms
) -> set[CommitSha]:
    """What neither the log nor the list of robots answers for: the code host has to be asked about it."""
    own = history.first_brought(history.in_order(recorded))
    robots = {commit for commit, move in arrivals.items() if move.actor in terms.robots}
    return set(history.parents).difference(own, robots)


def classify(facts: Facts, terms: Terms) -> tuple[Classified, ...]:
    """Every commit of the history, once, in its order."""
    history, known, refused = facts.history, dict[CommitSha, _Judged](), dict[CommitSha, _Judged]()
    for commit, landing in history.first_brought(history.in_order(facts.recorded)).items():
        known[commit] = _Judged(Standing.EMERGENCY if landing.emergency else Standing.HUB, landing.named)
    arrivals = history.first_brought(facts.moves)
    for commit, move in arrivals.items():
        if move.actor in terms.robots:
            known.setdefault(commit, _Judged(Standing.ROBOT, f"moved by {move.actor}, a listed robot"))
    here = (merge for merge in merges_in(facts.origins) if merge.target == terms.branch)
    judged = {merge.number: _judge(merge, facts, terms) for merge in here}
    for claim in sorted(facts.proven, key=lambda each: (each.number, each.after, each.before)):
        found = judged[claim.number]
        for commit in claim.commits:
            (refused if found.standing is Standing.UNACCOUNTED else known).setdefault(commit, found)
    for commit, reason in facts.justified.items():
        known.setdefault(commit, _Judged(Standing.EMERGENCY, f"justified before: {reason}"))
    return tuple(
        _classified(
            commit,
            known.get(commit) or refused.get(commit) or _unknown(commit, facts, terms),
            facts,
            arrivals.get(commit),
        )
        for commit in history.parents
    )


def merges_in(origins: Mapping[CommitSha, Origin]) -> tuple[Merge, ...]:
    """Each once, by number."""
    found = {merge.number: merge for origin in origins.values() for merge in origin.merges}
    return tuple(found[number] for number in sorted(found))


def rewritings(facts: Facts, *, descends: bool) -> tuple[Rewritten, ...]:
    """`descends`: whether the tip contains the start; where it does not and no move says why, git alone tells."""
    found = [
        Rewritten(move.before, move.after, kind, move)
        for move in facts.moves
        if (kind := _rewriting(move, facts.rewound)) is not None
    ]
    if not descends and not found:
        found.append(Rewritten(facts.history.start, facts.history.tip, BypassKind.FORCE_PUSH, None))
    return tuple(found)


def _rewriting(move: Move, rewound: frozenset[tuple[CommitSha, CommitSha]]) -> BypassKind | None:
    if move.after == NO_COMMIT:
        return BypassKind.DELETION
    if move.before == NO_COMMIT:
        return BypassKind.RECREATION
    return BypassKind.FORCE_PUSH if move.forced or (move.before, move.after) in rewound else None


def _classified(commit: CommitSha, judged: _Judged, facts: Facts, move: Move | None) -> Classified:
    if judged.standing is not Standing.UNACCOUNTED:
        return Classified(commit, judged.standing, judged.because)
    origin = facts.origins.get(commit)
    authors = () if origin is None else origin.authors
    return Classified(commit, judged.standing, judged.because, judged.kind, move, authors, judged.by)


def _unknown(commit: CommitSha, facts: Facts, terms: Terms) -> _Judged:
    """A commit that no claim which holds has brought."""
    origin = facts.origins.get(commit)
    merges = () if origin is None else origin.merges
    here = [merge for merge in merges if merge.target == terms.branch]
    if here:
        because = f"{_numbered(here)} was merged, and merging its head makes something else than this commit"
        return _Judged(Standing.UNACCOUNTED, because, BypassKind.ALTERED_MERGE, here[0].by)
    elsewhere = f": {_numbered(merges)} has it, merged into {merges[0].target}" if merges else ""
    because = f"no pull request that was merged into {terms.branch} has it{elsewhere}"
    return _Judged(Standing.UNACCOUNTED, because, BypassKind.DIRECT_PUSH)


def _numbered(merges: Iterable[Merge]) -> str:
    return ", ".join(f"#{merge.number}" for merge in merges)


def _judge(merge: Merge, facts: Facts, terms: Terms) -> _Judged:
    """Of a pull request that was merged into the branch behind the hub's back."""
    named, who = f"#{merge.number}", merge.by or "somebody whom the code host does not name"
    if merge.by is not None and merge.by in terms.robots:
        return _Judged(Standing.ROBOT, f"{named} was merged by {merge.by}, a listed robot")
    if merge.by_hub:
        because = f"{named} was merged by the hub's own account, and no landing of it is on record"
        return _Judged(Standing.UNACCOUNTED, because, BypassKind.UNRECORDED_LANDING, merge.by)
    if merge.by_bot:
        because = f"{named} was merged by {who}, a bot that `robots` in global.yml does not list"
        return _Judged(Standing.UNACCOUNTED, because, BypassKind.UNLISTED_ROBOT, merge.by)
    objection = _objection(merge, facts.pulls.get(merge.number), terms)
    if objection is None:
        return _Judged(Standing.COMPLIANT_HUMAN, f"{named} was merged by {who}, approved at its head")
    declared = facts.declared.get(merge.number)
    if declared is not None and _holds(declared, merge, terms):
        return _Judged(Standing.EMERGENCY, f"{named} was declared an emergency by {declared.by}, and merged by {who}")
    because = f"{named} was merged by {who}: {objection}"
    return _Judged(Standing.UNACCOUNTED, because, BypassKind.UNAPPROVED_MERGE, merge.by)


def _objection(merge: Merge, pull: PullRequest | None, terms: Terms) -> str | None:
    """What is said after the merge counts for nothing."""
    if pull is None or pull.head != merge.head:
        return f"what was reviewed of {merge.head[:7]} cannot be found out"
    if len(pull.commits) < pull.commit_count:
        return f"the code host lists {len(pull.commits)} of its {pull.commit_count} commits, and not all who wrote them"
    in_time = tuple(each for each in pull.reviews if each.submitted_at is not None and each.submitted_at <= merge.at)
    votes = count_approvals(replace(pull, reviews=in_time), approvers=terms.approvers, only_of_head=True)
    if votes.vetoes:
        return f"{votes.vetoes[0].reviewer or 'a deleted account'} had asked for changes"
    if len(votes.counted) >= terms.required:
        return None
    discounted = "".join(f"; {reason.message}" for reason in votes.discounted[:3])
    return f"{len(votes.counted)} of {terms.required} independent approvals of {short(merge.head)}{discounted}"


def _holds(declared: Declared, merge: Merge, terms: Terms) -> bool:
    """Two people: who declared it is another one than who merged it, who has to be known."""
    if terms.declaration_lasts is None or merge.by is None or declared.by.casefold() == merge.by:
        return False
    return declared.at <= merge.at < declared.at + terms.declaration_lasts
