from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Freeze, Queue
from tasks.domain.freeze import frost_among, frozen_candidates
from tasks.domain.model import PullRequest
from tasks.domain.queue import Needs
from tasks.domain.reasons import Outcome, Reason, ReasonCode
from tests.domain.builders import NOON, pull_request, rules, snapshot

ABOUT: dict[str, Any] = {"name": "launch", "reason": "the launch", "owner": "acme/release"}
LAUNCH = {**ABOUT, "until": "2026-03-09T08:00:00+01:00"}
QUEUE = Queue.model_validate(
    {
        "priorities": [{"label": "urgent", "priority": 10}],
        "hotfix": {"labels": ["hotfix"]},
        "ageing": "1h",
    }
)
ALONE: Needs = {}


def freeze(**said: object) -> Freeze:
    return Freeze.model_validate({**LAUNCH, **said})


def recurring(cron: str, duration: str, zone: str = "Europe/Berlin") -> Freeze:
    return Freeze.model_validate({**ABOUT, "cron": cron, "duration": duration, "time_zone": zone})


def frozen(*pulls: PullRequest, by: Freeze | None = None, needs: Needs = ALONE, at: datetime = NOON) -> list[int]:
    return sorted(frost_among(pulls, needs, rules(queue=QUEUE, freezes=(by or freeze(),)), at).held)


def in_utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_frozen_pull_request_is_told_until_when_why_and_by_whom() -> None:
    found = frost_among([pull_request(1)], ALONE, rules(freezes=(freeze(),)), NOON).held

    message = "frozen until 2026-03-09T07:00:00Z by the freeze launch: the launch"
    assert found == {1: (Reason(ReasonCode.FROZEN, message, "acme/release", in_utc("2026-03-09T07:00Z")),)}
    assert found[1][0].outcome is Outcome.HELD


def test_every_freeze_that_holds_is_told() -> None:
    both = (freeze(), freeze(name="audit", until="2026-03-20T00:00:00Z"), freeze(name="over", until=f"{NOON:%FT%TZ}"))

    found = frost_among([pull_request(1)], ALONE, rules(freezes=both), NOON).held

    assert [reason.until for reason in found[1]] == [in_utc("2026-03-09T07:00Z"), in_utc("2026-03-20T00:00Z")]


@pytest.mark.parametrize(
    ("at", "held"),
    [
        ("2026-03-02T09:59:59Z", False),
        ("2026-03-02T10:00:00Z", True),
        ("2026-03-02T10:59:59Z", True),
        ("2026-03-02T11:00:00Z", False),
    ],
)
def test_a_freeze_holds_when_it_begins_and_not_when_it_ends(at: str, held: bool) -> None:  # noqa: FBT001 -- a table
    once = freeze(**{"from": "2026-03-02T10:00:00Z", "until": "2026-03-02T12:00:00+01:00"})

    assert bool(frozen(pull_request(1), by=once, at=in_utc(at))) is held


def test_a_label_a_priority_and_the_hotfix_lane_are_let_through() -> None:
    pulls = [
        pull_request(1),
        pull_request(2, labels=["docs"]),
        pull_request(3, labels=["urgent"]),
        pull_request(4, labels=["hotfix"]),
        pull_request(5, labels=["Docs"]),
    ]

    assert frozen(*pulls) == [1, 2, 3, 5]
    assert frozen(*pulls, by=freeze(except_labels=["docs"])) == [1, 3, 5]
    assert frozen(*pulls, by=freeze(min_priority=10)) == [1, 2, 5]
    assert frozen(*pulls, by=freeze(min_priority=11)) == [1, 2, 3, 5]
    assert frozen(*pulls, by=freeze(hotfix=False)) == [1, 2, 3, 4, 5]


def test_what_lets_somebody_through_is_told_of_each_freeze() -> None:
    both = (freeze(except_labels=["docs"]), freeze(name="audit", min_priority=10, hotfix=False))
    pulls = [pull_request(1, labels=["docs", "urgent"]), pull_request(2, labels=["hotfix"]), pull_request(3)]

    passed = frost_among(pulls, ALONE, rules(queue=QUEUE, freezes=both), NOON).passed

    assert {number: [(each.freeze.name, each.because) for each in found] for number, found in passed.items()} == {
        1: [("launch", "label docs"), ("audit", "priority 10")],
        2: [("launch", "hotfix lane, label hotfix")],
    }


def test_age_lets_nobody_through() -> None:
    aged = pull_request(1, created_at=NOON - timedelta(days=400))

    assert frozen(aged, by=freeze(min_priority=1)) == [1]


def test_what_a_hotfix_needs_is_let_through_with_it() -> None:
    world = snapshot(pull_request(1), pull_request(2), pull_request(3, body="Depends-on: #2", labels=["hotfix"]))

    found = frozen_candidates(world, frozenset({1, 2, 3}), rules(queue=QUEUE, freezes=(freeze(),)), NOON)

    assert sorted(found) == [1]


