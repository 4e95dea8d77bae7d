import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.metrics import wilson


@pytest.mark.parametrize(
    ("successes", "attempts", "low", "high"),
    [(20, 20, 0.839, 1.0), (0, 20, 0.0, 0.161), (1, 2, 0.095, 0.905), (930, 1000, 0.912, 0.944)],
)
def test_the_interval_is_the_published_one(successes: int, attempts: int, low: float, high: float) -> None:
    assert wilson(successes, attempts) == pytest.approx((low, high), abs=0.001)


def test_without_an_attempt_there_is_none() -> None:
    assert wilson(0, 0) is None


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_the_interval_holds_the_rate_and_stays_between_none_and_all(passed: int, others: int) -> None:
    interval = wilson(passed, passed + others)
    if interval is None:
        return
    low, high = interval

    assert 0 <= low <= passed / (passed + others) + 1e-9
    assert passed / (passed + others) - 1e-9 <= high <= 1
