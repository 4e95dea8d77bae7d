from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.anomalies.statistics import Durations, nearest_rank


def known(*milliseconds: int, remembered: int = 100) -> Durations:
    durations = Durations(remembered)
    for each in milliseconds:
        durations.add(each)
    return durations


def test_ten_times_too_fast_is_far_from_what_is_usual_and_one_odd_value_changes_nothing() -> None:
    usual = [60_000 + 500 * position for position in range(20)]

    assert known(*usual).score(6_000) < -3.5
    assert known(*usual, 1).score(6_000) < -3.5
    assert abs(known(*usual).score(64_000)) < 1


def test_equal_durations_are_taken_to_vary_by_a_twentieth() -> None:
    assert abs(known(*[60_000] * 30).score(61_000)) < 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_only_the_last_durations_are_remembered(milliseconds: list[int]) -> None:
    forgetful, fresh = known(*milliseconds, remembered=5), known(*milliseconds[-5:], remembered=5)

    assert (len(forgetful), forgetful.usual, forgetful.score(7)) == (len(fresh), fresh.usual, fresh.score(7))


def test_the_95th_percentile_of_28_days_is_the_second_highest() -> None:
    assert nearest_rank(list(range(28)), 95) == 26
    assert nearest_rank([3], 95) == 3
