"""Approvals that outlive their head, and what somebody who is not known has to do with approvals."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from config.schema import Survival
from tasks.domain.approvals import Approvals, count_approvals, heads_to_compare, reasons_of_unknown_people, short
from tasks.domain.model import CommitSha, Login, PullRequest, Review, ReviewState
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import NOON, approval, commit, pull_request, review, sha

AN_HOUR = timedelta(hours=1)
OLD = "0" * 40
STALE, CHANGES, DISMISSED = ReasonCode.APPROVAL_STALE, ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED


def approvals_of(*reviews: Review) -> Approvals:
    return count_approvals(pull_request(reviews=reviews), approvers=None)


def rebased(*reviews: Review) -> PullRequest:
    """Its head brings the same as the one that was approved."""
    return replace(pull_request(reviews=reviews), same_content=frozenset({CommitSha(OLD)}))


def test_an_approval_of_what_brings_the_same_counts() -> None:
    assert count_approvals(rebased(approval("carol", commit=OLD)), approvers=None).approvers == {"carol"}


def test_an_approval_of_what_brings_the_same_does_not_count_where_a_rule_wants_the_head() -> None:
    approvals = count_approvals(rebased(approval("carol", commit=OLD)), approvers=None, only_of_head=True)

    assert [reason.code for reason in approvals.discounted] == [STALE]


@pytest.mark.parametrize("commit", [None, "1" * 40])
def test_an_approval_of_yet_another_head_does_not_count(commit: str | None) -> None:
    assert count_approvals(rebased(approval("carol", commit=commit)), approvers=None).counted == ()


def test_only_heads_that_somebody_approved_last_are_compared_and_only_where_approvals_survive() -> None:
    withdrawn = (approval("dave", commit="1" * 40), review("dave", CHANGES, submitted_at=NOON + AN_HOUR))
    pull = pull_request(
        reviews=(approval("carol", commit=OLD), approval("erin"), approval("frank", commit=None), *withdrawn)
    )

    assert heads_to_compare(pull, Survival.REBASE) == (OLD,)
    assert heads_to_compare(pull, Survival.NOTHING) == ()


@pytest.mark.parametrize("taken_back", [NOON, NOON + AN_HOUR, None])
def test_an_opinion_that_somebody_unknown_took_back_may_be_the_approval_before_it(taken_back: datetime | None) -> None:
    unknown = review(None, DISMISSED, submitted_at=taken_back)

    assert [(one.code, one.message) for one in approvals_of(approval("carol"), unknown).discounted] == [
        (STALE, "carol approved, and somebody who is not known took an opinion back after it")
    ]


@pytest.mark.parametrize("unknown", [review(None, DISMISSED, may_write=False), review(None, DISMISSED)])
def test_an_approval_after_what_somebody_unknown_took_back_counts(unknown: Review) -> None:
    assert approvals_of(unknown, approval("carol", submitted_at=NOON + AN_HOUR)).approvers == {"carol"}


def test_a_deleted_account_that_could_write_nothing_takes_nobody_s_approval_back() -> None:
    assert approvals_of(approval("carol"), review(None, DISMISSED, may_write=False)).approvers == {"carol"}


KNOWN = replace(pull_request(), last_pusher=Login("alice"))
UNKNOWN = {
    "who opened it": (replace(KNOWN, author=None), "the code host does not tell who opened it"),
    "who wrote a commit": (
        replace(KNOWN, commits=(commit("alice", None, sha=sha(7)),)),
        "the code host does not tell who wrote part of 0000000",
    ),
    "who pushed what was approved": (
        replace(KNOWN, last_pusher=None),
        f"the code host does not tell who pushed {short(sha(1))}",
    ),
    "several": (
        replace(KNOWN, author=None, last_pusher=None),
        "the code host does not tell who opened it, nor 1 more",
    ),
}


@pytest.mark.parametrize(("pull", "message"), UNKNOWN.values(), ids=UNKNOWN)
def test_who_is_unknown_is_told(pull: PullRequest, message: str) -> None:
    reasons = reasons_of_unknown_people(pull)

    assert [(reason.code, reason.message) for reason in reasons] == [(ReasonCode.COMMITS_UNKNOWN, message)]


@pytest.mark.parametrize("pull", [KNOWN, pull_request(reviews=())], ids=["everybody known", "nobody asked"])
def test_nothing_is_said_where_everybody_is_known_who_matters(pull: PullRequest) -> None:
    assert reasons_of_unknown_people(pull) == ()
