import pytest

from tasks.domain.gates import GateResult, Verdict
from tasks.domain.reasons import Outcome, ReasonCode
from tasks.domain.refusals import base_red_reason, reasons_for
from tasks.domain.search import BaseRed, Culprit
from tests.domain.builders import BASE, evaluation, gate_result

FAILED = gate_result("unit", Verdict.FAILED, exit_code=2)
TIMED_OUT = gate_result("e2e", Verdict.TIMED_OUT)
ERRORED = gate_result("lint", Verdict.ERRORED, exit_code=127)
SKIPPED = gate_result("scan", Verdict.SKIPPED)
PASSED = gate_result("types")
OPTIONAL = gate_result("docs", Verdict.FAILED, required=False)


@pytest.mark.parametrize(
    ("result", "code", "message"),
    [
        (FAILED, ReasonCode.GATE_FAILED, "gate unit failed with exit status 2"),
        (gate_result("unit", Verdict.FAILED), ReasonCode.GATE_FAILED, "gate unit failed"),
        (TIMED_OUT, ReasonCode.GATE_TIMED_OUT, "gate e2e exceeded its time limit"),
        (
            ERRORED,
            ReasonCode.GATE_ERRORED,
            "gate lint could not be run to an answer with exit status 127",
        ),
        (SKIPPED, ReasonCode.GATE_ERRORED, "gate scan could not be run to an answer"),
    ],
)
def test_a_culprit_is_told_which_gate_said_no_and_how(result: GateResult, code: ReasonCode, message: str) -> None:
    reasons = reasons_for(Culprit(1, (), evaluation(1, results=(PASSED, result, OPTIONAL))), "alice")

    assert [(reason.code, reason.message, reason.actor) for reason in reasons] == [(code, message, "alice")]


def test_a_culprit_is_told_of_every_gate_that_said_no() -> None:
    reasons = reasons_for(Culprit(1, (), evaluation(1, results=(FAILED, TIMED_OUT))), "alice")

    assert [reason.code for reason in reasons] == [ReasonCode.GATE_FAILED, ReasonCode.GATE_TIMED_OUT]


def test_a_gate_that_came_to_no_answer_is_not_mentioned_beside_one_that_said_no() -> None:
    reasons = reasons_for(Culprit(1, (), evaluation(1, results=(ERRORED, FAILED))), "alice")

    assert [reason.code for reason in reasons] == [ReasonCode.GATE_FAILED]


def test_a_culprit_of_an_interaction_is_told_in_whose_company_it_failed() -> None:
    reasons = reasons_for(Culprit(3, (1, 2), evaluation(1, 2, 3, results=(FAILED,))), "alice")

    assert reasons[0].message == "gate unit failed with exit status 2, merged after #1 #2"


def test_a_culprit_that_is_good_by_itself_is_told_so() -> None:
    culprit = Culprit(3, (1, 2), evaluation(1, 2, 3, results=(FAILED,)), good_alone=True)

    (reason,) = reasons_for(culprit, "alice")

    assert reason.code is ReasonCode.INTERACTION
    assert reason.message == "gate unit failed with exit status 2, merged after #1 #2, and passed without"


def test_of_a_red_base_the_gates_that_were_stopped_for_it_are_not_told() -> None:
    reason = base_red_reason(BaseRed(evaluation(results=(SKIPPED, FAILED))), "main")

    assert reason.message == f"main itself is red at {BASE[:7]}: unit failed with exit status 2"


def test_of_a_gate_that_came_to_no_answer_the_same_is_told_in_any_company() -> None:
    alone = reasons_for(Culprit(3, (), evaluation(3, results=(ERRORED,))), "alice")
    together = reasons_for(Culprit(3, (1, 2), evaluation(1, 2, 3, results=(ERRORED,))), "alice")

    assert together == alone


def test_a_gate_that_came_to_no_answer_refuses_nobody() -> None:
    assert evaluation(1, results=(ERRORED, SKIPPED, PASSED, OPTIONAL)).answers == ()


def test_a_red_base_is_told_with_every_gate_that_did_not_pass() -> None:
    reason = base_red_reason(BaseRed(evaluation(results=(FAILED, ERRORED, PASSED))), "main")

    assert reason.code is ReasonCode.BASE_RED
    assert reason.message == (
        f"main itself is red at {BASE[:7]}: unit failed with exit status 2, "
        "lint could not be run to an answer with exit status 127"
    )


def test_a_base_on_which_no_gate_came_to_an_answer_is_the_failure_of_the_world() -> None:
    reason = base_red_reason(BaseRed(evaluation(results=(SKIPPED, PASSED))), "main")

    assert reason.outcome is Outcome.FAILED
    assert reason.message == f"main itself could not be gated at {BASE[:7]}: scan could not be run to an answer"


def test_of_many_gates_that_are_red_on_the_base_ten_are_named() -> None:
    many = tuple(gate_result(f"g{number}", Verdict.FAILED) for number in range(12))

    assert base_red_reason(BaseRed(evaluation(results=many)), "main").message.endswith(
        "g8 failed, g9 failed and 2 more"
    )
