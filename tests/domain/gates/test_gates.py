from typing import Any

import pytest

from config.schema import Network
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.gates import Candidate, GateResult, Verdict, definition_digest, steps_of
from tests.domain.builders import BASE, evaluation, gate, gate_result, sha, tree

OTHER_THAN_PASSED = [verdict for verdict in Verdict if verdict is not Verdict.PASSED]


def test_a_candidate_on_which_every_required_gate_passed_is_green() -> None:
    assert evaluation(1, results=(gate_result("unit"), gate_result("e2e"))).green


@pytest.mark.parametrize("verdict", OTHER_THAN_PASSED)
def test_a_candidate_on_which_a_required_gate_did_not_pass_is_not_green(verdict: Verdict) -> None:
    found = evaluation(1, results=(gate_result("unit"), gate_result("e2e", verdict)))

    assert not found.green
    assert [result.gate for result in found.blame] == ["e2e"]


@pytest.mark.parametrize("verdict", OTHER_THAN_PASSED)
def test_an_optional_gate_blames_nobody(verdict: Verdict) -> None:
    found = evaluation(1, results=(gate_result("unit"), gate_result("docs", verdict, required=False)))

    assert (found.green, found.blame) == (True, ())


@pytest.mark.parametrize("results", [(), (gate_result("docs", required=False),)])
def test_a_candidate_without_any_required_gate_is_not_green(results: Any) -> None:
    assert not evaluation(1, results=results).green


def said(unit: Verdict, e2e: Verdict) -> tuple[GateResult, ...]:
    return (gate_result("unit", unit), gate_result("e2e", e2e))


PASSED, FAILED, SKIPPED = Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED


def test_of_what_was_asked_again_the_latest_answer_counts_and_of_the_rest_the_one_that_there_is() -> None:
    found = evaluation(1, results=said(FAILED, PASSED)).asked_again([gate_result("unit")])

    assert (found.green, found.results) == (True, said(PASSED, PASSED))


def test_a_gate_that_is_first_heard_when_another_one_is_asked_again_may_be_asked_again_itself() -> None:
    once = {"unit": 1, "e2e": 1}
    first = evaluation(1, results=said(FAILED, SKIPPED))
    second = first.asked_again(said(PASSED, FAILED))
    third = second.asked_again([gate_result("e2e", FAILED)])

    assert [each.may_be_a_flake(once) for each in (first, second, third)] == [True, True, False]


def test_gates_that_stop_one_another_in_turns_are_asked_again_no_more_often_for_it() -> None:
    found, turns = evaluation(1, results=said(FAILED, SKIPPED)), [said(SKIPPED, FAILED), said(FAILED, SKIPPED)] * 3
    asked = 0
    while found.may_be_a_flake({"unit": 1, "e2e": 1}):
        found, asked = found.asked_again(turns[asked]), asked + 1

    assert asked == 2


def test_a_gate_that_may_not_be_asked_again_has_spoken_for_good() -> None:
    assert not evaluation(1, results=said(FAILED, FAILED)).may_be_a_flake({"unit": 5, "e2e": 0})
    assert not evaluation(1, results=said(FAILED, PASSED)).may_be_a_flake({})
    assert not evaluation(1).may_be_a_flake({"unit": 5})


def test_only_a_candidate_that_nothing_was_said_against_was_stopped() -> None:
    skipped, failed = (gate_result("e2e", verdict) for verdict in (Verdict.SKIPPED, Verdict.FAILED))

    assert evaluation(1, results=(gate_result("unit"), skipped)).stopped
    assert not evaluation(1, results=(failed, skipped)).stopped
    assert not evaluation(1).stopped


@pytest.mark.parametrize(
    "other",
    [
        gate("e2e"),
        gate(command="make check"),
        gate(timeout=601),
        gate(required=False),
        gate(environment="node 22"),
        gate().model_copy(update={"network": Network.NONE}),
    ],
    ids=str,
)
def test_a_gate_with_another_name_command_limit_necessity_environment_or_network_is_another_gate(other: Any) -> None:
    assert definition_digest(other) != definition_digest(gate())


def test_a_gate_whose_passes_are_kept_for_another_time_is_the_same_gate() -> None:
    assert definition_digest(gate().model_copy(update={"cache": "never"})) == definition_digest(gate())


def test_a_gate_that_names_no_environment_is_the_gate_that_it_was_before_one_could_be_named() -> None:
    was = {"name": "unit", "command": "make test", "timeout": 600, "required": True}

    assert definition_digest(gate()) == digest_of(canonical_json(was))


def test_a_gate_whose_tools_are_called_otherwise_is_another_gate() -> None:
    assert definition_digest(gate(environment="node 22")) != definition_digest(gate(environment="node 24"))


def test_each_member_of_a_candidate_takes_a_step_and_nobody_does_where_the_line_is_another() -> None:
    line = (BASE, sha(1), sha(2), sha(3))
    made = Candidate((7, 8, 9), BASE, sha(3), tree(1), (2, 0, 1))

    assert steps_of(made, line) == {7: (BASE, sha(2)), 8: (sha(2), sha(2)), 9: (sha(2), sha(3))}
    assert steps_of(made, line[:3]) == {}
    assert steps_of(Candidate((7, 8, 9), BASE, sha(3), tree(1), (2, 1)), line) == {}
