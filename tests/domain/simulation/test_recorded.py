from dataclasses import replace

import pytest

from config.schema import MergeMethod
from tasks.domain.audit import Event
from tasks.domain.gates import Verdict
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha
from tasks.domain.reasons import Outcome, Reason, ReasonCode
from tasks.domain.records import Refused
from tasks.domain.search import Culprit
from tasks.domain.simulation.comparison import Parameters, UnusableParameters
from tasks.domain.simulation.recorded import Recorded, as_recorded, recorded_load
from tests.domain.builders import ENVIRONMENT, candidate, gate, gate_result, pull_request, recorder, red, taken, tree

UNIT, E2E = gate("unit"), gate("e2e")
LOAD = Recorded(count=57, bad=0.1, flake=0.02, interaction=0.001, seconds=90.0, spread=0.4, arrivals=1.5)


def at(event: Event, minute: int) -> Event:
    return event.model_copy(update={"time": f"2026-03-02T12:{minute:02}:00Z"})


def seen(number: int, minute: int) -> Event:
    waits = Reason(ReasonCode.APPROVALS_MISSING, "0 of 1 approvals", None)
    return at(recorder().change_evaluated(pull_request(number), Outcome.HELD, [waits], None), minute)


def ran(*members: int, seconds: float, by: str = "unit", verdict: Verdict = Verdict.PASSED) -> Event:
    result = replace(gate_result(by, verdict), seconds=seconds)
    return taken(recorder().gate_finished(candidate(*members), gate(by), ENVIRONMENT, result))


def landed(number: int) -> list[Event]:
    pull = pull_request(number)
    intent = recorder().merge_intent(pull, candidate(number), MergeMethod.MERGE, {})
    there = Landed(number, CommitSha("c" * 40), tree(number), tree(number), MergeMethod.MERGE)
    return [at(intent, 5), at(recorder().merge_completed(intent, there), 5)]


def refused(number: int, code: ReasonCode = ReasonCode.GATE_FAILED) -> Event:
    pull = pull_request(number)
    reason = Reason(code, "gate unit failed", pull.author)
    refusal = Refused(UNIT, gate_result("unit", Verdict.FAILED), ENVIRONMENT, reason)
    return at(recorder().gate_refused(pull, Culprit(number, (), red(number)), refusal, ()), 5)


def test_a_load_is_who_was_judged_how_many_were_refused_and_how_fast_they_came() -> None:
    events = [
        *(seen(number, minute) for number, minute in [(1, 0), (2, 10), (3, 20), (4, 30)]),
        ran(1, seconds=30),
        ran(1, seconds=60, by="e2e"),
        ran(1, 2, seconds=60),
        ran(2, seconds=60, verdict=Verdict.FAILED),
        ran(2, seconds=60),
        *landed(1),
        *landed(3),
        *landed(4),
        refused(2),
    ]
    found = recorded_load("acme/web", events, 10)

    assert (found.count, found.bad, found.seconds, found.spread) == (4, 0.25, 60.0, 0.0)
    assert found.flake == pytest.approx(1 / 4)
    assert found.arrivals == pytest.approx(3 * 60 / 1800)


def test_who_was_refused_for_an_interaction_is_not_bad_but_half_of_a_pair_that_clashes() -> None:
    events = [ran(1, seconds=60), *landed(1), *landed(2), refused(3, ReasonCode.INTERACTION)]
    found = recorded_load("acme/web", events, 10)

    assert found.bad == 0
    assert found.interaction == pytest.approx(1 / 6)


def test_pull_requests_that_all_came_at_once_have_no_rate() -> None:
    assert recorded_load("acme/web", [seen(1, 5), seen(2, 5), ran(1, seconds=60), *landed(1)], 10).arrivals is None


@pytest.mark.parametrize("events", [[], [seen(1, 0)], [ran(1, seconds=60)]], ids=["nothing", "only seen", "only run"])
def test_where_gates_have_judged_nobody_there_is_no_load(events: list[Event]) -> None:
    with pytest.raises(UnusableParameters, match="acme/web"):
        recorded_load("acme/web", events, 10)


def test_what_is_given_goes_before_what_is_on_record() -> None:
    asked = Parameters(bad=0.2, slots=5, repetitions=3)
    taken_over = as_recorded(asked, "acme/web", LOAD, frozenset({"bad"}))

    assert (taken_over.bad, taken_over.slots, taken_over.repetitions, taken_over.recorded) == (0.2, 5, 3, "acme/web")
    assert (taken_over.count, taken_over.flake, taken_over.interaction) == (57, 0.02, 0.001)
    assert (taken_over.spread, taken_over.arrivals) == (0.4, 1.5)
