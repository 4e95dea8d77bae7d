"""The judge itself: it says what lex-pr was recorded to say, or should have said."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tests.domain.lex_pr.peer import (
    CycleError,
    DuplicateItemError,
    PeerPlan,
    UnknownDependencyError,
    cases,
    complaints,
    demanded,
    merge_levels,
    written,
)

SCHEMA = [case for case in cases("plan_schema") if "raw_text" not in (case["input"] or {})]
ACCEPTED = [case for case in SCHEMA if "plan" in demanded(case)]
COMPLAINED = [case for case in SCHEMA if "errors" in demanded(case)]
UNPARSED = [case for case in cases("plan_schema") if "raw_text" in (case["input"] or {})]
ORDERED = [case for case in cases("merge_order") if "levels" in demanded(case)]
FAILED = [case for case in cases("merge_order") if "message" in demanded(case)]


def name(case: dict[str, Any]) -> str:
    return str(case["id"])


@pytest.mark.parametrize("case", ACCEPTED, ids=name)
def test_a_plan_is_read_with_its_defaults(case: dict[str, Any]) -> None:
    assert written(PeerPlan.model_validate(case["input"])) == demanded(case)["plan"]


@pytest.mark.parametrize("case", COMPLAINED, ids=name)
def test_a_plan_is_refused_where_the_recording_says(case: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refusal:
        PeerPlan.model_validate(case["input"])

    assert complaints(refusal.value) == [(error["path"], error["code"]) for error in demanded(case)["errors"]]


@pytest.mark.parametrize("case", UNPARSED, ids=name)
def test_a_plan_that_is_no_plan_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises((ValidationError, json.JSONDecodeError)):
        PeerPlan.model_validate(json.loads(case["input"]["raw_text"]))


def test_an_unknown_container_key_is_refused() -> None:
    (case,) = [case for case in SCHEMA if demanded(case) == {"error": "unknown container key"}]

    with pytest.raises(ValidationError, match="Extra inputs"):
        PeerPlan.model_validate(case["input"])


@pytest.mark.parametrize("group", ["plan_schema", "merge_order"])
def test_duplicate_items_have_no_order(group: str) -> None:
    (case,) = [case for case in cases(group) if demanded(case).get("error") == "duplicate item name"]

    with pytest.raises(DuplicateItemError):
        merge_levels(PeerPlan.model_validate(case["input"]))


@pytest.mark.parametrize("case", ORDERED, ids=name)
def test_levels_are_those_recorded(case: dict[str, Any]) -> None:
    assert merge_levels(PeerPlan.model_validate(case["input"])) == demanded(case)["levels"]


@pytest.mark.parametrize("case", FAILED, ids=name)
def test_a_plan_without_an_order_is_refused_as_recorded(case: dict[str, Any]) -> None:
    with pytest.raises((CycleError, UnknownDependencyError)) as refusal:
        merge_levels(PeerPlan.model_validate(case["input"]))

    assert (type(refusal.value).__name__, str(refusal.value)) == (demanded(case)["error"], demanded(case)["message"])
