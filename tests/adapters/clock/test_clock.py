from datetime import UTC, datetime, timedelta, timezone

from tasks.adapters.clock import SystemClock, timestamp


def test_the_system_clock_tells_the_time_in_utc() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()

    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


def test_a_timestamp_is_utc_with_milliseconds_whatever_the_zone() -> None:
    moment = datetime(2026, 11, 23, 5, 2, 54, 120_999, tzinfo=timezone(timedelta(hours=2)))

    assert timestamp(moment) == "2026-11-23T03:02:54.120Z"


def test_a_timestamp_has_milliseconds_even_when_there_are_none() -> None:
    assert timestamp(datetime(2026, 11, 23, tzinfo=UTC)) == "2026-11-23T00:00:00.000Z"
