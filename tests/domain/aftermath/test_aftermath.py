from dataclasses import replace

import pytest

from config.schema import MergeMethod, PostLandingGate
from tasks.domain.aftermath import Aftermath, rollbacks_owed, untested_landings
from tasks.domain.audit import Event
from tasks.domain.gates import Phase, Verdict
from tasks.domain.journey import GateRun
from tasks.domain.land import Landed
from tasks.domain.model import RelatedState
from tasks.domain.ordering import order_candidates
from tasks.domain.post_landing import Answer, finished, incidents
from tasks.domain.reasons import Outcome, Reason, ReasonCode
from tasks.domain.rollback import RollbackOrder, RolledBack, landings_in
from tasks.domain.rollback_records import rollback_completed
from tasks.domain.rules import Rules
from tests.domain.builders import (
    ENVIRONMENT,
    candidate,
    commit,
    gate_result,
    pull_request,
    recorder,
    reference,
    rules,
    sha,
    snapshot,
    tree,
)
from tests.domain.journey.test_journey import STRANGE, after, batch, chain, codes, journey, landing_of, numbers
from tests.domain.rollback.test_rollback import landed

SMOKE, PROBE = (PostLandingGate(name=name, command=f"make {name}") for name in ("smoke", "probe"))
GATES = ("smoke", "probe")


def wary(*gates: PostLandingGate, rolls_back: bool = True) -> Rules:
    return replace(rules(), post_landing=gates or (SMOKE, PROBE), rolls_back=rolls_back)


def answered(events: list[Event], verdict: Verdict, *gates: PostLandingGate, rollback: bool = True) -> list[Event]:
    """The last landing, with what all of `gates` said of it."""
    (*_, landing) = landings_in(events)
    result = gate_result("smoke", verdict, exit_code=1)
    answers = [Answer(gate, (replace(result, gate=gate.name),) * 2) for gate in gates or (SMOKE, PROBE)]
    told = [finished(recorder(), landing, ENVIRONMENT, answer) for answer in answers]
    return [*events, *told, *incidents(recorder(), landing, answers, (), rollback=rollback)]


def rolled_back(events: list[Event], *members: int) -> list[Event]:
    (*_, landing) = landings_in(events)
    done = RolledBack(RollbackOrder(landing, members or landing.numbers, "incident", "it failed"), sha(950), (sha(1),))
    return [*events, *rollback_completed(recorder(), done)]


def to_test(events: list[Event], by: Rules | None = None) -> list[tuple[tuple[int, ...], list[str]]]:
    return [
        (untested.landing.numbers, [gate.name for gate in untested.gates])
        for untested in untested_landings(events, by or wary())
    ]


def owed(events: list[Event], by: Rules | None = None) -> list[tuple[int, ...]]:
    return [order.members for order in rollbacks_owed(events, by or wary())]


def test_a_landing_without_its_answers_is_found_the_oldest_first() -> None:
    events = [*landed(1, 2, gates=GATES), *landed(3, gates=GATES)]

    assert to_test(events) == [((1, 2), ["smoke", "probe"]), ((3,), ["smoke", "probe"])]


def test_a_landing_that_expects_no_gates_is_not_looked_at() -> None:
    assert to_test(landed(1)) == []


def test_a_gate_that_is_not_configured_any_more_is_not_asked() -> None:
    assert to_test(landed(1, gates=GATES), wary(PROBE)) == [((1,), ["probe"])]


def test_a_gate_that_came_later_is_not_asked_about_what_landed_before() -> None:
    assert to_test(landed(1, gates=["smoke"])) == [((1,), ["smoke"])]


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.FAILED, Verdict.TIMED_OUT])
def test_an_answer_is_had_once(verdict: Verdict) -> None:
    assert to_test(answered(landed(1, gates=GATES), verdict)) == []


def test_a_gate_without_an_answer_is_asked_again_until_something_else_lands() -> None:
    events = answered(landed(1, gates=GATES), Verdict.ERRORED)

    assert to_test(events) == [((1,), ["smoke", "probe"])]
    assert to_test([*events, *landed(2)]) == []


def test_what_was_taken_back_is_not_looked_at() -> None:
    assert to_test(rolled_back(landed(1, 2, gates=GATES))) == []
    assert to_test(rolled_back(landed(1, 2, gates=GATES), 1)) != []


def differing(*, rollback: bool = True) -> list[Event]:
    intent = recorder().merge_intent(pull_request(1), candidate(1), MergeMethod.MERGE, {"post_landing": ["smoke"]})
    arrived = Landed(1, sha(900), tree(99), tree(1), MergeMethod.MERGE)
    return [intent, recorder().tree_differs(intent, arrived, "landed as another tree", rollback=rollback)]


