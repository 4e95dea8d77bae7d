from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from config.schema import Gate, MergeMethod
from tasks.domain.audit import Event, EventType
from tasks.domain.change_set_records import Announcement, Part, announced, broken, compensated, completed
from tasks.domain.gates import Verdict
from tasks.domain.land import Landed
from tasks.domain.memory import Memory, recall
from tasks.domain.model import CommitSha, Digest, PullRequest
from tasks.domain.plan import ConflictFound
from tasks.domain.reasons import Outcome, Reason, ReasonCode
from tasks.domain.records import Refused
from tasks.domain.search import Culprit
from tasks.domain.sign_off_records import asked_event
from tests.domain.builders import (
    BASE,
    ENVIRONMENT,
    NOON,
    REPOSITORY,
    candidate,
    gate,
    gate_result,
    pull_request,
    recorder,
    red,
    sha,
    taken,
    tree,
)
from tests.domain.sign_off.signed import asked

UNIT, E2E = gate("unit"), gate("e2e")
GATES = (UNIT, E2E, gate("docs", required=False))
ELSEWHERE = Digest("sha256:0")
PULL = pull_request(1)


def passed(*members: int, by: Gate = UNIT, verdict: Verdict = Verdict.PASSED) -> Event:
    return taken(recorder().gate_finished(candidate(*members), by, ENVIRONMENT, gate_result(by.name, verdict)))


def refused(pull: PullRequest = PULL, *context: PullRequest, by: Gate = UNIT) -> Event:
    reason = Reason(ReasonCode.GATE_FAILED, f"gate {by.name} failed", pull.author)
    refusal = Refused(by, gate_result(by.name, Verdict.FAILED), ENVIRONMENT, reason)
    numbers = tuple(one.number for one in context)
    return recorder().gate_refused(pull, Culprit(pull.number, numbers, red(*numbers, pull.number)), refusal, context)


def intent(pull: PullRequest = PULL, *members: int) -> Event:
    return recorder().merge_intent(pull, candidate(*(members or (pull.number,))), MergeMethod.MERGE, {})


def landed_as(pull: PullRequest) -> Landed:
    return Landed(pull.number, CommitSha("c" * 40), tree(pull.number), tree(pull.number), MergeMethod.MERGE)


def landed(pull: PullRequest = PULL) -> tuple[Event, Event]:
    announced = intent(pull)
    return announced, recorder().merge_completed(announced, landed_as(pull))


def conflicted(found: ConflictFound | None, pull: PullRequest = PULL) -> Event:
    told = Reason(ReasonCode.CONFLICT_AHEAD, "conflicts", "alice")
    return recorder().change_evaluated(pull, Outcome.HELD, [told], found)


def base_red(*, by: Gate = UNIT, retries: frozenset[str] = frozenset()) -> Event:
    return taken(recorder().base_red(red(), by, ENVIRONMENT, retries, "main itself is red"))


def told(
    events: Sequence[Event], pull: PullRequest = PULL, gates: Sequence[Gate] = GATES, environment: str = ENVIRONMENT
) -> list[str]:
    return [reason.message for reason in recall(events).refusal_of(pull, gates, Digest(environment))]


def test_a_pull_request_that_a_gate_refused_stays_refused() -> None:
    reasons = recall([refused()]).refusal_of(PULL, GATES, ENVIRONMENT)

    assert reasons == (Reason(ReasonCode.GATE_FAILED, "gate unit failed", "alice"),)


FORGOTTEN: dict[str, dict[str, Any]] = {
    "its head": {"pull": pull_request(1, head="f" * 40)},
    "its number": {"pull": replace(PULL, number=2)},
    "the command of the gate": {"gates": (gate("unit", "make check"), E2E)},
    "the gates, of which it is none any more": {"gates": (E2E,)},
    "the environment": {"environment": ELSEWHERE},
    "the label retry, which was set": {"pull": replace(PULL, retry_requested="L1")},
}


@pytest.mark.parametrize("change", FORGOTTEN.values(), ids=FORGOTTEN)
def test_a_refusal_is_forgotten_with(change: Mapping[str, Any]) -> None:
    assert told([refused()], **change) == []


def test_a_refusal_is_not_forgotten_with_how_long_the_passes_of_the_gate_are_kept() -> None:
    assert told([refused()], gates=(UNIT.model_copy(update={"cache": "never"}),)) == ["gate unit failed"]


