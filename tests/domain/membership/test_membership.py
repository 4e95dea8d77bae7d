import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.dependencies import printable
from tasks.domain.membership import ALONE, MAXIMUM_NAME, Membership, membership


@pytest.mark.parametrize(
    "body",
    [
        "Change-set: pay-1.2_x",
        "change set:pay-1.2_x",
        "- **Change-set:** `pay-1.2_x`",
        "Text\r\n  Change-set:\tpay-1.2_x  \r\nmore",
        "Change-set:\npay-1.2_x",
        "Change-set:\n- `pay-1.2_x`",
        "Change-set: pay-1.2_x\nChange-set: pay-1.2_x",
        "<!-- Change-set: other -->\nChange-set: pay-1.2_x",
        "```\nChange-set: other\n```\nChange-set: pay-1.2_x",
    ],
)
def test_a_name_is_read_as_people_write_it(body: str) -> None:
    assert membership(body) == Membership("pay-1.2_x")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Change-set:",
        "Change-set: none",
        "Change-set: -",
        "Change-set:\nDepends-on: #12",
        "Change-set:\n\npay-1",
        "> Change-set: quoted",
        "The line Change-set: NAME makes a member",
        "<!-- Change-set: x -->",
        "~~~\nChange-set: x\n~~~",
    ],
)
def test_what_names_no_set_makes_no_member(body: str) -> None:
    assert membership(body) == ALONE


@pytest.mark.parametrize(
    "value", ["two words", "pay/1", "é", "a" * (MAXIMUM_NAME + 1), "x, y", "#12", "x\x1b[2J", "\u202ex"]
)
def test_a_name_that_cannot_be_one_is_told_and_does_not_vanish(value: str) -> None:
    read = membership(f"Change-set: {value}")

    assert read.name is None
    assert read.problem == f"names the change set “{printable(value)}”, which cannot be one"


def test_who_names_two_sets_is_told_both() -> None:
    assert membership("Change-set: b\nChange-set: a").problem == "names 2 change sets: a, b"


def test_names_that_differ_in_case_are_one_set() -> None:
    read = membership("Change-set: Pay\nChange-set: PAY")

    assert (read.name, read.key, read.problem) == ("Pay", "pay", None)


def test_what_never_ends_hides_nothing() -> None:
    assert membership("<!--\nChange-set: x").name == "x"


PIECES = st.sampled_from(["Change-set: ", "change set:", "a", "`", "*", "- ", "\n", "<!--", "-->", "```", "\x00", " "])


@settings(max_examples=80)
@given(st.lists(PIECES | st.text(string.printable, max_size=4), max_size=30))
def test_any_text_is_read_to_something_that_can_be_recorded(pieces: list[str]) -> None:
    read = membership("".join(pieces))

    assert read.name is None or (0 < len(read.name) <= MAXIMUM_NAME and read.problem is None)
    assert read.problem is None or read.problem == printable(read.problem, 1_000)


@settings(max_examples=10, deadline=None)
@given(st.lists(PIECES, min_size=2, max_size=4).map("".join))
def test_any_repetition_is_read_in_linear_time(piece: str) -> None:
    start = time.process_time()
    membership(piece * (60_000 // len(piece)))

    assert time.process_time() - start < 1.0