def test_what_is_not_the_gated_tree_is_an_incident_already_and_is_not_tested() -> None:
    assert to_test(differing()) == []


def test_a_landing_that_failed_is_owed_its_rollback_until_it_is_done() -> None:
    events = answered(landed(1, 2, gates=GATES), Verdict.FAILED)

    assert owed(events) == [(1, 2)]
    assert owed(rolled_back(events, 2)) == [(1,)]
    assert owed(rolled_back(events)) == []


def test_a_landing_of_another_tree_is_owed_its_rollback() -> None:
    assert owed(differing()) == [(1,)]
    assert owed(differing(rollback=False)) == []


def test_of_several_the_newest_is_taken_back_first() -> None:
    first = answered(landed(1, gates=GATES), Verdict.FAILED)
    both = answered([*first, *landed(2, gates=GATES)], Verdict.FAILED)

    assert owed(both) == [(2,), (1,)]


@pytest.mark.parametrize(
    ("verdict", "rollback"), [(Verdict.FAILED, False), (Verdict.ERRORED, True), (Verdict.PASSED, True)]
)
def test_nothing_else_is_owed_a_rollback(verdict: Verdict, *, rollback: bool) -> None:
    assert owed(answered(landed(1, gates=GATES), verdict, rollback=rollback)) == []


def test_a_team_that_rolls_back_no_more_takes_nothing_back() -> None:
    assert owed(answered(landed(1, gates=GATES), Verdict.FAILED), wary(rolls_back=False)) == []


def test_a_reason_is_told_with_what_is_owed() -> None:
    (order,) = rollbacks_owed(answered(landed(1, gates=["smoke"]), Verdict.FAILED, SMOKE), wary())

    assert order.because == "gate smoke failed with exit status 1"


def test_a_rollback_moves_the_branch_that_plans_are_made_on() -> None:
    seen, done = snapshot(), RolledBack(RollbackOrder(landings_in(landed(1))[0], (1,), "i", "b"), sha(950), ())

    assert Aftermath().seen_in(seen) == seen
    assert Aftermath(rolled_back=(done,)).seen_in(seen).base == sha(950)


def taken_back(*numbers: int) -> Aftermath:
    """They had landed together, and were alone in that."""
    (landing,) = landings_in(landed(*numbers))
    return Aftermath(rolled_back=(RolledBack(RollbackOrder(landing, numbers, "i", "it failed"), sha(950), (sha(1),)),))


def test_what_was_taken_back_has_failed_and_holds_what_depends_on_it() -> None:
    at = taken_back(1).added_to(after(journey((2, 1), (3, 2)), batch(1), (landing_of(1),)))

    assert codes(at) == {
        1: [ReasonCode.ROLLED_BACK],
        2: [ReasonCode.DEPENDENCY_ROLLED_BACK],
        3: [ReasonCode.DEPENDENCY_HELD],
    }
    assert (at.outcome(1), at.base, numbers(at.open)) == (Outcome.FAILED, sha(950), [4])


def test_the_next_run_says_the_same_of_what_depends_on_it() -> None:
    at = taken_back(1).added_to(after(journey((2, 1), (3, 2)), batch(1), (landing_of(1),)))
    later = snapshot(*chain((2, 1), (3, 2))[1:], related={reference(1): RelatedState.ROLLED_BACK})

    assert order_candidates(later, {2, 3, 4}).reasons == {number: at.reasons[number] for number in (2, 3)}


def test_what_holds_the_commits_of_what_was_taken_back_would_bring_them_again() -> None:
    stacked = pull_request(2, commits=(commit("alice", sha=sha(1)), commit("bob")))
    reopened = pull_request(1, head=sha(77), commits=(commit("alice", sha=sha(1)), commit("alice")))
    world = replace(snapshot(stacked, reopened), taken_back={sha(1): 1})

    found = order_candidates(world, {1, 2})

    assert found.reasons == {
        2: (Reason(ReasonCode.DEPENDENCY_ROLLED_BACK, "holds the commits of #1, which was rolled back", "alice"),)
    }


def test_what_waits_for_two_is_told_of_the_one_that_was_taken_back_and_the_one_that_is_held() -> None:
    start = journey((3, 1), (3, 2), reasons={2: (STRANGE,)})
    at = taken_back(1).added_to(after(start, batch(1), (landing_of(1),))).concluded(batch())

    assert codes(at)[3] == [ReasonCode.DEPENDENCY_ROLLED_BACK, ReasonCode.DEPENDENCY_HELD]


def test_gate_runs_after_a_landing_are_told_as_such() -> None:
    run = GateRun(candidate(1), gate_result("smoke"), phase=Phase.POST_LANDING)

    assert run.phase == "post-landing"
