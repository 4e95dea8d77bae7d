"""
Which repository a configured name leads to, and whether it is the one that it led to before.

A name can be given away and given to another repository; the id stays. What the log last recorded under a name is
therefore what the name means, until the configuration or the end of that repository says otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.errors import RepositoryNamedTwice, RepositoryReplaced
from tasks.domain.model import RepositoryName, Snapshot
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules

UNKNOWN_ID = "unknown"
"""What failures of a repository are filed under that nobody has seen yet."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The repository that the configured name led to before; `now` is its present name, None where it is gone."""

    id: str
    now: RepositoryName | None


def last_led_to(name: RepositoryName, newest_first: Iterable[Event]) -> Event | None:
    """The last record of a repository under `name`, or under another name that `name` was followed to."""
    known = (event for event in newest_first if event.repository is not None and event.repository.id != UNKNOWN_ID)
    return next((event for event in known if name.casefold() in _names(event)), None)


def changes_of_name(rules: Rules, snapshot: Snapshot, before: Recorded | None) -> tuple[Event, ...]:
    """
    What people are to be told of; nothing where the name leads where it did and is up to date.

    Raises RepositoryReplaced or RepositoryNamedTwice where nothing may land under this name.
    """
    about = RepositoryIdentity(id=snapshot.repository_id, name=snapshot.repository)
    recorder = Recorder(rules.organization, rules.team, about)
    events = []
    if before is not None and before.id != about.id:
        if before.now is not None and before.now.casefold() not in rules.others:
            raise _replaced(rules.repository, about, before.id, before.now)
        events.append(_taken_over(recorder, rules.repository, about.id, before.id))
    if about.name.casefold() != rules.repository.casefold():
        if about.name.casefold() in rules.others:
            raise _named_twice(rules.repository, about.name)
        events.append(_renamed(recorder, rules.repository, about.name))
    return tuple(events)


def _names(event: Event) -> set[str]:
    now = event.repository.name if event.repository is not None else ""
    return {now.casefold(), str(event.subject.get("configured", now)).casefold()}


def _renamed(recorder: Recorder, configured: str, now: str) -> Event:
    return recorder.event(
        EventType.ALERT_RAISED,
        {"configured": configured},
        {
            "alert": "repository-renamed",
            "severity": "medium",
            "name": now,
            "message": f"{configured}, as the configuration calls it, is now {now}",
            "remedy": f"Write {now} in the team file; until then the old name is followed",
        },
        {"name": now},
    )


def _taken_over(recorder: Recorder, configured: str, identifier: str, before: str) -> Event:
    return recorder.event(
        EventType.ALERT_RAISED,
        {"configured": configured},
        {
            "alert": "repository-replaced",
            "severity": "high",
            "former": before,
            "message": f"{configured} was repository {before} and is now {identifier}",
            "remedy": "If that is not what was meant, take the name out of the team file",
        },
        {"former": before},
    )


def _replaced(configured: str, found: RepositoryIdentity, before: str, now: str) -> RepositoryReplaced:
    return RepositoryReplaced(
        f"{configured} leads to repository {found.id}, and was recorded as {before}, which is now {now}",
        remedy=f"Write {now} in the team file. If the new repository is meant by {configured}, name both there, {now} "
        "in a team at stage `observe` if nothing is to land on it.",
    )


def _named_twice(configured: str, now: str) -> RepositoryNamedTwice:
    return RepositoryNamedTwice(
        f"{configured} is an old name of {now}, which the configuration names as well",
        remedy=f"Take {configured} out of the team file.",
    )
