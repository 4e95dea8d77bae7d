from collections.abc import Iterable
from dataclasses import replace

import pytest

from tasks.domain.gate_memory import GateMemory, Refusal
from tasks.domain.gates import GateProof, Phase, Verdict, definition_digest
from tasks.domain.journey import Batch, GateRun, Journey
from tasks.domain.lineup import line_up, remembered_failure, signs_of
from tasks.domain.memory import Memory
from tasks.domain.model import HeadStatus, PullRequest, StatusState
from tasks.domain.odds import Judged, Sign
from tasks.domain.ordering import order_candidates
from tasks.domain.outset import Known, begin
from tasks.domain.plan import ConflictFound, make_plan
from tasks.domain.remembered import RefusalRecord
from tasks.domain.rules import Rules
from tasks.domain.search import Line
from tests.domain.builders import (
    ENVIRONMENT,
    NOON,
    candidate,
    evaluation,
    gate,
    gate_result,
    pull_request,
    red,
    rules,
    sha,
    snapshot,
    tree,
)

GOOD = (HeadStatus("ci", StatusState.SUCCESS),)


def journey(*pulls: PullRequest, memory: Memory | None = None, by: Rules | None = None) -> Journey:
    world, chosen = snapshot(*pulls), by or rules()
    ordered = order_candidates(world, [pull.number for pull in pulls])
    return begin(world, chosen, ordered, make_plan(chosen, world, ordered, {}), Known(memory or Memory(), {}, {}, {}))


def batch(*members: int, conflicts: Iterable[int] = ()) -> Batch:
    found = {number: ConflictFound(number, members[0], ()) for number in conflicts}
    return Batch(candidate(), tuple(candidate(*members[: at + 1]) for at in range(len(members))), found)


def line(started: Journey, *members: int, conflicts: Iterable[int] = ()) -> Line:
    return line_up(started, batch(*members, conflicts=conflicts), base_green=True)


THREE = [pull_request(1), pull_request(2, body="Depends-on: #1"), pull_request(3)]


def refused(number: int, head: str, code: str = "gate-failed") -> RefusalRecord:
    return RefusalRecord(
        number=number,
        head=sha(int(head)),
        gate="unit",
        definition=definition_digest(gate()),
        environment=ENVIRONMENT,
        context=(),
        retry=None,
        code=code,
        message="no",
    )


def test_everybody_who_is_open_is_in_the_line_in_landing_order() -> None:
    found = line(journey(*THREE), 1, 2)

    assert (found.order, found.batch, found.cap) == ((1, 2, 3), (1, 2), 10)
    assert found.needs == {1: frozenset(), 2: frozenset({1}), 3: frozenset()}


def test_whoever_conflicts_is_not_in_the_line() -> None:
    assert line(journey(*THREE), 1, 2, conflicts=[3]).order == (1, 2)


def test_what_was_judged_in_this_very_run_changes_the_odds() -> None:
    started = journey(*THREE)
    later = replace(started, judged=(Judged(Sign.NONE, bad=True),) * 5)

    assert line(later, 1).bad[1] > line(started, 1).bad[1] == 0.05


def test_a_pull_request_of_which_others_say_that_it_is_good_is_suspected_of_nothing_but_its_company() -> None:
    started = journey(pull_request(1, statuses=GOOD), pull_request(2))

    assert line(started, 1, 2).suspected == {1}


@pytest.mark.parametrize(
    "memory",
    [Memory(gates=GateMemory(flakes=1)), Memory(refusals=(refused(9, "9", "interaction"),))],
    ids=["a flake", "an interaction"],
)
def test_where_there_was_one_before_any_failure_may_be_nobodys_own(memory: Memory) -> None:
    assert line(journey(*THREE, memory=memory), 1, 2).suspected == {1, 2}


def test_a_pull_request_of_which_an_earlier_head_was_refused_bears_the_sign_of_it() -> None:
    started = journey(*THREE, memory=Memory(refusals=(refused(1, "99"), refused(2, "2"))))

    assert signs_of(started, THREE) == {1: Sign.REFUSED_BEFORE, 2: Sign.NONE, 3: Sign.NONE}


def test_what_was_red_in_this_run_on_another_base_is_doubted_until_it_is_green() -> None:
    elsewhere = candidate(1, 3, base="e" * 40)
    run = GateRun(elsewhere, gate_result(verdict=Verdict.FAILED))
    was_red = replace(journey(*THREE), runs=(run,), evaluations={tree(1, 3): red(1, 3)})
    is_green = replace(was_red, evaluations={tree(1, 3): evaluation(1, 3)})

    assert line(was_red, 1, 2, 3).doubted == {frozenset({1, 3})}
    assert line(is_green, 1, 2, 3).doubted == frozenset()


def test_what_was_red_on_this_base_or_after_landing_is_not_doubted_but_known() -> None:
    here = GateRun(candidate(1, 3), gate_result(verdict=Verdict.FAILED))
    landed = GateRun(candidate(1, base="e" * 40), gate_result(verdict=Verdict.FAILED), phase=Phase.POST_LANDING)
    started = replace(journey(*THREE), runs=(here, landed), evaluations={tree(1, 3): red(1, 3)})

    assert line(started, 1, 2, 3).doubted == frozenset()


def test_a_tree_on_which_a_required_gate_is_on_record_as_failed_is_red() -> None:
    by = rules(gates=(gate("unit"), gate("e2e"), gate("docs", required=False)))
    failure = Refusal(gate_result("e2e", Verdict.FAILED, cached=True), NOON)
    failures: dict[GateProof, Refusal] = {(tree(1), definition_digest(by.gates[1]), ENVIRONMENT, ()): failure}
    started = journey(*THREE, memory=Memory(gates=GateMemory(failures=failures)), by=by)

    found = remembered_failure(started, candidate(1), ENVIRONMENT, NOON)

    assert found is not None
    assert [(result.gate, result.verdict) for result in found.results] == [
        ("unit", Verdict.SKIPPED),
        ("e2e", Verdict.FAILED),
        ("docs", Verdict.SKIPPED),
    ]
    assert (found.green, found.stopped, found.refusals) == (False, False, {})
    assert remembered_failure(started, candidate(2), ENVIRONMENT, NOON) is None


def test_a_tree_on_which_somebody_was_refused_is_not_asked_about_again() -> None:
    failure = Refusal(gate_result("unit", Verdict.FAILED, cached=True), NOON)
    gates = GateMemory(failures={(tree(1), definition_digest(gate()), ENVIRONMENT, ()): failure})
    again = Memory(gates=gates, refusals=(replace(refused(1, "99"), tree=tree(1)),))
    elsewhere = Memory(gates=gates, refusals=(replace(refused(1, "99"), tree=tree(2)),))

    asked = [
        found.may_be_a_flake({"unit": 1})
        for memory in (again, elsewhere)
        if (found := remembered_failure(journey(*THREE, memory=memory), candidate(1), ENVIRONMENT, NOON))
    ]

    assert asked == [False, True]