def test_a_hotfix_that_is_no_candidate_lets_nothing_through() -> None:
    world = snapshot(pull_request(2), pull_request(3, body="Depends-on: #2", labels=["hotfix"]))

    found = frozen_candidates(world, frozenset({2}), rules(queue=QUEUE, freezes=(freeze(),)), NOON)

    assert sorted(found) == [2]


def test_an_excepted_label_is_for_what_has_it_and_not_for_what_that_needs() -> None:
    pulls = [pull_request(1), pull_request(2, labels=["docs"])]

    assert frozen(*pulls, by=freeze(except_labels=["docs"]), needs={2: frozenset({1})}) == [1]


WEEKEND = recurring("0 18 * * FRI", "62h")


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-02-27T17:59:59+01:00", None),
        ("2026-02-27T18:00:00+01:00", "2026-03-02T08:00:00+01:00"),
        ("2026-03-02T07:59:59.999+01:00", "2026-03-02T08:00:00+01:00"),
        ("2026-03-02T08:00:00+01:00", None),
        # The clock goes forward in the night before Sunday the 29th: 62 hours end at nine, not at eight.
        ("2026-03-30T08:30:00+02:00", "2026-03-30T09:00:00+02:00"),
        ("2026-03-30T09:00:00+02:00", None),
        # It goes back in the night before Sunday the 25th of October.
        ("2026-10-26T06:59:59+01:00", "2026-10-26T07:00:00+01:00"),
        ("2026-10-26T07:00:00+01:00", None),
    ],
)
def test_a_weekend_lasts_its_hours_whatever_the_clock_does_meanwhile(at: str, until: str | None) -> None:
    window = WEEKEND.window(in_utc(at))

    assert (window and window.until) == (until and in_utc(until))


NIGHTLY = recurring("30 2 * * *", "20m")


@pytest.mark.parametrize(
    ("at", "held"),
    [
        # Half past two does not exist on 29 March: the window begins at three.
        ("2026-03-29T03:00:00+02:00", True),
        ("2026-03-29T03:19:59+02:00", True),
        ("2026-03-29T03:20:00+02:00", False),
        ("2026-03-29T01:59:59+01:00", False),
        # It exists twice on 25 October: the window is the first of them.
        ("2026-10-25T02:30:00+02:00", True),
        ("2026-10-25T02:50:00+02:00", False),
        ("2026-10-25T02:30:00+01:00", False),
        ("2026-10-25T02:10:00+01:00", False),
    ],
)
def test_an_hour_that_the_clock_skips_or_repeats_has_one_window(at: str, held: bool) -> None:  # noqa: FBT001 -- a table
    assert (NIGHTLY.window(in_utc(at)) is not None) is held


def test_a_window_that_began_in_the_first_of_two_equal_hours_goes_on_through_the_second() -> None:
    long = recurring("30 2 * * *", "2h")

    window = long.window(in_utc("2026-10-25T02:10:00+01:00"))

    assert window is not None
    assert window.until == in_utc("2026-10-25T03:30:00+01:00")


def test_windows_that_touch_or_overlap_are_one() -> None:
    holidays = recurring("0 0 20-31 12 *", "24h", "UTC")
    overlapping = recurring("0 0 1-3 * *", "30h", "UTC")

    ends = [
        each.window(in_utc(at)) for each, at in [(holidays, "2026-12-24T10:00Z"), (overlapping, "2026-12-01T01:00Z")]
    ]

    assert [window and window.until for window in ends] == [in_utc("2027-01-01T00:00Z"), in_utc("2026-12-04T06:00Z")]


def test_windows_that_run_into_each_other_for_ever_have_no_end() -> None:
    always = recurring("0 * * * *", "90m", "UTC")

    found = frost_among([pull_request(1)], ALONE, rules(freezes=(always,)), NOON).held

    assert [(reason.message, reason.until) for reason in found[1]] == [
        ("frozen with no end in sight by the freeze launch: the launch", None)
    ]
    assert always.runs_into_itself(NOON)
    assert not WEEKEND.runs_into_itself(NOON)


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
HOURS = st.integers(0, 23).map(str) | st.just("*")
DAYS = st.sampled_from(["* * *", "* * FRI", "1 * *", "* 3,10 SUN", "25-31 10 *"])
CRONS = st.builds(lambda minute, hour, days: f"{minute} {hour} {days}", st.integers(0, 59), HOURS, DAYS)


@settings(max_examples=20, deadline=None)
@given(
    CRONS,
    ZONES,
    st.integers(1, 72),
    st.integers(0, 366 * 24 * 4).map(lambda quarters: timedelta(minutes=15 * quarters)),
)
def test_a_window_lasts_until_the_moment_that_it_names_and_not_longer(
    cron: str, zone: str, hours: int, after: timedelta
) -> None:
    each, at = recurring(cron, f"{hours}h", zone), NOON + after
    window = each.window(at)

    if window is not None and window.until is not None:
        assert at < window.until
        assert each.window(window.until - timedelta(seconds=1)) == window
        assert each.window(window.until) is None
