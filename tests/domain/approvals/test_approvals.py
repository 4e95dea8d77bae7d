"""Whose approval counts, as a table: each row is somebody who tried, and what is said of it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations

import pytest

from config.schema import Exclusion
from tasks.domain.approvals import count_approvals, latest_votes, short
from tasks.domain.model import Asked, CommitSha, Login, PullRequest, Review, ReviewState
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import NOON, approval, commit, pull_request, review, sha

APPROVED, CHANGES, COMMENTED, DISMISSED, PENDING = (
    ReviewState.APPROVED,
    ReviewState.CHANGES_REQUESTED,
    ReviewState.COMMENTED,
    ReviewState.DISMISSED,
    ReviewState.PENDING,
)
AN_HOUR = timedelta(hours=1)
OLD = "0" * 40


def said(pull: PullRequest, approvers: frozenset[Login] | None = None) -> list[tuple[ReasonCode, str]]:
    return [(reason.code, reason.message) for reason in count_approvals(pull, approvers=approvers).discounted]


def counted(*reviews: Review, approvers: frozenset[Login] | None = None) -> list[str | None]:
    pull = pull_request(reviews=reviews)
    return [one.reviewer for one in count_approvals(pull, approvers=approvers).counted]


def by(reviewer: str, *states: ReviewState) -> tuple[Review, ...]:
    """What one person said, hour after hour."""
    return tuple(
        review(reviewer, state, submitted_at=NOON + hour * AN_HOUR, identifier=f"{reviewer}-{hour}")
        for hour, state in enumerate(states)
    )


def test_an_approval_of_the_head_by_somebody_else_counts() -> None:
    assert counted(approval("carol")) == ["carol"]


@dataclass(frozen=True)
class Discounted:
    pull: PullRequest
    code: ReasonCode
    message: str


def asking(*asked: Asked) -> PullRequest:
    """Approved by carol, while a review of others is waited for."""
    return replace(pull_request(), asked=asked)


NOT_INDEPENDENT, NOT_AUTHORIZED, STALE, ASKED_AGAIN = (
    ReasonCode.APPROVAL_NOT_INDEPENDENT,
    ReasonCode.APPROVER_NOT_AUTHORIZED,
    ReasonCode.APPROVAL_STALE,
    ReasonCode.APPROVAL_ASKED_AGAIN,
)
BY_BOB = pull_request(commits=(commit("alice"), commit("alice", "bob")), reviews=(approval("bob"),))
DISCOUNTED = {
    "its author": Discounted(
        pull_request(reviews=(approval("alice"),)), NOT_INDEPENDENT, "alice approved, but is the author"
    ),
    "its author, who committed nothing": Discounted(
        pull_request(commits=(commit("bob"),), reviews=(approval("alice"),)),
        NOT_INDEPENDENT,
        "alice approved, but is the author",
    ),
    "the author of one commit": Discounted(
        pull_request(commits=(commit("alice"), commit("bob")), reviews=(approval("bob"),)),
        NOT_INDEPENDENT,
        "bob approved, but is a contributor of commits to it",
    ),
    "a co-author or committer of one commit": Discounted(
        BY_BOB, NOT_INDEPENDENT, "bob approved, but is a contributor of commits to it"
    ),
    "a bot": Discounted(
        pull_request(reviews=(approval("renovate[bot]", by_bot=True),)),
        NOT_INDEPENDENT,
        "renovate[bot] approved, but is a bot",
    ),
    "a bot that the hub acts as": Discounted(
        pull_request(reviews=(approval("merge-hub", by_hub=True),)),
        NOT_INDEPENDENT,
        "merge-hub approved, but is the account of the hub itself",
    ),
    "who pushed the head, whoever wrote it": Discounted(
        replace(pull_request(1), last_pusher=Login("carol")),
        NOT_INDEPENDENT,
        f"carol approved, but pushed {short(sha(1))} to it",
    ),
    "somebody who was asked again": Discounted(
        asking(Asked("Carol", frozenset({Login("carol")}))),
        ASKED_AGAIN,
        "carol approved, but was asked to review it again",
    ),
    "one of a team that was asked again": Discounted(
        asking(Asked("acme/core", frozenset({Login("carol"), Login("dave")}))),
        ASKED_AGAIN,
        "carol approved, but was asked to review it again as one of acme/core",
    ),
    "somebody who may be of a team that was asked again": Discounted(
        asking(Asked("acme/core", None)),
        ASKED_AGAIN,
        "carol approved, and it cannot be told whether as one of acme/core, whose review is asked for",
    ),
    "somebody who may not write": Discounted(
        pull_request(reviews=(approval("mallory", may_write=False),)),
        NOT_AUTHORIZED,
        "mallory approved, but may not write to the repository",
    ),
    "a deleted account": Discounted(
        pull_request(reviews=(approval(None),)), NOT_AUTHORIZED, "the approval of a deleted account does not count"
    ),
    "somebody who approved an earlier head": Discounted(
        pull_request(1, reviews=(approval("carol", commit=OLD),)),
        STALE,
        f"carol approved 0000000, the head is now {short(sha(1))}",
    ),
    "somebody who approved a head that is gone": Discounted(
        pull_request(1, reviews=(approval("carol", commit=None),)),
        STALE,
        f"carol approved an unknown commit, the head is now {short(sha(1))}",
    ),
    "somebody who saw what it changes of another target": Discounted(
        replace(pull_request(reviews=(approval("carol"),)), target_since=NOON + timedelta(days=9)),
        STALE,
        "carol approved before it targeted main",
    ),
    "somebody at an unknown time": Discounted(
        pull_request(reviews=(approval("carol", submitted_at=None),)),
        STALE,
        "carol approved, but it is not known when",
    ),
}


@pytest.mark.parametrize("row", DISCOUNTED.values(), ids=DISCOUNTED)
def test_an_approval_does_not_count_from(row: Discounted) -> None:
    approvals = count_approvals(row.pull, approvers=None)

    assert approvals.counted == ()
    assert [(reason.code, reason.message) for reason in approvals.discounted] == [(row.code, row.message)]


@pytest.mark.parametrize("members", [frozenset(), frozenset({Login("dave")})])
def test_an_approval_counts_while_others_are_asked_for_a_review(members: frozenset[Login]) -> None:
    assert count_approvals(asking(Asked("acme/core", members)), approvers=None).approvers == {"carol"}


def test_the_reason_names_whose_approval_it_is() -> None:
    approvals = count_approvals(pull_request(reviews=(approval("alice"),)), approvers=None)

    assert approvals.discounted[0].actor == "alice"


def test_the_gravest_that_is_wrong_with_an_approval_is_said_first() -> None:
    stale_and_own = pull_request(reviews=(approval("alice", commit=OLD, may_write=False),))

    assert said(stale_and_own) == [(NOT_INDEPENDENT, "alice approved, but is the author")]


def test_who_is_no_listed_approver_does_not_count() -> None:
    pull = pull_request(reviews=(approval("carol"), approval("dave")))
    listed = frozenset({Login("dave")})

    assert said(pull, listed) == [(NOT_AUTHORIZED, "carol approved, but is no listed approver")]
    assert counted(*pull.reviews, approvers=listed) == ["dave"]


def test_where_nobody_is_listed_nobody_counts() -> None:
    assert counted(approval("carol"), approvers=frozenset()) == []


def test_a_contributor_may_approve_where_a_rule_excludes_only_the_author() -> None:
    approvals = count_approvals(BY_BOB, approvers=None, exclude=Exclusion.AUTHOR)

    assert approvals.approvers == {"bob"}


def test_the_author_may_not_approve_where_a_rule_excludes_only_the_author() -> None:
    own = pull_request(commits=(commit("bob"),), reviews=(approval("alice"),))
    approvals = count_approvals(own, approvers=None, exclude=Exclusion.AUTHOR)

    assert approvals.approvers == frozenset()


def test_a_contributor_that_nobody_can_resolve_is_no_reason_against_an_approver() -> None:
    pull = pull_request(commits=(commit("alice", None),))

    assert count_approvals(pull, approvers=None).approvers == {"carol"}


@pytest.mark.parametrize(
    "states",
    [
        (APPROVED,),
        (CHANGES, APPROVED),
        (APPROVED, APPROVED),
        (APPROVED, COMMENTED),
        (APPROVED, PENDING),
        (DISMISSED, APPROVED),
    ],
)
def test_a_person_whose_latest_opinion_approves_counts(states: tuple[ReviewState, ...]) -> None:
    assert counted(*by("carol", *states)) == ["carol"]


@pytest.mark.parametrize(
    "states",
    [
        (APPROVED, CHANGES),
        (APPROVED, CHANGES, COMMENTED),
        (APPROVED, DISMISSED),
        (CHANGES, DISMISSED),
        (COMMENTED,),
        (PENDING,),
        (DISMISSED,),
    ],
)
def test_a_person_whose_latest_opinion_is_another_does_not_count(states: tuple[ReviewState, ...]) -> None:
    assert counted(*by("carol", *states)) == []


def test_two_approvals_by_one_person_are_one() -> None:
    assert counted(*by("carol", APPROVED, APPROVED), approval("dave")) == ["carol", "dave"]


def test_two_deleted_accounts_are_two_people() -> None:
    ghosts = (review(None, CHANGES, identifier="r1"), review(None, DISMISSED, identifier="r2"))

    assert [vote.identifier for vote in latest_votes(ghosts)] == ["r1", "r2"]


def test_a_newer_approval_of_an_older_head_takes_the_place_of_the_approval_of_this_head() -> None:
    newer = approval("carol", commit=OLD, submitted_at=NOON + AN_HOUR)

    assert counted(approval("carol"), newer) == []


def test_a_review_that_was_begun_first_and_submitted_last_is_the_last_word() -> None:
    begun_first = review("carol", CHANGES, submitted_at=NOON + AN_HOUR, identifier="r1")
    submitted_first = review("carol", APPROVED, submitted_at=NOON, identifier="r2")

    assert latest_votes([begun_first, submitted_first]) == (begun_first,)


def test_of_two_reviews_of_the_same_second_the_one_listed_last_is_the_last_word() -> None:
    pair = [review("carol", CHANGES, identifier="r1"), review("carol", APPROVED, identifier="r2")]

    assert [vote.state for vote in latest_votes(pair)] == [APPROVED]


@pytest.mark.parametrize("order", list(permutations((APPROVED, DISMISSED, CHANGES))))
def test_where_a_time_is_missing_the_most_cautious_opinion_counts(order: tuple[ReviewState, ...]) -> None:
    undated = replace(review("carol", order[0], identifier="r0"), submitted_at=None)

    assert latest_votes([undated, *by("carol", *order[1:])])[0].state is CHANGES


def test_a_request_for_changes_vetoes_whatever_others_said() -> None:
    approvals = count_approvals(
        pull_request(reviews=(approval("carol"), *by("dave", APPROVED, CHANGES))), approvers=None
    )

    assert [veto.reviewer for veto in approvals.vetoes] == ["dave"]
    assert approvals.approvers == {"carol"}


@pytest.mark.parametrize("later", [APPROVED, DISMISSED])
def test_a_request_for_changes_that_is_withdrawn_vetoes_no_more(later: ReviewState) -> None:
    assert count_approvals(pull_request(reviews=by("dave", CHANGES, later)), approvers=None).vetoes == ()


def test_a_request_for_changes_outlives_new_commits() -> None:
    earlier = pull_request(reviews=(review("dave", CHANGES, commit=OLD),))

    assert count_approvals(earlier, approvers=None).vetoes == earlier.reviews


def test_a_stranger_vetoes_nothing() -> None:
    stranger = pull_request(reviews=(approval("carol"), review("mallory", CHANGES, may_write=False)))

    assert count_approvals(stranger, approvers=None).vetoes == ()


@pytest.mark.parametrize(
    "who", [review("bob", CHANGES), review("guard[bot]", CHANGES, by_bot=True), review(None, CHANGES)]
)
def test_whoever_may_write_vetoes_even_where_their_approval_would_not_count(who: Review) -> None:
    pull = replace(BY_BOB, reviews=(who,))

    assert count_approvals(pull, approvers=frozenset()).vetoes == (who,)


def test_logins_of_listed_approvers_are_those_that_the_code_host_resolved() -> None:
    assert counted(approval("carol"), approvers=frozenset({Login("caro")})) == []


def test_a_commit_is_named_by_its_first_digits() -> None:
    assert short(CommitSha("4f2a91c0ffee")) == "4f2a91c"
