from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.explanation.answer import answer, conditions
from tasks.domain.reasons import SEVERITY, TABLE, ReasonCode

CODES = [code.value for code in ReasonCode]


def document(*reasons: dict[str, Any], waiting: tuple[int, ...] = ()) -> dict[str, Any]:
    entry = {"title": "t", "author": "bob", "url": "u", "head": "a" * 40, "outcome": "held", "reasons": list(reasons)}
    return {
        "repository": "acme/web",
        "team": "web",
        "target": "main",
        "run": "r",
        "judged_at": "2026-03-02T12:00:00Z",
        "policy": "sha256:1",
        "waiting": list(waiting),
        "until_landed": {"n": 0, "p50": None, "p90": None},
        "pull_requests": {"7": {**entry, "gates": []}},
    }


def reason(code: str, message: str = "m") -> dict[str, Any]:
    return {"code": code, "message": message, "actor": None, "since": None, "until": None}


@given(st.lists(st.sampled_from(CODES), min_size=1))
def test_the_most_severe_condition_comes_first_and_none_is_lost(codes: list[str]) -> None:
    told = conditions(reason(code) for code in codes)
    outcomes = [SEVERITY.index(TABLE[ReasonCode(str(each["code"]))].outcome) for each in told]

    assert outcomes == sorted(outcomes)
    assert sorted(str(each["code"]) for each in told) == sorted(codes)


@pytest.mark.parametrize("code", CODES)
def test_every_condition_names_who_can_change_it_and_what_to_do(code: str) -> None:
    (told,) = conditions([reason(code)])

    assert told["who"]
    assert told["step"]


def test_a_code_of_another_version_is_told_and_not_crashed_on() -> None:
    (told,) = conditions([reason("from-the-future", "something new")])

    assert (told["code"], told["message"], told["outcome"]) == ("from-the-future", "something new", "failed")


def test_what_is_not_planned_would_stand_behind_all_that_are() -> None:
    found = answer(document(reason("approvals-missing"), waiting=(3, 5)), 7)

    assert found is not None
    assert found["queue"] == {
        "planned": False,
        "position": 3,
        "waiting": 2,
        "ready": False,
        "until_landed": {"n": 0, "p50": None, "p90": None},
    }


def test_what_only_the_stage_keeps_is_ready_where_it_stands() -> None:
    found = answer(document(reason("stage-gate"), waiting=(3, 7)), 7)

    assert found is not None
    assert isinstance(found["queue"], dict)
    assert (found["queue"]["position"], found["queue"]["ready"]) == (2, True)


def test_of_what_the_last_run_did_not_see_it_has_no_answer() -> None:
    assert answer(document(reason("draft")), 8) is None
