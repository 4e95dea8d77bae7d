from datetime import UTC, datetime, timedelta

import pytest

from config.schema import HealthCheck
from tasks.domain.gates import Verdict
from tasks.domain.health import as_gate, health_digest, heard_of, heard_of_command, times, until, with_commit
from tasks.domain.model import CommitSha
from tests.domain.builders import gate_result

LANDED = datetime(2026, 11, 24, 9, tzinfo=UTC)


def alive(**said: object) -> HealthCheck:
    asked = {"url": "https://shop.example/version", "deadline": "2m", "interval": "30s", **said}
    return HealthCheck.model_validate({"name": "alive", "health": asked})


@pytest.mark.parametrize(
    ("status", "holds", "expected", "verdict"),
    [
        (200, True, None, Verdict.PASSED),
        (204, True, None, Verdict.PASSED),
        (199, True, None, Verdict.FAILED),
        (300, True, None, Verdict.FAILED),
        (200, False, "7", Verdict.FAILED),
        (200, True, "7", Verdict.PASSED),
        (500, True, "7", Verdict.FAILED),
    ],
)
def test_only_a_success_that_holds_what_is_expected_is_healthy(
    *, status: int, holds: bool, expected: str | None, verdict: Verdict
) -> None:
    assert heard_of(status, holds=holds, expected=expected).verdict is verdict


@pytest.mark.parametrize(
    ("said", "holds", "verdict"),
    [
        (Verdict.PASSED, True, Verdict.PASSED),
        (Verdict.PASSED, False, Verdict.FAILED),
        (Verdict.FAILED, True, Verdict.FAILED),
        (Verdict.TIMED_OUT, True, Verdict.FAILED),
        (Verdict.ERRORED, True, Verdict.ERRORED),
    ],
)
def test_a_command_is_believed_as_a_gate_is(said: Verdict, *, holds: bool, verdict: Verdict) -> None:
    assert heard_of_command(gate_result("alive", said), holds=holds).verdict is verdict


def test_the_deadline_counts_from_the_landing() -> None:
    assert until(alive(), LANDED) == LANDED + timedelta(minutes=2)
    assert times(alive()) == 5


def test_the_commit_takes_its_place_wherever_it_is_named() -> None:
    assert with_commit("https://{commit}.example/{commit}", CommitSha("abc")) == "https://abc.example/abc"
    assert with_commit(None, CommitSha("abc")) is None


def test_a_command_is_told_the_commit_and_is_given_a_minute_at_least() -> None:
    gate = as_gate(alive(url=None, command="make alive"), "make alive", CommitSha("abc"), -5)

    assert (gate.command, gate.timeout) == ("MERGE_HUB_LANDED=abc; export MERGE_HUB_LANDED\nmake alive", 60)


def test_what_is_asked_makes_two_of_them_another() -> None:
    every = [alive(), alive(expect="7"), alive(deadline="3m"), alive(url="https://shop.example/")]

    assert len({health_digest(each) for each in every}) == len(every)
    assert health_digest(alive()) == health_digest(alive())
