"""What the hub would have done, held against what people did."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.schema import Stage, TeamFile
from tasks.domain.model import RelatedState
from tasks.domain.promotion import compared, departed_event, document, gone_since
from tasks.domain.reasons import Reason, ReasonCode, outcome_of
from tests.domain.builders import NOON, pull_request, recorder, reference, sha, snapshot
from tests.domain.chronicle import Chronicle, Story

WOULD_LAND = Reason(ReasonCode.STAGE_GATE, "it would land")
WOULD_NOT = Reason(ReasonCode.GATE_FAILED, "gate unit failed", "alice")


class Rollout:
    """What the hub said of pull requests, and what became of them."""

    def __init__(self) -> None:
        self.log = Chronicle()

    def says(self, number: int, *reasons: Reason) -> None:
        self.log.append([recorder().change_evaluated(pull_request(number), outcome_of(reasons), reasons, None)])

    def leaves(self, number: int, state: RelatedState, *, head: int | None = None) -> None:
        event = departed_event(recorder(), pull_request(number, head=sha(head or number)), state)
        self.log.append([event] if event is not None else [])

    def compared(self, since: datetime | None = None) -> dict[str, Any]:
        found = compared(self.log.events, "platform", since)
        return document("platform", "gate", found, since, self.log.now)


@pytest.mark.parametrize(
    ("said", "state", "agreement"),
    [
        (WOULD_LAND, RelatedState.MERGED, "agreed"),
        (WOULD_LAND, RelatedState.CLOSED, "disagreed"),
        (WOULD_NOT, RelatedState.MERGED, "disagreed"),
        (WOULD_NOT, RelatedState.CLOSED, "agreed"),
        (WOULD_LAND, RelatedState.OPEN, "undecided"),
        (WOULD_NOT, RelatedState.MISSING, "undecided"),
    ],
)
def test_what_people_did_is_held_against_what_the_hub_would_have_done(
    said: Reason, state: RelatedState, agreement: str
) -> None:
    rollout = Rollout()
    rollout.says(1, said)
    rollout.leaves(1, state)
    (row,) = rollout.compared()["pull_requests"]

    assert (row["agreement"], row["hub"]) == (agreement, "would land" if said is WOULD_LAND else "refused")


def test_what_left_with_another_head_counts_neither_for_nor_against() -> None:
    rollout = Rollout()
    rollout.says(1, WOULD_LAND)
    rollout.leaves(1, RelatedState.MERGED, head=99)
    agreement = rollout.compared()["agreement"]

    assert agreement == {"agreed": 0, "disagreed": 0, "undecided": 0, "unknown": 1, "percent": None}


def test_the_last_word_on_a_pull_request_counts_and_a_share_is_of_what_is_decided() -> None:
    rollout = Rollout()
    for number in (1, 2, 3):
        rollout.says(number, WOULD_NOT)
        rollout.says(number, WOULD_LAND)
    rollout.leaves(1, RelatedState.MERGED)
    rollout.leaves(2, RelatedState.CLOSED)
    found = rollout.compared()

    assert (found["would_have_landed"], found["agreement"]["percent"]) == (3, 50)


def test_a_waiting_one_would_not_land() -> None:
    rollout = Rollout()
    rollout.says(1, Reason(ReasonCode.APPROVALS_MISSING, "0 of 1"))

    assert rollout.compared()["would_have_landed"] == 0


@pytest.mark.parametrize(("days", "long_enough"), [(13, False), (14, True)])
def test_two_weeks_are_long_enough(days: int, long_enough: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    rollout = Rollout()
    rollout.says(1, WOULD_LAND)
    rollout.log.now = NOON + timedelta(days=days)

    assert rollout.compared(NOON)["long_enough"] is long_enough


def test_what_the_hub_landed_itself_is_nobody_elses_doing() -> None:
    log = Chronicle()
    story = Story(log)
    story.stops(1, WOULD_LAND)
    story.lands(1)

    assert compared(log.events, "platform", None) == ()


def test_only_what_was_judged_and_is_gone_is_asked_about_once() -> None:
    rollout = Rollout()
    rollout.says(1, WOULD_LAND)
    rollout.says(2, WOULD_LAND)
    rollout.says(3, WOULD_LAND)
    rollout.leaves(3, RelatedState.CLOSED)

    assert gone_since(rollout.log.events, snapshot(pull_request(1))) == (reference(2),)


@pytest.mark.parametrize(
    ("stage", "day", "at"),
    [
        ("merge", "2026-11-20", Stage.MERGE),
        ("merge", "2026-11-21", Stage.GATE),
        ("gate", "2026-11-21", Stage.OBSERVE),
        ("observe", "2026-11-21", Stage.OBSERVE),
    ],
)
def test_before_its_first_day_a_team_is_at_the_stage_below(stage: str, day: str, at: Stage) -> None:
    team = TeamFile.model_validate({"team": {"name": "web", "repos": ["web"]}, "stage": stage, "since": day})

    assert team.stage_at(datetime(2026, 11, 20, 23, 59, tzinfo=UTC)) is at