def test_all_gates_that_refused_are_told_again_in_the_order_in_which_they_were_told() -> None:
    assert told([refused(by=UNIT), refused(by=E2E)]) == ["gate unit failed", "gate e2e failed"]


def test_of_several_attempts_only_the_last_is_told_again() -> None:
    again = replace(PULL, retry_requested="L1")

    assert told([refused(by=UNIT), refused(by=E2E), refused(again, by=E2E)], again) == ["gate e2e failed"]


def test_the_label_retry_asks_once_for_each_time_it_is_set() -> None:
    first, second = replace(PULL, retry_requested="L1"), replace(PULL, retry_requested="L2")
    events = [refused(), refused(first)]

    assert told(events, first) == ["gate unit failed"]
    assert told(events, second) == []


def test_taking_the_label_retry_off_asks_for_nothing() -> None:
    assert told([refused(replace(PULL, retry_requested="L1"))]) == ["gate unit failed"]


def test_a_refusal_in_company_holds_once_that_company_has_landed() -> None:
    company = pull_request(2)

    assert told([refused(PULL, company), *landed(company)]) == ["gate unit failed"]


@pytest.mark.parametrize("company", [(), landed(pull_request(2, head="f" * 40)), landed(pull_request(3))])
def test_a_refusal_in_company_that_has_not_landed_is_gated_again(company: tuple[Event, ...]) -> None:
    assert told([refused(PULL, pull_request(2)), *company]) == []


def test_a_tree_is_green_where_every_required_gate_is_on_record_as_passed() -> None:
    memory = recall([passed(1, by=UNIT), passed(1, by=E2E)])

    assert memory.proves_green(tree(1), GATES, ENVIRONMENT, NOON)


NOT_GREEN: dict[str, list[Event]] = {
    "one gate is missing": [passed(1, by=UNIT)],
    "one gate passed on another tree": [passed(1, by=UNIT), passed(1, 2, by=E2E)],
    "one gate failed": [passed(1, by=UNIT), passed(1, by=E2E, verdict=Verdict.FAILED)],
    "one gate was skipped": [passed(1, by=UNIT), passed(1, by=E2E, verdict=Verdict.SKIPPED)],
    "one gate was another one": [passed(1, by=UNIT), passed(1, by=gate("e2e", "true"))],
}


@pytest.mark.parametrize("events", NOT_GREEN.values(), ids=NOT_GREEN)
def test_a_tree_is_not_green_where(events: list[Event]) -> None:
    assert not recall(events).proves_green(tree(1), GATES, ENVIRONMENT, NOON)


def test_a_tree_is_not_green_elsewhere() -> None:
    memory = recall([passed(1, by=UNIT), passed(1, by=E2E)])

    assert not memory.proves_green(tree(1), GATES, ELSEWHERE, NOON)


def test_without_a_required_gate_no_tree_is_green() -> None:
    assert not recall([passed(1)]).proves_green(tree(1), (gate("docs", required=False),), ENVIRONMENT, NOON)


def red_base(events: Sequence[Event], **change: Any) -> tuple[Reason, ...]:
    asked = {"tree": tree(), "gates": GATES, "environment": ENVIRONMENT, "retries": frozenset[str](), "at": NOON}
    return recall(events).red_base(**{**asked, **change})


def test_a_base_that_was_red_is_known_to_be_red() -> None:
    assert red_base([base_red()]) == (Reason(ReasonCode.BASE_RED, "main itself is red"),)


@pytest.mark.parametrize(
    "change",
    [
        {"tree": tree(9)},
        {"environment": ELSEWHERE},
        {"gates": (E2E,)},
        {"gates": (UNIT.model_copy(update={"required": False}), E2E)},
        {"retries": frozenset({"L1"})},
    ],
    ids=str,
)
def test_a_red_base_is_gated_again_after_a_change(change: Mapping[str, Any]) -> None:
    assert red_base([base_red()], **change) == ()


def test_a_base_stays_red_for_the_retries_that_have_been_tried_on_it() -> None:
    assert red_base([base_red(), base_red(retries=frozenset({"L1", "L2"}))], retries=frozenset({"L2"})) != ()


