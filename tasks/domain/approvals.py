"""
Whose approval counts.

One person has one vote: the last submitted of their reviews that says something (comments do not). It counts for
exactly the head that it was given to, never from the author, another contributor, a bot, or somebody without write
access, and only from listed approvers where access control lists any. A request for changes vetoes until it is
withdrawn, but not from somebody without write access: any stranger could hold up a public repository.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from config.schema import Exclusion
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
) -> Approvals:
    votes = latest_votes(pull_request.reviews)
    judged = [
        (vote, _why_not(vote, pull_request, approvers, exclude)) for vote in votes if vote.state is ReviewState.APPROVED
    ]
    return Approvals(
        counted=tuple(vote for vote, reason in judged if reason is None),
        discounted=tuple(reason for _, reason in judged if reason is not None),
        vetoes=tuple(vote for vote in votes if vote.state is ReviewState.CHANGES_REQUESTED and vote.may_write),
    )


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
    who = vote.reviewer
    if who is None:
        return Reason(ReasonCode.APPROVER_NOT_AUTHORIZED, "the approval of a deleted account does not count")
    excluded = pull_request.contributors if exclude is Exclusion.CONTRIBUTORS else {pull_request.author}
    checks = (
        (vote.by_bot, ReasonCode.APPROVAL_NOT_INDEPENDENT, "is a bot"),
        (who == pull_request.author, ReasonCode.APPROVAL_NOT_INDEPENDENT, "is the author"),
        (who in excluded, ReasonCode.APPROVAL_NOT_INDEPENDENT, "is a contributor of commits to it"),
        (not vote.may_write, ReasonCode.APPROVER_NOT_AUTHORIZED, "may not write to the repository"),
        (approvers is not None and who not in approvers, ReasonCode.APPROVER_NOT_AUTHORIZED, "is no listed approver"),
    )
    for holds, code, what in checks:
        if holds:
            return Reason(code, f"{who} approved, but {what}", who)
    if vote.commit != pull_request.head:
        found = f"{who} approved {short(vote.commit)}, the head is now {short(pull_request.head)}"
        return Reason(ReasonCode.APPROVAL_STALE, found, who)
    if vote.submitted_at is None:
        return Reason(ReasonCode.APPROVAL_STALE, f"{who} approved, but it is not known when", who)
    return None
