from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.explanation.answer import State, blank, conditions
from tasks.domain.explanation.words import STATUS_LENGTH, needs, page, span, status_line
from tasks.domain.reasons import ReasonCode

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CODES = [code.value for code in ReasonCode]


def held(*messages: str, code: str = "approvals-missing") -> dict[str, Any]:
    reasons = [{"code": code, "message": message, "actor": None, "since": None} for message in messages]
    return {**blank("acme/web", 7, State.HELD), "unmet": list(conditions(reasons))}


@given(st.lists(st.tuples(st.sampled_from(CODES), st.text(max_size=300)), min_size=1, max_size=9))
def test_a_status_is_one_line_of_at_most_140_characters(told: list[tuple[str, str]]) -> None:
    reasons = [{"code": code, "message": message, "actor": None} for code, message in told]
    line = status_line({**blank("acme/web", 7, State.HELD), "unmet": list(conditions(reasons))})

    assert len(line) <= STATUS_LENGTH
    assert line.isprintable()


def test_a_status_tells_the_most_severe_condition_and_how_many_there_are_beside_it() -> None:
    reasons = [
        {"code": "approvals-missing", "message": "0 of 1 approvals"},
        {"code": "gate-failed", "message": "gate tests failed"},
        {"code": "draft", "message": "it is a draft"},
    ]
    found = {**blank("acme/web", 7, State.REFUSED), "unmet": list(conditions(reasons))}

    assert status_line(found) == "Refused: gate tests failed (+2 more)"


def test_what_is_cut_keeps_the_number_of_the_others() -> None:
    assert status_line(held("x" * 300, "y")).endswith("… (+1 more)")


def test_three_answers_to_not_in_the_queue_read_differently() -> None:
    said = {
        state: status_line(blank("acme/web", 7, state) | {"said": f"because {state.value}"})
        for state in (State.LEFT, State.NEVER_SEEN, State.UNKNOWN)
    }

    assert len(set(said.values())) == len(said)


def test_who_has_to_do_something_is_named_once() -> None:
    found = held("a", "b", code="draft")

    assert needs(found) == "Needs 2 things, of its author."


def test_what_nothing_would_keep_is_gated_next() -> None:
    assert needs(blank("acme/web", 7, State.HELD)) == "Nothing would keep it: the next run gates it."


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_799, "47 h"), (172_800, "2 d")],
)
def test_a_span_is_told_in_the_largest_unit_of_which_there_are_two(seconds: int, said: str) -> None:
    assert span(seconds) == said


def test_a_page_shows_what_strangers_wrote_as_text() -> None:
    told = page(held("<script>alert(1)</script> | [x](https://evil.example) @everybody"), NOW)

    assert "<script>" not in told
    assert "](https://" not in told
    assert " @everybody" not in told
    assert {line.count(" | ") for line in told.splitlines() if line.startswith("| ")} == {3}