# By the lifetime of the gate: how long after noon what was found at noon still holds, and when it does no more.
LIFETIMES: dict[str, tuple[list[timedelta], list[timedelta]]] = {
    "1d": ([timedelta(), timedelta(hours=23, minutes=59)], [timedelta(days=1), timedelta(days=9), -timedelta(hours=1)]),
    "90s": ([timedelta(), timedelta(seconds=89)], [timedelta(seconds=90), timedelta(hours=1), -timedelta(seconds=1)]),
    "never": ([], [timedelta(), timedelta(seconds=1), timedelta(days=1), -timedelta(seconds=1)]),
}


@pytest.mark.parametrize("cache", LIFETIMES)
def test_a_green_base_holds_for_the_lifetime_of_the_passes_of_its_gates(cache: str) -> None:
    memory, gates = recall([passed(1)]), (gate("unit", cache=cache),)
    holding, over = LIFETIMES[cache]

    assert [memory.proves_green(tree(1), gates, ENVIRONMENT, NOON + age) for age in holding] == [True] * len(holding)
    assert [memory.proves_green(tree(1), gates, ENVIRONMENT, NOON + age) for age in over] == [False] * len(over)


def test_a_green_base_holds_no_longer_than_the_shortest_lifetime() -> None:
    memory = recall([passed(1, by=UNIT), passed(1, by=E2E)])

    assert not memory.proves_green(tree(1), (UNIT, gate("e2e", cache="never")), ENVIRONMENT, NOON)
    assert memory.proves_green(tree(1), (UNIT, E2E, gate("docs", cache="never", required=False)), ENVIRONMENT, NOON)


@pytest.mark.parametrize("cache", LIFETIMES)
def test_a_red_base_holds_for_the_lifetime_of_the_passes_of_the_gate_that_called_it_red(cache: str) -> None:
    gates, (holding, over) = (gate("unit", cache=cache), E2E), LIFETIMES[cache]

    assert [bool(red_base([base_red()], gates=gates, at=NOON + age)) for age in holding] == [True] * len(holding)
    assert [bool(red_base([base_red()], gates=gates, at=NOON + age)) for age in over] == [False] * len(over)


def test_a_base_that_a_lasting_gate_calls_red_beside_one_that_is_never_cached_is_known_to_be_red() -> None:
    gates = (gate("unit", cache="never"), E2E)

    assert red_base([base_red(by=UNIT), base_red(by=E2E)], gates=gates) != ()


def test_an_announced_landing_is_open() -> None:
    opened = recall([intent()]).open_intents

    assert [(one.event, one.number, one.head) for one in opened] == [(intent().id, 1, sha(1))]


def test_a_landing_that_came_about_is_remembered_by_pull_request_and_head() -> None:
    memory = recall(landed())

    assert memory.open_intents == ()
    assert memory.landing_of(PULL) == landed_as(PULL)
    assert memory.landing_of(pull_request(1, head="f" * 40)) is None
    assert (memory.has_landed(1), memory.has_landed(2)) == (True, False)


def test_a_landing_that_can_never_come_about_is_closed() -> None:
    given_up = recorder().merge_failed(intent(), "the base moved", final=True)

    assert recall([intent(), given_up]).open_intents == ()


def test_a_landing_that_was_declined_stays_announced_since_a_later_attempt_announces_nothing_new() -> None:
    declined = recorder().merge_failed(intent(), "declined", final=False)

    assert [one.event for one in recall([intent(), declined]).open_intents] == [intent().id]


def test_a_landing_that_was_declined_and_then_came_about_is_closed() -> None:
    announced, completed = landed()
    declined = recorder().merge_failed(announced, "declined", final=False)

    assert recall([announced, declined, completed]).open_intents == ()


AHEAD = ConflictFound(1, 7, ("a.py",))
WITH_BASE = ConflictFound(1, None, ("b.py",))


def test_a_conflict_with_one_ahead_that_has_landed_is_still_the_conflict_with_that_one() -> None:
    memory = recall([conflicted(AHEAD), *landed(pull_request(7))])

    assert memory.explained(WITH_BASE, PULL.head) == AHEAD


def test_a_conflict_with_the_target_branch_is_its_own_where_nobody_ahead_has_landed() -> None:
    assert recall([conflicted(AHEAD)]).explained(WITH_BASE, PULL.head) == WITH_BASE


