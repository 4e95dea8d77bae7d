import string
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.dependencies import printable
from tasks.domain.not_before import read_not_before, reasons_of_time
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import NOON, pull_request


def until(body: str) -> str:
    found = read_not_before(body)
    return f"{found.until:%Y-%m-%d %H:%M:%S%z}" if found.until else ", ".join(found.unreadable)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Not-before: 2026-12-01T09:00+01:00", "2026-12-01 08:00:00+0000"),
        ("Not-before: 2026-12-01T09:00:30Z", "2026-12-01 09:00:30+0000"),
        ("not before: 2026-12-01 09:00z", "2026-12-01 09:00:00+0000"),
        ("Merge-After: 2026-12-01T09:00:00.5-08:00", "2026-12-01 17:00:00+0000"),
        ("- **Merge-after**: `2026-12-01`", "2026-12-01 00:00:00+0000"),
        ("Merge-After: 2026-12-01[Europe/Paris]", "2026-11-30 23:00:00+0000"),
        ("Merge-After: 2026-07-01T14:00[Europe/Paris]", "2026-07-01 12:00:00+0000"),
        ("Not-before: 2026-12-01\r\nMerge-after: 2026-12-24\nNot-before: 2026-12-02", "2026-12-24 00:00:00+0000"),
    ],
)
def test_moments_are_read_as_people_write_them(body: str, expected: str) -> None:
    assert until(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Not-before:",
        "Not-before: none",
        "Merge-after: N/A",
        "<!-- Not-before: 2026-12-01 -->",
        "<!--\nNot-before: soon\n-->",
        "```\nNot-before: 2026-12-01\n```",
        "It does not matter; not before: is a word.",
        "> Not-before: 2026-12-01",
    ],
)
def test_what_is_hidden_or_says_nothing_holds_nothing(body: str) -> None:
    assert until(body) == ""


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "2026-12-01T09:00",
        "2026-02-30",
        "2026-13-01T00:00Z",
        "2026-12-01T25:00Z",
        "2026-12-01T09:00+1",
        "2026-12-01T09:00[Mars/Olympus]",
        "2026-12-01[../../etc/passwd]",
        "2026-12-01[Europe]",
        "2026-12-01 (release)",
        "01/12/2026",
        "9999-12-31T23:59-14:00",
        "0001-01-01T00:00+14:00",
        "20261201",
        "\u0662026-12-01",
    ],
)
def test_what_cannot_be_read_is_kept_and_holds(text: str) -> None:
    (reason,) = reasons_of_time(pull_request(body=f"Not-before: {text}"), NOON)

    assert (reason.code, reason.actor, reason.until) == (ReasonCode.NOT_BEFORE, "alice", None)
    assert text in reason.message


def test_a_comment_that_never_ends_hides_nothing() -> None:
    assert until("<!-- Not-before: 2020-01-01\nNot-before: 2026-12-01") == "2026-12-01 00:00:00+0000"


def test_it_may_land_at_the_very_moment_and_not_a_second_before() -> None:
    pull = pull_request(body="Not-before: 2026-03-02T12:00Z")

    assert reasons_of_time(pull, NOON) == ()
    (reason,) = reasons_of_time(pull, NOON - timedelta(seconds=1))
    assert (reason.message, reason.until) == ("is not to land before 2026-03-02T12:00:00Z", NOON)


def test_one_unreadable_line_holds_however_many_moments_have_passed() -> None:
    pull = pull_request(body="Not-before: 2020-01-01\nNot-before: 2020-99-01")

    assert [reason.until for reason in reasons_of_time(pull, NOON)] == [None]


@settings(max_examples=30)
@given(
    st.datetimes(min_value=datetime(1980, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 -- an offset follows
    st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters)),
)
def test_every_moment_is_read_as_it_was_written(local: datetime, offset: timedelta) -> None:
    moment = local.replace(microsecond=0, tzinfo=UTC).astimezone(UTC) - offset
    sign, minutes = "-" if offset < timedelta() else "+", abs(offset) // timedelta(minutes=1)
    written = f"{local:%Y-%m-%dT%H:%M:%S}{sign}{minutes // 60:02}:{minutes % 60:02}"

    assert read_not_before(f"Not-before: {written}").until == moment


PIECES = st.sampled_from(
    ["Not-before:", "Merge-after: ", "2026-12-01", "T09:00Z", "[", "]", "`", "*", "\n", "<!--", "\x00"]
)


@settings(max_examples=30)
@given(st.lists(PIECES | st.text(string.printable, max_size=4), max_size=30))
def test_any_text_is_read_to_something_that_can_be_recorded(pieces: list[str]) -> None:
    found = read_not_before("".join(pieces))

    assert all(text == printable(text) for text in found.unreadable)
    assert all(reason.message.isprintable() for reason in reasons_of_time(pull_request(body="".join(pieces)), NOON))


@settings(max_examples=10, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=4).map("".join))
def test_any_repetition_is_read_in_linear_time(piece: str) -> None:
    body = piece * (60_000 // len(piece))
    start = time.process_time()

    read_not_before(body)

    assert time.process_time() - start < 1
