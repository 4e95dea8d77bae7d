import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.model import HeadStatus, StatusState
from tasks.domain.odds import LATELY, Judged, Sign, odds_of, sign_of
from tests.domain.builders import pull_request

GOOD, BAD, PENDING = (
    HeadStatus("ci", state) for state in (StatusState.SUCCESS, StatusState.FAILURE, StatusState.PENDING)
)


def test_one_in_twenty_is_thought_bad_where_nothing_is_known() -> None:
    assert odds_of(Sign.NONE, ()).bad == 0.05


def test_whoever_was_judged_counts_for_those_that_bear_the_same_sign() -> None:
    judged = [Judged(Sign.NONE, bad=True), Judged(Sign.NONE, bad=False), Judged(Sign.REPORTED_BAD, bad=True)]

    odds = odds_of(Sign.NONE, judged)

    assert odds.bad == pytest.approx((1 + 1) / (20 + 2))
    assert odds.judged == 2


@given(judged=st.lists(st.booleans()), lately=st.booleans(), sign=st.sampled_from(Sign))
def test_only_the_latest_count_and_nothing_is_ever_certain(*, judged: list[bool], lately: bool, sign: Sign) -> None:
    latest = [Judged(sign, lately)] * LATELY

    odds = odds_of(sign, [*(Judged(sign, bad) for bad in judged), *latest])

    assert odds == odds_of(sign, latest)
    assert 0 < odds.bad < 1


@pytest.mark.parametrize(
    ("statuses", "refused", "sign"),
    [
        ((), set(), Sign.NONE),
        ((PENDING,), set(), Sign.NONE),
        ((GOOD,), set(), Sign.REPORTED_GOOD),
        ((GOOD, PENDING), set(), Sign.NONE),
        ((GOOD, BAD), set(), Sign.REPORTED_BAD),
        ((GOOD,), {1}, Sign.REFUSED_BEFORE),
        ((BAD,), {1}, Sign.REPORTED_BAD),
        ((), {2}, Sign.NONE),
    ],
)
def test_the_sign_of_a_pull_request_is_what_is_known_before_its_gates_run(
    statuses: tuple[HeadStatus, ...], refused: set[int], sign: Sign
) -> None:
    assert sign_of(pull_request(1, statuses=statuses), refused) is sign


def test_the_worse_the_sign_the_worse_the_odds_to_begin_with() -> None:
    signs = [Sign.REPORTED_GOOD, Sign.NONE, Sign.REFUSED_BEFORE, Sign.REPORTED_BAD]

    assert sorted(signs, key=lambda sign: odds_of(sign, ()).bad) == signs