@pytest.mark.parametrize("found", [None, WITH_BASE])
def test_a_conflict_with_the_target_branch_is_its_own_where_none_ahead_is_remembered(found: Any) -> None:
    assert recall([conflicted(found), *landed(pull_request(7))]).explained(WITH_BASE, PULL.head) == WITH_BASE


def test_a_conflict_is_forgotten_with_the_head() -> None:
    memory = recall([conflicted(AHEAD), *landed(pull_request(7))])

    assert memory.explained(WITH_BASE, CommitSha("f" * 40)) == WITH_BASE


def test_a_conflict_with_another_one_ahead_needs_no_explanation() -> None:
    other = ConflictFound(1, 8, ("a.py",))

    assert recall([conflicted(AHEAD), *landed(pull_request(7))]).explained(other, PULL.head) == other


def rolled_back(pull: PullRequest = PULL) -> Event:
    data: dict[str, JsonValue] = {"heads": [pull.head], "message": "gate smoke failed"}
    return recorder().event(EventType.ROLLBACK_COMPLETED, {"pull_requests": [pull.number]}, data)


def test_what_was_rolled_back_has_not_landed_and_says_why() -> None:
    memory = recall([*landed(), rolled_back()])

    assert memory.landing_of(PULL) is None
    assert not memory.has_landed(PULL.number)
    assert memory.rollback_of(PULL) == (Reason(ReasonCode.ROLLED_BACK, "gate smoke failed", PULL.author),)
    assert memory.taken_back == {PULL.head: PULL.number}


def test_a_new_head_of_what_was_rolled_back_may_land() -> None:
    assert recall([*landed(), rolled_back()]).rollback_of(replace(PULL, head=sha(77))) == ()


def test_what_landed_again_after_its_rollback_is_there() -> None:
    first, again = landed()
    memory = recall([first, again, rolled_back(), again])

    assert memory.landing_of(PULL) is not None
    assert memory.rollback_of(PULL) == ()


def test_nothing_is_remembered_of_nothing() -> None:
    assert recall([]) == Memory()


def test_the_last_event_read_is_known() -> None:
    numbered = [event.model_copy(update={"seq": seq}) for seq, event in enumerate([passed(1), *landed()], start=7)]

    assert recall(numbered).until == 9


OF_A_SET = Announcement(
    "pay-1",
    (Part("platform", REPOSITORY, "1001", ((1, sha(1)),), BASE, candidate(1).commit, candidate(1).tree),),
)
EVENTS: dict[EventType, Event] = {
    event.type: event
    for event in [
        *announced("AcmeCorp", OF_A_SET),
        *broken("AcmeCorp", OF_A_SET, (), "it is red", "Mend it."),
        *completed("AcmeCorp", OF_A_SET),
        *compensated("AcmeCorp", OF_A_SET),
        passed(1),
        refused(),
        base_red(),
        *landed(),
        rolled_back(pull_request(5)),
        recorder().merge_failed(intent(), "the base moved", final=True),
        conflicted(AHEAD),
        taken(asked_event(recorder(), asked(), "please sign")),
    ]
}
FOREIGN = [recorder().event(kind, {"about": "something"}, {}) for kind in EventType if kind not in EVENTS]


@pytest.mark.parametrize("kind", EventType)
def test_every_type_of_event_can_be_remembered_or_passed_over(kind: EventType) -> None:
    events = [EVENTS.get(kind) or recorder().event(kind, {"about": "something"}, {})]

    assert isinstance(recall(events), Memory)


OTHER_ALERTS = [
    recorder().tree_differs(intent(), landed_as(PULL), "differs", rollback=False),
    recorder().event(EventType.ALERT_RAISED, {}, {"severity": "low"}),
    recorder().event(EventType.GATE_FINISHED, {}, {}),
]


UNRELATED = st.lists(st.sampled_from([*FOREIGN, *OTHER_ALERTS]), max_size=2)


@settings(max_examples=30, deadline=None)
@given(st.lists(UNRELATED, min_size=len(EVENTS), max_size=len(EVENTS)))
def test_what_is_remembered_does_not_depend_on_unrelated_events_in_between(unrelated: list[list[Event]]) -> None:
    mixed = [each for before, event in zip(unrelated, EVENTS.values(), strict=True) for each in (*before, event)]

    assert recall(mixed) == recall(EVENTS.values())
