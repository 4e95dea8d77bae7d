"""Whether the plan that waits is still what people were asked to sign."""

from dataclasses import replace

import pytest

from tasks.domain.frozen_plan import LARGEST, plan_to_sign, why_void
from tasks.domain.model import CommitSha
from tasks.domain.ordering import order_candidates
from tasks.domain.plan import make_plan
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.sign_off_records import asked_event, ledger_of, parse_asked, voided_event
from tests.domain.builders import gate, pull_request, recorder, snapshot, taken
from tests.domain.sign_off.signed import ONE, TWO, asked, rules

PLAN = asked()


def nobody(number: int, head: CommitSha) -> bool:
    return False


def test_it_is_the_same_while_nobody_moves_closes_or_leaves() -> None:
    later = snapshot(replace(ONE, title="Another title"), TWO, pull_request(9))

    assert why_void(PLAN, later, nobody, rules(), {}) is None


@pytest.mark.parametrize(
    ("there", "because"),
    [
        (snapshot(ONE), "#2 is not open any more"),
        (snapshot(ONE, pull_request(2, head="f" * 40)), "#2 moved from 0000000 to fffffff"),
        (snapshot(ONE, replace(TWO, body="Depends-on: #1")), "#2 depends on others by now"),
    ],
)
def test_it_is_void_once_a_member_closes_moves_or_depends_on_others(there: object, because: str) -> None:
    assert why_void(PLAN, there, nobody, rules(), {}) == because  # type: ignore[arg-type]  # made above


def test_a_member_leaves_by_what_lasts_and_not_by_what_passes() -> None:
    def held_by(code: ReasonCode) -> str | None:
        return why_void(PLAN, snapshot(ONE, TWO), nobody, rules(), {2: (Reason(code, "so it is"),)})

    assert held_by(ReasonCode.FROZEN) is None
    assert held_by(ReasonCode.GATE_FAILED) == "#2 left: so it is"


def test_other_gates_make_it_void() -> None:
    others = replace(rules(), gates=(gate(command="make more tests"),))

    assert why_void(PLAN, snapshot(ONE, TWO), nobody, others, {}) is not None


def test_what_has_landed_of_it_has_not_left() -> None:
    assert why_void(PLAN, snapshot(TWO), lambda number, _: number == 1, rules(), {}) is None


def test_people_are_asked_about_so_many_at_a_time_and_the_rest_is_left_over() -> None:
    pulls = [pull_request(number) for number in range(1, LARGEST + 3)]
    numbers = frozenset(pull.number for pull in pulls)
    plan = make_plan(rules(), snapshot(*pulls), order_candidates(snapshot(*pulls), numbers), {})
    chosen = plan_to_sign(plan, numbers)

    assert chosen is not None
    assert (len(chosen.plan.members), chosen.left_over) == (LARGEST, (LARGEST + 1, LARGEST + 2))


def test_what_is_asked_for_is_read_back_as_it_was() -> None:
    read = parse_asked(taken(asked_event(recorder(), PLAN, "please sign")))

    assert replace(read, since=PLAN.since, event="") == PLAN


def test_the_log_knows_the_last_plan_that_is_not_void_and_how_often_one_was() -> None:
    event = taken(asked_event(recorder(), PLAN, "please sign"))
    voided = voided_event(recorder(), PLAN, "#2 moved")

    assert [each.plan for each in ledger_of([event]).asked.values()] == [PLAN.plan]
    assert (ledger_of([event, voided]).asked, ledger_of([event, voided]).turn_of(PLAN.plan)) == ({}, 1)
    assert asked_event(recorder(), replace(PLAN, turn=1), "please sign").id != event.id
