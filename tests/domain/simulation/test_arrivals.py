"""When pull requests arrive: at random, and by the hours of a day as many as was said."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.simulation.arrivals import HOURS, Day, arrivals

WORKING = Day(length=144, begins=9, ends=17, peak=2.5)
MANY = 12_000


def by_hour(day: Day, rate: float) -> Counter[int]:
    moments = arrivals(MANY, rate, 7, day)
    return Counter(int(moment % day.length / day.length * HOURS) for moment in moments)


@st.composite
def days(draw: st.DrawFn) -> Day:
    begins = draw(st.integers(0, 22))
    ends = draw(st.integers(begins + 1, min(24, begins + 23)))
    most = HOURS / (ends - begins)
    return Day(draw(st.floats(1, 1000)), begins, ends, draw(st.floats(0.01, most)))


def test_at_one_rate_as_many_arrive_as_was_said() -> None:
    *_, last = arrivals(MANY, 0.5, 7, None)

    assert MANY / last == pytest.approx(0.5, rel=0.03)


def test_by_the_hours_of_a_day_as_many_arrive_in_all_as_at_one_rate() -> None:
    *_, last = arrivals(MANY, 0.5, 7, WORKING)

    assert MANY / last == pytest.approx(0.5, rel=0.03)


def test_in_the_hours_of_the_peak_arrive_so_many_times_the_mean() -> None:
    found = by_hour(WORKING, 0.5)
    mean = MANY / HOURS

    assert sum(found[hour] for hour in range(9, 17)) / 8 == pytest.approx(2.5 * mean, rel=0.03)
    assert sum(found[hour] for hour in (*range(9), *range(17, 24))) / 16 == pytest.approx(0.25 * mean, rel=0.06)


def test_where_the_peak_has_all_of_a_day_nobody_arrives_at_night() -> None:
    found = by_hour(Day(length=24, begins=9, ends=17, peak=3), 2)

    assert found.keys() <= set(range(9, 18))
    assert found[17] <= 1


@given(day=days(), steady=st.lists(st.floats(0, 10_000), min_size=2, max_size=2).map(sorted))
def test_nobody_overtakes_anybody_and_whole_days_are_whole_days(day: Day, steady: list[float]) -> None:
    sooner, later = map(day.moment, steady)

    assert sooner <= later + 1e-6
    assert day.moment(3 * day.length) == pytest.approx(3 * day.length + day.moment(0))


@given(steady=st.floats(0, 10_000))
def test_a_peak_of_one_is_no_peak(steady: float) -> None:
    assert Day(144, 9, 17, 1).moment(steady) == pytest.approx(steady)
