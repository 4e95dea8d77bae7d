"""What holds of approvals whatever people did."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.approvals import count_approvals, latest_votes
from tasks.domain.model import Review, ReviewState
from tests.domain.builders import NOON, commit, pull_request, review

AN_HOUR = timedelta(hours=1)
OLD = "0" * 40
APPROVED = ReviewState.APPROVED

PEOPLE = st.sampled_from(["alice", "bob", "carol", "dave", None])
REVIEWS = st.lists(
    st.builds(
        review,
        PEOPLE,
        st.sampled_from(ReviewState),
        by_bot=st.booleans(),
        may_write=st.booleans(),
        commit=st.sampled_from(["at-head", OLD, None]),
        submitted_at=st.none() | st.integers(0, 3).map(lambda hours: NOON + hours * AN_HOUR),
        identifier=st.integers(0, 10**9).map(str),
    ),
    max_size=6,
)


@settings(max_examples=20, deadline=None)
@given(REVIEWS)
def test_whoever_counts_is_an_independent_person_who_approved_this_very_head(reviews: list[Review]) -> None:
    pull = pull_request(commits=(commit("alice", "bob"),), reviews=tuple(reviews))
    approvals = count_approvals(pull, approvers=None)

    assert len(approvals.approvers) == len(approvals.counted)
    assert approvals.approvers <= {"carol", "dave"}
    assert all(
        (vote.state, vote.commit, vote.may_write, vote.by_bot) == (APPROVED, pull.head, True, False)
        for vote in approvals.counted
    )


@settings(max_examples=20, deadline=None)
@given(REVIEWS)
def test_every_vote_that_approves_counts_or_has_its_reason(reviews: list[Review]) -> None:
    pull = pull_request(reviews=tuple(reviews))
    approving = [vote for vote in latest_votes(pull.reviews) if vote.state is APPROVED]
    approvals = count_approvals(pull, approvers=None)

    assert len(approvals.counted) + len(approvals.discounted) == len(approving)


@settings(max_examples=20, deadline=None)
@given(REVIEWS, st.randoms(use_true_random=False))
def test_the_order_in_which_reviews_are_listed_does_not_matter_where_times_tell_it(
    reviews: list[Review], random: Random
) -> None:
    apart = [replace(one, submitted_at=NOON + hours * AN_HOUR) for hours, one in enumerate(reviews)]
    shuffled = random.sample(apart, len(apart))

    assert set(latest_votes(shuffled)) == set(latest_votes(apart))
