import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.dependencies import (
    MAXIMUM_QUOTE,
    MAXIMUM_REFERENCES,
    MAXIMUM_UNREADABLE,
    Declared,
    parse,
    printable,
)
from tasks.domain.model import RepositoryName
from tests.domain.builders import REPOSITORY


def read(body: str) -> Declared:
    return parse(body, REPOSITORY)


def named(body: str) -> list[str]:
    return [str(one.reference).removeprefix(REPOSITORY) for one in read(body).references]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Depends-on: https://github.com/acme/web/pull/12", ["#12"]),
        ("Depends-on: http://127.0.0.1:8080/acme/api/pull/7/files", ["acme/api#7"]),
        ("Depends-on: [the schema](https://github.com/acme/api/pull/7)", ["acme/api#7"]),
        ("Depends-on: https://github.com/acme/web/issues/12?a=1", ["#12"]),
        ("Depends-on: api#7", ["acme/api#7"]),
        ("Depends-on: .github#7", ["acme/.github#7"]),
        ("Depends-on: ACME/Web#12, WEB#13", ["#12", "#13"]),
        ("Depends-on: #12 and #13 (the schema)", ["#12", "#13"]),
        ("Depends-on: **#12**; `#13`", ["#12", "#13"]),
        ("- Depends-on: #12", ["#12"]),
        ("- **Blocked by**: #12", ["#12"]),
        ("Depends-on: #12, #12, PR-12", ["#12"]),
        ("Depends-on: #2147483647", ["#2147483647"]),
        ("Depends-on:\n\n* [ ] #12\n* [x] acme/api#7\n\n* #13", ["#12", "acme/api#7"]),
        ("Depends-on:\n#12", ["#12"]),
        ("Depends-on:\nDepends-on: #12", ["#12"]),
        ("Depends-on:\n- Depends-on: #12\n- #13", ["#12"]),
        ("Depends-on:\n\nSome words about #12", []),
        ("Depends-on:\n\n- [ ] I tested it, see #12", []),
        ("prefixes: #12", []),
        ("> Depends-on: #12", []),
    ],
)
def test_references_are_read_as_people_write_them(body: str, expected: list[str]) -> None:
    assert (named(body), read(body).unreadable) == (expected, ())


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Depends-on: c#", ("c#",)),
        ("Depends-on: #", ("#",)),
        ("Depends-on: the other one", ("the other one",)),
        ("Depends-on: 12", ("12",)),
        ("Depends-on: PR 12", ("PR 12",)),
        ("Depends-on: ＃12", ("＃12",)),  # noqa: RUF001  # a full-width sign is the case
        ("Depends-on: #0", ("#0",)),
        ("Depends-on: #2147483648", ("#2147483648",)),
        ("Depends-on: PR-99999999999", ("PR-99999999999",)),
        ("Depends-on: #12abc", ("#12abc",)),
        ("Depends-on: #12#13", ("#12#13",)),
        ("Depends-on: acme/..#12", ("acme/..#12",)),
        (
            "Depends-on: https://gitlab.example/acme/api/-/merge_requests/7",
            ("https://gitlab.example/acme/api/-/merge_requests/7",),
        ),
        ("Depends-on: https://github.com/acme/api/pull/latest", ("https://github.com/acme/api/pull/latest",)),
        ("Depends-on:\n- the other one\n- a third", ("the other one", "a third")),
        ("Depends-on: c#, c#", ("c#",)),
        ("Depends-on: a\x1b[2J\u202eb", ("a[2Jb",)),
    ],
)
def test_what_cannot_be_read_does_not_vanish(body: str, expected: tuple[str, ...]) -> None:
    assert (named(body), read(body).unreadable) == ([], expected)


def test_what_can_be_read_does_not_hide_what_cannot() -> None:
    declared = read("Depends-on: #12, the other one\nDepends-on: #13 c#")

    assert [one.reference.number for one in declared.references] == [12, 13]
    assert declared.unreadable == ("the other one", "c#")


@pytest.mark.parametrize("value", ["", "   ", "none", "None.", "_none_", "N/A", "-", "(nothing)", ","])
def test_a_template_left_empty_declares_nothing(value: str) -> None:
    assert read(f"Depends-on: {value}") == Declared((), (), 0)


@pytest.mark.parametrize(
    "body",
    [
        "<!-- Depends-on: #999 -->",
        "<!--\nDepends-on: #999\n-->",
        "<!-->\nDepends-on: #12\n<!--\nDepends-on: #999 -->",
        "Depends-on: <!-- #999 --> #12",
        "<!-- one --> <!-- two\nDepends-on: #999\n--> <!-- three\nDepends-on: #999 -->\nDepends-on: #12",
        "```\nDepends-on: #999\n```\nDepends-on: #12",
        "~~~~ text\nDepends-on: #999\n~~~\nDepends-on: #999\n~~~~\nDepends-on: #12",
        "```\nDepends-on: #999\n``` text\nDepends-on: #999\n```\nDepends-on: #12",
        "```\n<!--\n```\nDepends-on: #12\n-->",
        "<!--\n```\n-->\nDepends-on: #12\n```",
    ],
)
def test_examples_are_no_declarations(body: str) -> None:
    assert "#999" not in named(body)
    assert ("#12" in named(body)) == ("#12" in body)


