from dataclasses import replace
from datetime import timedelta
from typing import Any

from tasks.domain.explanation.answer import answer
from tasks.domain.explanation.record import repository_record
from tasks.domain.journey import GateRun, Journey
from tasks.domain.memory import Memory
from tasks.domain.ordering import order_candidates
from tasks.domain.outset import Known, begin
from tasks.domain.plan import make_plan
from tasks.domain.reasons import Reason, ReasonCode
from tests.domain.builders import NOON, candidate, gate_result, pull_request, rules, sha, snapshot

STALE = Reason(ReasonCode.APPROVAL_STALE, "bob approved 67b9f2b", "bob")
MISSING = Reason(ReasonCode.APPROVALS_MISSING, "0 of 2 independent approvals")


def journey(*reasons: Reason, head: int = 2) -> Journey:
    """#2 is kept from landing by `reasons`."""
    world = snapshot(pull_request(2, head=sha(head)))
    plan = make_plan(rules(), world, order_candidates(world, []), {})
    known = Known(Memory(), {2: reasons}, {}, {})
    return begin(world, rules(), order_candidates(world, []), plan, known)


def kept(made: Journey, before: dict[str, Any] | None = None, *, minutes: int = 0) -> dict[str, Any]:
    return repository_record(made, before, run="a-run", began=NOON, now=NOON + timedelta(minutes=minutes))


def since(document: dict[str, Any]) -> list[str]:
    return [reason["since"] for reason in document["pull_requests"]["2"]["reasons"]]


def test_a_condition_is_as_old_as_the_first_run_that_found_it_whatever_is_pushed() -> None:
    first = kept(journey(STALE))
    second = kept(journey(STALE, MISSING, head=3), first, minutes=5)

    assert since(first) == ["2026-03-02T12:00:00Z"]
    assert since(second) == ["2026-03-02T12:00:00Z", "2026-03-02T12:05:00Z"]


def test_of_two_conditions_with_one_code_each_keeps_its_own_age() -> None:
    other = replace(STALE, message="carol approved 67b9f2b", actor="carol")
    first = kept(journey(STALE))
    second = kept(journey(STALE, other), first, minutes=5)
    third = kept(journey(other), second, minutes=9)

    assert since(third) == ["2026-03-02T12:05:00Z"]


def test_a_condition_that_was_met_meanwhile_is_new_again() -> None:
    first = kept(journey(STALE))
    second = kept(journey(MISSING), first, minutes=5)

    assert since(kept(journey(STALE), second, minutes=9)) == ["2026-03-02T12:09:00Z"]


def test_what_cannot_be_read_of_the_last_run_makes_every_condition_new() -> None:
    garbage: list[dict[str, Any]] = [{}, {"pull_requests": []}, {"pull_requests": {"2": {"reasons": "many"}}}]

    assert [since(kept(journey(STALE), each)) for each in garbage] == [["2026-03-02T12:00:00Z"]] * 3


def test_who_was_gated_is_told_the_last_answer_of_each_gate_and_with_whom() -> None:
    red, green = gate_result(exit_code=1), gate_result(exit_code=0, seconds=1.25)
    gated = replace(journey(STALE), runs=(GateRun(candidate(2), red), GateRun(candidate(2), green, ahead=(1,))))
    (told,) = kept(gated)["pull_requests"]["2"]["gates"]

    assert (told["verdict"], told["seconds"], told["with"]) == ("passed", 1.25, [1])


def test_how_long_landings_took_is_told_only_where_there_are_enough() -> None:
    few, some = ({"landings": [60] * count} for count in (4, 5))
    many = {"landings": list(range(1, 101))}

    assert kept(journey(STALE), few)["until_landed"] == {"n": 4, "p50": None, "p90": None}
    assert kept(journey(STALE), some)["until_landed"] == {"n": 5, "p50": 60, "p90": None}
    assert kept(journey(STALE), many)["until_landed"] == {"n": 100, "p50": 50, "p90": 90}


def test_what_a_run_keeps_answers_for_each_pull_request_that_it_saw_open() -> None:
    found = answer(kept(journey(STALE, MISSING)), 2)

    assert found is not None
    assert isinstance(found["unmet"], list)
    assert [each["code"] for each in found["unmet"] if isinstance(each, dict)] == [
        "approvals-missing",
        "approval-stale",
    ]
