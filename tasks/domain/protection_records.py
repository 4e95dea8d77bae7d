"""
The record of how a target branch is guarded: told when it is first seen, and whenever it is another than before.

All guards count together: what one of them demands is demanded, and whoever gets around one gets around something.
"""

from collections.abc import Iterable

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import listed
from tasks.domain.protection import SWITCHES, Protection
from tasks.domain.records import Recorder


def protection_observed(recorder: Recorder, protection: Protection, before: Event | None) -> Event | None:
    """None where `before`, the last such record of the branch, says the same."""
    data = _told(protection)
    if before is not None and before.data == data:
        return None
    identity: dict[str, JsonValue] = {**data, "after": None if before is None else before.id}
    return recorder.event(EventType.PROTECTION_OBSERVED, {"branch": protection.branch}, data, identity)


def last_observed(newest_first: Iterable[Event], branch: str) -> Event | None:
    return next((event for event in newest_first if event.subject["branch"] == branch), None)


def _told(protection: Protection) -> dict[str, JsonValue]:
    """`bypass` is None where the code host does not tell of every guard who may get around it."""
    guards = protection.guards
    hidden = any(guard.bypass is None for guard in guards)
    actors = {f"{each.actor}: {each.reach.value}" for guard in guards for each in guard.bypass or ()}
    return {
        "reviews": max((guard.reviews for guard in guards if guard.reviews is not None), default=None),
        "demands": [switch for switch in SWITCHES if any(getattr(guard, switch) for guard in guards)],
        **listed("checks", list[JsonValue](sorted({check for guard in guards for check in guard.checks}))),
        **({"bypass": None} if hidden else listed("bypass", list[JsonValue](sorted(actors)))),
        **listed("unread", list[JsonValue](sorted(unread.name for unread in protection.unread))),
    }
