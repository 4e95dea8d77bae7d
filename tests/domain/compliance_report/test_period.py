"""Periods by name, and as seen from a day."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tasks.domain.compliance_report.period import UnusablePeriod, asked_for, period_between, period_named

DAY = datetime(2026, 1, 1, 3, tzinfo=UTC)
NAMED = {
    "2026": ("2026-01-01", "2027-01-01"),
    "2026-Q4": ("2026-10-01", "2027-01-01"),
    "2026-12": ("2026-12-01", "2027-01-01"),
    "2026-W01": ("2025-12-29", "2026-01-05"),
}
SEEN = {
    "last-month": "2025-12",
    "this-month": "2026-01",
    "last-quarter": "2025-Q4",
    "this-quarter": "2026-Q1",
    "last-week": "2025-W52",
    "this-week": "2026-W01",
}


@pytest.mark.parametrize(("name", "bounds"), NAMED.items())
def test_a_period_is_from_midnight_to_midnight(name: str, bounds: tuple[str, str]) -> None:
    period = period_named(name)

    assert (f"{period.start:%Y-%m-%d}", f"{period.end:%Y-%m-%d}") == bounds


@pytest.mark.parametrize(("words", "name"), SEEN.items())
def test_what_is_asked_for_in_words_is_seen_from_the_day(words: str, name: str) -> None:
    assert asked_for(words, None, None, DAY) == period_named(name)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-Q5", "2026-W54", "last-year", "0000", "2026-11-01", "9999"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(UnusablePeriod):
        asked_for(text, None, None, DAY)


def test_of_two_moments_both_are_needed_and_the_later_one_second() -> None:
    with pytest.raises(UnusablePeriod):
        asked_for("2026", "2026-01-01", None, DAY)
    with pytest.raises(UnusablePeriod):
        asked_for("2026", "2026-01-02", "2026-01-02", DAY)


def test_one_stretch_of_time_has_one_name_whatever_the_zone() -> None:
    east = timezone(timedelta(hours=1))

    assert period_between(DAY.astimezone(east), DAY + timedelta(days=1)).name == "20260101T030000Z-20260102T030000Z"


def test_the_end_is_not_in_it() -> None:
    period = period_named("2026-11")

    assert [period.holds(f"2026-{day}T00:00:00.000Z") for day in ("11-01", "11-30", "12-01")] == [True, True, False]
