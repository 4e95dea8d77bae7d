from collections.abc import Sequence
from datetime import timedelta

import pytest

from config.schema import Gate
from tasks.domain.audit import Event
from tasks.domain.gate_memory import LATEST_TIMES, GateLedger, GateMemory
from tasks.domain.gates import Verdict
from tests.domain.builders import ENVIRONMENT, NOON, candidate, gate, gate_result, recorder, taken, tree

UNIT = gate("unit")


def finished(verdict: Verdict, *members: int, seconds: float = 1.5, by: Gate = UNIT) -> Event:
    result = gate_result(by.name, verdict, exit_code=None if verdict is Verdict.TIMED_OUT else 3, seconds=seconds)
    return taken(recorder().gate_finished(candidate(*members), by, ENVIRONMENT, result))


def remembered(events: Sequence[Event]) -> GateMemory:
    ledger = GateLedger()
    for event in events:
        ledger.take(event)
    return ledger.memory


PASSED, FAILED, TIMED_OUT, ERRORED = Verdict.PASSED, Verdict.FAILED, Verdict.TIMED_OUT, Verdict.ERRORED


@pytest.mark.parametrize("verdict", [FAILED, TIMED_OUT])
def test_what_a_gate_said_no_to_is_known_with_what_it_said(verdict: Verdict) -> None:
    found = remembered([finished(verdict, 1)]).failure(UNIT, tree(1), ENVIRONMENT, NOON)

    assert found is not None
    assert (found.verdict, found.cached, found.seconds) == (verdict, True, 1.5)
    assert found.log == gate_result().log


def test_what_passed_later_on_the_same_tree_did_not_fail() -> None:
    memory = remembered([finished(FAILED, 1), finished(PASSED, 1)])

    assert memory.failure(UNIT, tree(1), ENVIRONMENT, NOON) is None
    assert (memory.flakes, memory.flake_rate) == (1, 1.0)


def test_what_passed_before_it_failed_on_the_same_tree_was_a_flake_as_well() -> None:
    memory = remembered([finished(PASSED, 1), finished(FAILED, 1)])

    assert memory.failure(UNIT, tree(1), ENVIRONMENT, NOON) is None
    assert memory.flakes == 1


def test_a_failure_is_known_of_its_own_tree_gate_and_environment_only() -> None:
    memory = remembered([finished(FAILED, 1)])

    assert memory.failure(UNIT, tree(2), ENVIRONMENT, NOON) is None
    assert memory.failure(gate("unit", "make check"), tree(1), ENVIRONMENT, NOON) is None
    assert memory.failure(UNIT, tree(1), gate_result().log or ENVIRONMENT, NOON) is None


@pytest.mark.parametrize(("cache", "age", "known"), [("1h", 59, True), ("1h", 60, False), ("never", 0, False)])
def test_a_failure_holds_as_long_as_a_pass_would(*, cache: str, age: int, known: bool) -> None:
    lasting = gate("unit", cache=cache)
    found = remembered([finished(FAILED, 1)]).failure(lasting, tree(1), ENVIRONMENT, NOON + timedelta(minutes=age))

    assert (found is not None) == known


def test_a_gate_that_came_to_no_answer_is_not_remembered() -> None:
    assert remembered([finished(ERRORED, 1), finished(Verdict.SKIPPED, 2)]) == GateMemory()


def test_of_the_gates_that_answered_the_flakes_are_a_share() -> None:
    memory = remembered([finished(PASSED, 1), finished(FAILED, 2), finished(PASSED, 2), finished(FAILED, 3)])

    assert memory.flake_rate == pytest.approx(1 / 3)


def test_where_no_gate_answered_nothing_is_flaky() -> None:
    assert GateMemory().flake_rate == 0


def test_what_a_gate_usually_takes_is_the_median_of_the_latest_answers() -> None:
    slow = [finished(PASSED, at, seconds=100) for at in range(5)]
    quick = [finished(PASSED, 10 + at, seconds=2) for at in range(LATEST_TIMES)]

    assert remembered([*slow, *quick]).usual_seconds(UNIT) == 2
    assert remembered([*slow, *quick[:4]]).usual_seconds(UNIT) == 100
    assert remembered(slow).usual_seconds(gate("other")) is None
