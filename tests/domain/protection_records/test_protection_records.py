"""How a branch is guarded is on record once for as long as it stays so."""

from dataclasses import replace

from tasks.domain.protection import Bypass, Guard, Protection, Reach, Unread
from tasks.domain.protection_records import last_observed, protection_observed
from tests.domain.builders import recorder

ADMITTED = (Bypass("app:7", Reach.MERGING),)
GUARD = Guard("ruleset main", reviews=2, checks=("ci",), block_force_push=True, bypass=ADMITTED)
CLASSIC = Guard("protection", block_deletion=True, bypass=())
PROTECTION = Protection("main", (GUARD, CLASSIC), (Unread("rules", "admin"),))


def test_all_guards_together_are_one_record() -> None:
    event = protection_observed(recorder(), PROTECTION, None)

    assert event is not None
    assert event.data == {
        "reviews": 2,
        "demands": ["block_force_push", "block_deletion"],
        "checks": ["ci"],
        "bypass": ["app:7: merging"],
        "unread": ["rules"],
    }


def test_the_same_is_recorded_once_and_what_comes_back_is_recorded_again() -> None:
    first = protection_observed(recorder(), PROTECTION, None)
    assert first is not None
    less = protection_observed(recorder(), replace(PROTECTION, guards=()), first)
    assert less is not None
    back = protection_observed(recorder(), PROTECTION, less)
    assert back is not None

    assert protection_observed(recorder(), PROTECTION, first) is None
    assert len({first.id, less.id, back.id}) == 3
    assert last_observed([back, less, first], "main") is back
    assert last_observed([first], "release") is None


def test_who_gets_around_is_unknown_where_one_guard_does_not_tell() -> None:
    event = protection_observed(recorder(), replace(PROTECTION, guards=(GUARD, Guard("hidden"))), None)

    assert event is not None
    assert event.data["bypass"] is None
