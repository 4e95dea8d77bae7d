"""
Our reading of bodies and of graphs against the recorded cases of lex-pr.

What lex-pr also reads from bodies (gates to skip or to require, priority, labels) is not read here at all: who writes
a pull request does not choose what it is tested by.
"""

from typing import Any

import pytest

from tasks.domain.dependencies import parse, read_notation
from tasks.domain.model import Reference, RelatedState, RepositoryName
from tasks.domain.ordering import Ordered, order_candidates, references_to_resolve
from tasks.domain.reasons import ReasonCode
from tests.domain.builders import REPOSITORY, pull_request, snapshot
from tests.domain.lex_pr.peer import cases, demanded

HERE = RepositoryName("this-owner/this-repository")
ACYCLIC = [case for case in cases("merge_order") if "levels" in demanded(case)]
CYCLIC = [case for case in cases("merge_order") if "cycle_members_exact" in demanded(case)]


def name(case: dict[str, Any]) -> str:
    return str(case["id"])


def noted(reference: Reference) -> str:
    """As lex-pr writes it in a body of `HERE`."""
    owner, _, repository = reference.repository.partition("/")
    if reference.repository == HERE:
        return f"#{reference.number}"
    return f"{repository}#{reference.number}" if HERE.startswith(f"{owner}/") else str(reference)


def normalized(text: str, repository: str | None) -> str:
    notation = read_notation(text)
    return text if notation is None else f"{notation.repository or repository or ''}#{notation.number}"


@pytest.mark.parametrize("case", cases("dependency_parse"), ids=name)
def test_a_body_declares_the_recorded_dependencies(case: dict[str, Any]) -> None:
    declared = parse(case["input"]["body"] or "", HERE)

    assert sorted(noted(one.reference) for one in declared.references) == demanded(case)["dependencies"]


@pytest.mark.parametrize("case", cases("dependency_ref_valid"), ids=name)
def test_a_reference_is_valid_as_recorded(case: dict[str, Any]) -> None:
    assert (read_notation(case["input"]) is not None) == demanded(case)


@pytest.mark.parametrize("case", cases("dependency_ref_normalize"), ids=name)
def test_a_reference_is_normalized_as_recorded(case: dict[str, Any]) -> None:
    assert normalized(case["input"]["ref"], case["input"]["repository"]) == demanded(case)


def ordered_as(needs: dict[int, list[str]]) -> Ordered:
    """What comes of these pull requests when they are all there is, and all else that they name is merged."""
    opened = [pull_request(number, body=f"Depends-on: {', '.join(named)}") for number, named in needs.items()]
    merged = dict.fromkeys(references_to_resolve(snapshot(*opened)), RelatedState.MERGED)
    return order_candidates(snapshot(*opened, related=merged), needs)


def numbered(plan: dict[str, Any]) -> tuple[dict[str, int], Ordered]:
    """A recorded plan, its items being pull requests that are numbered as they come."""
    numbers = {item["name"]: number for number, item in enumerate(plan["items"], start=1)}
    needs = {numbers[item["name"]]: [f"#{numbers[needed]}" for needed in item["deps"]] for item in plan["items"]}
    return numbers, ordered_as(needs)


def refused_for_a_cycle(ordered: Ordered) -> set[int]:
    codes = {number: {reason.code for reason in reasons} for number, reasons in ordered.reasons.items()}
    return {number for number, found in codes.items() if ReasonCode.DEPENDENCY_CYCLE in found}


@pytest.mark.parametrize("case", ACYCLIC, ids=name)
def test_a_recorded_graph_is_put_in_an_order_that_respects_its_levels(case: dict[str, Any]) -> None:
    numbers, ordered = numbered(case["input"])
    positions = {one.number: position for position, one in enumerate(ordered.order)}
    edges = [(numbers[item["name"]], numbers[needed]) for item in case["input"]["items"] for needed in item["deps"]]

    assert positions.keys() == set(numbers.values())
    assert all(positions[number] > positions[needed] for number, needed in edges)


@pytest.mark.parametrize("case", CYCLIC, ids=name)
def test_exactly_the_recorded_members_of_a_cycle_are_refused(case: dict[str, Any]) -> None:
    numbers, ordered = numbered(case["input"])

    assert refused_for_a_cycle(ordered) == {numbers[item] for item in demanded(case)["cycle_members_exact"]}


@pytest.mark.parametrize("case", cases("dependency_cycle_validation"), ids=name)
def test_cycles_are_found_where_the_recording_has_them(case: dict[str, Any]) -> None:
    ordered = ordered_as({int(one["prId"].removeprefix("PR-")): one["dependencies"] for one in case["input"]})
    wanted = demanded(case)

    found = {f"PR-{number}" for number in refused_for_a_cycle(ordered)}

    assert bool(found) == (wanted != "ok")
    assert wanted == "ok" or found >= set(wanted.get("cycle_members", {"PR-1"}))
    assert "cycle_members" not in wanted or found == set(wanted["cycle_members"])


@pytest.mark.parametrize(
    "line", ["Skip: unit", "Required: nothing", "Required-gates: $(rm -rf /)", "Priority: high", "Labels: urgent"]
)
def test_a_body_says_nothing_but_dependencies(line: str) -> None:
    assert parse(line, REPOSITORY) == parse("", REPOSITORY)
