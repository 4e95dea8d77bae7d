"""What is paused, by whom, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config.schema import Pause
from tasks.domain.audit import Event
from tasks.domain.pause import Scope, Stop, paused_event, pauses_in, reasons_of_pauses, resumed_event, told_pauses
from tests.domain.builders import NOON, recorder, rules

LATER = NOON + timedelta(hours=1)
NOTHING = pauses_in([])


def stop(scope: Scope | None = None, reason: str = "an incident") -> Stop:
    return Stop(scope or Scope(), reason, "erin", LATER)


def paused(given: Stop, *before: Event) -> Event:
    event = paused_event(recorder(), given, pauses_in(before), "command line")
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        (Scope(), True),
        (Scope(team="platform"), True),
        (Scope(team="other"), False),
        (Scope(repository="Acme/Web"), True),
        (Scope(repository="acme/api"), False),
    ],
)
def test_a_pause_holds_what_it_names(scope: Scope, holds: bool) -> None:  # noqa: FBT001 -- a table
    given = pauses_in([paused(stop(scope))])

    assert bool(reasons_of_pauses(rules(), given, NOON)) is holds


def test_a_pause_ends_by_itself() -> None:
    given = pauses_in([paused(stop())])

    assert reasons_of_pauses(rules(), given, LATER) == ()
    assert told_pauses([], given, LATER) == ()


def test_a_reason_names_owner_reason_and_end() -> None:
    (reason,) = reasons_of_pauses(rules(), pauses_in([paused(stop())]), NOON)

    assert reason.message == "landings of everything are paused until 2026-03-02T13:00:00Z by erin: an incident"
    assert (reason.actor, reason.until) == ("erin", LATER)


def test_what_is_paused_so_already_is_no_new_fact_and_what_was_resumed_is_paused_anew() -> None:
    first = paused(stop())
    resumed = resumed_event(recorder(), Scope(), "erin", pauses_in([first]), "command line")

    assert resumed is not None
    assert paused_event(recorder(), stop(), pauses_in([first]), "command line") is None
    assert resumed_event(recorder(), Scope(), "erin", NOTHING, "command line") is None
    assert reasons_of_pauses(rules(), pauses_in([first, resumed]), NOON) == ()
    assert paused(stop(), first, resumed).id != first.id


def test_another_reason_takes_the_place_of_the_first() -> None:
    first = paused(stop())
    given = pauses_in([first, paused(stop(reason="another"), first)])

    assert [reason.message[-7:] for reason in reasons_of_pauses(rules(), given, NOON)] == ["another"]


def test_a_pause_in_a_file_holds_until_its_end() -> None:
    written = Pause(reason="migration", owner="acme/platform", until="2026-03-02T13:00:00Z")
    given = replace(rules(), pauses=(written,))

    assert [reason.actor for reason in reasons_of_pauses(given, NOTHING, NOON)] == ["acme/platform"]
    assert reasons_of_pauses(given, NOTHING, LATER) == ()
    assert told_pauses([("everything", written)], NOTHING, NOON) == (
        "everything: landings are paused until 2026-03-02T13:00:00Z by acme/platform: migration",
    )
