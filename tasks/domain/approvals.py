"""
Whose approval counts.

One person has one vote: the last submitted of their reviews that says something (comments do not). It counts for
exactly the head that it was given to, or, where approvals survive a rebase, for one that brings the very same, and
for exactly the target: with another one the same head brings other changes. It never counts from the author, another
contributor, who pushed the head, a bot, the hub, or somebody without write access, and only from listed approvers
where access control lists any. Who was asked to review again, alone or as one of a team, counts again when they did.
A request for changes vetoes until it is withdrawn, but not from somebody without write access: any stranger could
hold up a public repository.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import assert_never

from config.schema import Exclusion, Survival
from tasks.domain.model import CommitSha, Login, PullRequest, Review, ReviewState
from tasks.domain.reasons import Reason, ReasonCode

OPINIONS = (ReviewState.APPROVED, ReviewState.DISMISSED, ReviewState.CHANGES_REQUESTED)
"""From the boldest to the most cautious."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """`discounted` gives for each approval that does not count the reason why; `vetoes` are requests for changes."""

    counted: tuple[Review, ...]
    discounted: tuple[Reason, ...]
    vetoes: tuple[Review, ...]

    @property
    def approvers(self) -> frozenset[Login]:
        return frozenset(review.reviewer for review in self.counted if review.reviewer is not None)


def count_approvals(
    pull_request: PullRequest,
    *,
    approvers: frozenset[Login] | None,
    exclude: Exclusion = Exclusion.CONTRIBUTORS,
    only_of_head: bool = False,
) -> Approvals:
    """With `only_of_head` nothing is the same as the head, whatever git says."""
    if only_of_head:
        pull_request = replace(pull_request, same_content=frozenset())
    votes = latest_votes(pull_request.reviews)
    judged = [
        (vote, _why_not(vote, pull_request, approvers, exclude)) for vote in votes if vote.state is ReviewState.APPROVED
    ]
    return Approvals(
        counted=tuple(vote for vote, reason in judged if reason is None),
        discounted=tuple(reason for _, reason in judged if reason is not None),
        vetoes=tuple(vote for vote in votes if vote.state is ReviewState.CHANGES_REQUESTED and vote.may_write),
    )


def reasons_of_unknown_people(pull_request: PullRequest) -> tuple[Reason, ...]:
    """Against what somebody wrote part of, or pushed, whom nobody knows: any approver may be that person."""
    unknown = [f"who wrote part of {short(each.sha)}" for each in pull_request.commits if None in each.contributors]
    if pull_request.author is None:
        unknown.insert(0, "who opened it")
    if pull_request.last_pusher is None and any(one.state is ReviewState.APPROVED for one in pull_request.reviews):
        unknown.append(f"who pushed {short(pull_request.head)}")
    told = f"the code host does not tell {unknown[0]}" if unknown else ""
    more = f", nor {len(unknown) - 1} more" if len(unknown) > 1 else ""
    return (Reason(ReasonCode.COMMITS_UNKNOWN, f"{told}{more}", pull_request.author),) if unknown else ()


def approved_by_themselves(pull_request: PullRequest) -> frozenset[Login]:
    """People whose last opinion approves of what they opened, wrote a part of or pushed; the hub is nobody."""
    wrote = {*pull_request.contributors, pull_request.last_pusher}
    votes = (vote for vote in latest_votes(pull_request.reviews) if vote.state is ReviewState.APPROVED)
    people = (vote.reviewer for vote in votes if not vote.by_bot and not vote.by_hub)
    return frozenset(who for who in people if who is not None and who in wrote)


def heads_to_compare(pull_request: PullRequest, survival: Survival) -> tuple[CommitSha, ...]:
    """The earlier heads that somebody approved last, whose approvals count if the head brings the same."""
    match survival:
        case Survival.NOTHING:
            return ()
        case Survival.REBASE:
            votes = (vote for vote in latest_votes(pull_request.reviews) if vote.state is ReviewState.APPROVED)
            earlier = {vote.commit for vote in votes if vote.commit is not None}
            return tuple(sorted(earlier - {pull_request.head}))
        case _:
            assert_never(survival)


def latest_votes(reviews: Iterable[Review]) -> tuple[Review, ...]:
    """One opinion a person, the last submitted; of those submitted at the same moment the last in `reviews`."""
    opinions: dict[str, list[Review]] = {}
    for review in reviews:
        if review.state in OPINIONS:
            person = review.reviewer or f"deleted account of review {review.identifier}"
            opinions.setdefault(person, []).append(review)
    return tuple(_last(of_one) for of_one in opinions.values())


def short(commit: CommitSha | None) -> str:
    return commit[:7] if commit else "an unknown commit"


def _last(opinions: Sequence[Review]) -> Review:
    """The most cautious where it is not known when one of them was submitted."""
    if any(review.submitted_at is None for review in opinions):
        return max(opinions, key=lambda review: (OPINIONS.index(review.state), review.submitted_at is None))
    return max(reversed(opinions), key=attrgetter("submitted_at"))


def _why_not(
    vote: Review, pull_request: PullRequest, approvers: frozenset[Login] | None, exclude: Exclusion
) -> Reason | None:
    """The gravest that stands against it."""
    who = vote.reviewer
    if who is None:
        return Reason(ReasonCode.APPROVER_NOT_AUTHORIZED, "the approval of a deleted account does not count")
    objections = (
        *_part_in_it(vote, who, pull_request, exclude),
        *_lacking_authority(vote, who, approvers),
        *_asked_again(who, pull_request),
        *_out_of_date(vote, pull_request),
    )
    return next((Reason(code, f"{who} approved{what}", who) for code, what in objections), None)


Objections = Iterator[tuple[ReasonCode, str]]


def _part_in_it(vote: Review, who: Login, pull_request: PullRequest, exclude: Exclusion) -> Objections:
    """What makes the approver a part of what is approved."""
    code = ReasonCode.APPROVAL_NOT_INDEPENDENT
    if vote.by_bot:
        yield code, ", but is a bot"
    if vote.by_hub:
        yield code, ", but is the account of the hub itself"
    if who == pull_request.author:
        yield code, ", but is the author"
    match exclude:
        case Exclusion.AUTHOR:
            pass
        case Exclusion.CONTRIBUTORS:
            if who in pull_request.contributors:
                yield code, ", but is a contributor of commits to it"
            if who == pull_request.last_pusher:
                yield code, f", but pushed {short(pull_request.head)} to it"
        case _:
            assert_never(exclude)


def _lacking_authority(vote: Review, who: Login, approvers: frozenset[Login] | None) -> Objections:
    if not vote.may_write:
        yield ReasonCode.APPROVER_NOT_AUTHORIZED, ", but may not write to the repository"
    if approvers is not None and who not in approvers:
        yield ReasonCode.APPROVER_NOT_AUTHORIZED, ", but is no listed approver"


def _asked_again(who: Login, pull_request: PullRequest) -> Objections:
    """A review ends what its author was asked for, so whoever is asked now was asked after their review."""
    code = ReasonCode.APPROVAL_ASKED_AGAIN
    for asked in pull_request.asked:
        if asked.members is None:
            yield code, f", and it cannot be told whether as one of {asked.name}, whose review is asked for"
        elif who in asked.members:
            whose = "" if asked.name.casefold() == who else f" as one of {asked.name}"
            yield code, f", but was asked to review it again{whose}"


def _out_of_date(vote: Review, pull_request: PullRequest) -> Objections:
    """Who took an opinion back and is not known may be the one who approved before."""
    nameless = [review for review in pull_request.reviews if review.reviewer is None and review.may_write]
    if any(review.state is ReviewState.DISMISSED and not _before(review, vote) for review in nameless):
        yield ReasonCode.APPROVAL_STALE, ", and somebody who is not known took an opinion back after it"
    if vote.commit is None or vote.commit not in {pull_request.head, *pull_request.same_content}:
        yield ReasonCode.APPROVAL_STALE, f" {short(vote.commit)}, the head is now {short(pull_request.head)}"
    if vote.submitted_at is None:
        yield ReasonCode.APPROVAL_STALE, ", but it is not known when"
    elif vote.submitted_at < pull_request.target_since:
        yield ReasonCode.APPROVAL_STALE, f" before it targeted {pull_request.target}"


def _before(one: Review, other: Review) -> bool:
    return one.submitted_at is not None and other.submitted_at is not None and one.submitted_at < other.submitted_at