@pytest.mark.parametrize(
    "opening", ["<!--", "```", "~~~", "The marker `<!--` begins one,", "````\n```", "``` not `a` fence"]
)
def test_what_never_ends_hides_nothing(opening: str) -> None:
    assert named(f"{opening}\nDepends-on: #12") == ["#12"]


def test_a_comment_in_prose_ends_on_its_line() -> None:
    assert named("The markers `<!--`\nDepends-on: #12\nand `-->`") == ["#12"]


def test_a_closing_keyword_is_told_apart() -> None:
    declared = read("Closes: #1\nThis **Fixes:** #2, the typo\nResolves: the rest\nDepends-on: #1\nFixes: #1")

    assert {one.reference.number: one.closing for one in declared.references} == {1: False, 2: True}
    assert declared.unreadable == ()


def test_no_more_references_are_considered_than_may_be_asked_for() -> None:
    declared = read("Depends-on: " + ", ".join(f"#{number}" for number in range(1, MAXIMUM_REFERENCES + 6)))

    assert (len(declared.references), declared.surplus) == (MAXIMUM_REFERENCES, 5)


def test_no_more_is_quoted_than_a_record_can_hold() -> None:
    declared = read("\n".join(f"Depends-on: number {number}" for number in range(MAXIMUM_UNREADABLE + 7)))

    assert (len(declared.unreadable), declared.surplus) == (MAXIMUM_UNREADABLE, 7)


def test_a_quotation_is_cut_to_one_line_of_plain_text() -> None:
    quotation = printable("a\n" * 500)

    assert quotation == "a" * (MAXIMUM_QUOTE - 1) + "…"


MARKS = "# #1 1 , - * ** ` ``` ~~~ <!-- --> < ( [x] / . Depends-on: Requires: Closes: PR- api#2 https:// a.b/c/d/pull/3"
PIECES = st.sampled_from([*MARKS.split(), " ", "* ", "\n", "\r\n", "\t", "\u2028", "\x00"])


@settings(max_examples=80)
@given(st.lists(PIECES | st.text(string.printable, max_size=4), max_size=30))
def test_any_text_is_read_to_something_that_can_be_recorded(pieces: list[str]) -> None:
    declared = read("".join(pieces))

    assert all(0 < one.reference.number < 2**31 for one in declared.references)
    assert all(text == printable(text) for text in declared.unreadable)
    assert len({one.reference for one in declared.references}) == len(declared.references)


@pytest.mark.long
@settings(max_examples=60)
@given(
    st.lists(st.integers(min_value=1, max_value=50), min_size=1, unique=True),
    st.sampled_from([", ", " ", "\nRequires: "]),
)
def test_whatever_is_written_is_found_in_the_order_of_writing(numbers: list[int], separator: str) -> None:
    body = "Depends-on: " + separator.join(f"#{number}" for number in numbers)

    assert [one.reference.number for one in parse(body, RepositoryName("acme/api")).references] == numbers


HOSTILE = [
    *("#", "#1,", "Depends-on: #", "Depends-on:\n", "Depends-on:\n\n- x\n", "- Depends-on:\n", "- x Closes:\n"),
    *(
        "<!--",
        "<!--\n",
        "<!---->",
        "-->\n",
        "```\n",
        "```\n<!--\n",
        "<!--\n~~~\n",
        "~~~ x\n",
        "`",
        " ",
        "- ",
        "*",
        "a/",
        "/pull/",
    ),
    *("Closes: ", "https://a/", "1", "\n", "\x00", "(", "."),
]
PATIENCE = 1.0
"""Seconds. Reading is linear and takes a hundredth of it; what is quadratic takes several times as long."""


def seconds_to_read(body: str) -> float:
    start = time.process_time()
    read(body)
    return time.process_time() - start


@pytest.mark.long
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hostile_body_is_read_in_linear_time(piece: str) -> None:
    repeated = piece * (30_000 // len(piece))

    assert seconds_to_read(f"{repeated}\nDepends-on: {repeated}") < PATIENCE


@settings(max_examples=10, deadline=None)
@given(st.lists(PIECES, min_size=2, max_size=4).map("".join))
def test_any_repetition_is_read_in_linear_time(piece: str) -> None:
    assert seconds_to_read(piece * (60_000 // len(piece))) < PATIENCE


def test_a_megabyte_is_read_as_well() -> None:
    assert seconds_to_read("Depends-on: " + "#" * 1_000_000) < PATIENCE


@pytest.mark.parametrize("body", ["Requires: Python 3.12", "Depends: on the weather", "Requires:\n- Node 20"])
def test_prose_after_requires_and_depends_declares_nothing(body: str) -> None:
    assert (named(body), read(body).unreadable) == ([], ())


def test_what_looks_like_a_reference_after_requires_does_not_vanish() -> None:
    assert read("Requires: Python 3.12 and #x").unreadable == ("#x",)
