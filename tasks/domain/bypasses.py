"""
The bypass ledger: what went around the hub, and what a second person said of it.

It is computed from the log each time. A bypass is open until somebody justifies it who did not do it: not who moved
the branch, nor, where nobody knows who that was, who wrote the commit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.bounds import bounded
from tasks.domain.model import CommitSha
from tasks.domain.provenance import NO_COMMIT
from tasks.domain.records import Recorder
from tasks.domain.remembered import moment_of

OF_BYPASSES = frozenset({EventType.BYPASS_FOUND, EventType.BYPASS_JUSTIFIED})
SHORTEST = 7
"""Digits of a commit that name it."""


@dataclass(frozen=True, slots=True)
class Justification:
    by: str
    reason: str
    ticket: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Bypass:
    """`actor` is who moved the branch, None where nobody knows; `authors` are those who wrote the commit, as known."""

    event: str
    team: str | None
    repository: RepositoryIdentity
    subject: Mapping[str, JsonValue]
    kind: str
    because: str
    actor: str | None
    authors: tuple[str, ...]
    found_at: str
    justified: Justification | None = None

    @property
    def ref(self) -> str:
        return str(self.subject["ref"])

    @property
    def commit(self) -> CommitSha:
        """What names it: the commit, or what a rewritten branch was or is at."""
        named = self.subject.get("commit") or self.subject["after"]
        return CommitSha(str(self.subject["before"] if named == NO_COMMIT else named))

    def is_called(self, text: str) -> bool:
        return len(text) >= SHORTEST and self.commit.startswith(text.lower())

    def document(self) -> dict[str, JsonValue]:
        told = self.justified
        return {
            "repository": self.repository.name,
            **self.subject,
            "kind": self.kind,
            "actor": self.actor,
            "authors": list(self.authors),
            "reason": self.because,
            "found_at": self.found_at,
            "justified": None
            if told is None
            else {"by": told.by, "reason": told.reason, "ticket": told.ticket, "at": told.at},
        }


def bypasses_in(events: Iterable[Event]) -> tuple[Bypass, ...]:
    """Of those of `OF_BYPASSES`, in the order of the log."""
    found: dict[str, Bypass] = {}
    for event in events:
        if event.repository is None:
            continue
        if event.type is EventType.BYPASS_FOUND:
            found[event.id] = _bypass(event, event.repository)
        elif event.type is EventType.BYPASS_JUSTIFIED and (known := found.get(str(event.data["bypass"]))) is not None:
            found[known.event] = _justified(known, event)
    return tuple(found.values())


def objection_to(bypass: Bypass, by: str, robots: Iterable[str]) -> str | None:
    """Why this person cannot justify it, a clause; None where they can."""
    person = by.casefold()
    if person.endswith("[bot]") or person in {robot.casefold() for robot in robots}:
        return f"{by} is a robot, and a second person is needed"
    if bypass.actor is not None:
        return f"{by} moved the branch, and a second person is needed" if person == bypass.actor.casefold() else None
    if person in {author.casefold() for author in bypass.authors}:
        return f"{by} wrote the commit, nobody knows who pushed it, and a second person is needed"
    return None


def justified_event(organization: str, bypass: Bypass, by: str, reason: str, ticket: str | None) -> Event:
    """Justified once: what is said of it later is another fact, which nothing is decided by."""
    data: dict[str, JsonValue] = {
        "reason": bounded(reason),
        "by": bounded(by),
        "ticket": None if ticket is None else bounded(ticket),
        "bypass": bypass.event,
    }
    recorder = Recorder(organization, bypass.team, bypass.repository)
    return recorder.event(EventType.BYPASS_JUSTIFIED, dict(bypass.subject), data, {"bypass": bypass.event})


def _bypass(event: Event, repository: RepositoryIdentity) -> Bypass:
    data, authors = event.data, event.data["authors"]
    return Bypass(
        event=event.id,
        team=event.team,
        repository=repository,
        subject=event.subject,
        kind=str(data["kind"]),
        because=str(data["because"]),
        actor=None if data["actor"] is None else str(data["actor"]),
        authors=tuple(str(each) for each in authors if each is not None) if isinstance(authors, list) else (),
        found_at=moment_of(event).isoformat(),
    )


def _justified(bypass: Bypass, event: Event) -> Bypass:
    data = event.data
    ticket = None if data["ticket"] is None else str(data["ticket"])
    told = Justification(str(data["by"]), str(data["reason"]), ticket, moment_of(event).isoformat())
    return replace(bypass, justified=told)
