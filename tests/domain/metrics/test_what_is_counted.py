from dataclasses import replace
from datetime import timedelta

from tasks.domain.checks.judgement import Violated
from tasks.domain.gates import Verdict
from tasks.domain.metrics import GateRow, LandingRow, OpenRow, facts_of
from tasks.domain.reasons import Reason, ReasonCode
from tests.domain.builders import NOON, REPOSITORY
from tests.domain.chronicle import APPROVED, Chronicle, Story, held

VIOLATED = replace(APPROVED, judgement=Violated("0 of 1 approvals", (Reason(ReasonCode.APPROVALS_MISSING, "0 of 1"),)))


def story() -> tuple[Chronicle, Story]:
    log = Chronicle()
    return log, Story(log)


def test_merge_time_runs_from_opening_to_the_record_of_the_landing() -> None:
    log, told = story()
    told.lands(7, opened=NOON - timedelta(hours=2))
    took = (log.now - NOON).total_seconds() / 3600 + 2

    facts = facts_of(log.events, since=None, until=None)

    assert facts.landings == (LandingRow("platform", REPOSITORY, 7, took, compliant=True),)


def test_a_landing_without_a_decision_on_record_is_not_compliant() -> None:
    log, told = story()
    told.lands(7, findings=None)

    assert [row.compliant for row in facts_of(log.events, since=None, until=None).landings] == [False]


def test_a_landing_against_a_blocking_rule_is_not_compliant() -> None:
    log, told = story()
    told.lands(7, findings=(VIOLATED,))

    assert [row.compliant for row in facts_of(log.events, since=None, until=None).landings] == [False]


def test_a_landing_for_which_no_rule_was_judged_is_not_compliant() -> None:
    log, told = story()
    told.lands(7, findings=())

    assert [row.compliant for row in facts_of(log.events, since=None, until=None).landings] == [False]


def test_every_execution_of_a_gate_is_an_attempt() -> None:
    log, told = story()
    told.runs_gate(1, verdict=Verdict.FAILED, seconds=2.5)

    assert facts_of(log.events, since=None, until=None).gates == (
        GateRow("platform", REPOSITORY, "unit", "failed", 2.5),
    )


def test_what_was_held_and_then_landed_is_open_no_more() -> None:
    log, told = story()
    told.stops(7, held())
    told.stops(8, held())
    told.lands(7)

    assert facts_of(log.events, since=None, until=None).open == (OpenRow("platform", REPOSITORY, 8, "held"),)


def test_a_window_holds_its_first_moment_and_not_its_last() -> None:
    log, told = story()
    told.runs_gate(1, name="first")
    told.runs_gate(1, name="second")
    told.runs_gate(1, name="third")

    inside = facts_of(log.events, since=NOON + timedelta(minutes=2), until=NOON + timedelta(minutes=3))

    assert [row.gate for row in inside.gates] == ["second"]


def test_nothing_comes_of_an_empty_log() -> None:
    assert facts_of([], since=None, until=None).landings == ()


def test_a_landing_that_does_not_say_when_it_was_opened_counts_without_a_merge_time() -> None:
    log, told = story()
    told.lands(7)
    landing = log.events[-1]
    log.events[-1] = landing.model_copy(update={"data": {**landing.data, "opened_at": None}})

    assert [row.hours for row in facts_of(log.events, since=None, until=None).landings] == [None]
