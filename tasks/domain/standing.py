"""Where each pull request stands after some stretch of the audit log: the last word on it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.domain.audit import Event, EventType
from tasks.domain.model import CommitSha, RepositoryName
from tasks.domain.reasons import Outcome


@dataclass(frozen=True, slots=True)
class Told:
    """A reason as the record holds it."""

    code: str
    message: str
    actor: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """`fact` is the id of the event that says so. What merged has no `reasons`; `unlisted` more had no room in it."""

    fact: str
    team: str
    repository: RepositoryName
    number: int
    head: CommitSha
    outcome: Outcome
    title: str
    author: str | None
    reasons: tuple[Told, ...]
    unlisted: int = 0


def standings(events: Iterable[Event]) -> tuple[Standing, ...]:
    """By repository and number; `events` in the order of the log."""
    latest: dict[tuple[str, int], Standing] = {}
    for event in events:
        if event.repository is not None and event.type in {EventType.CHANGE_EVALUATED, EventType.MERGE_COMPLETED}:
            standing = _standing(event, RepositoryName(event.repository.name))
            latest[event.repository.id, standing.number] = standing
    return tuple(sorted(latest.values(), key=lambda each: (each.repository, each.number)))


def only(outcome: Outcome, among: Iterable[Standing]) -> tuple[Standing, ...]:
    return tuple(each for each in among if each.outcome is outcome)


def by_repository(among: Sequence[Standing]) -> dict[RepositoryName, tuple[Standing, ...]]:
    names = dict.fromkeys(each.repository for each in among)
    return {name: tuple(each for each in among if each.repository == name) for name in names}


def _standing(event: Event, repository: RepositoryName) -> Standing:
    data, merged = event.data, event.type is EventType.MERGE_COMPLETED
    author = data.get("author")
    return Standing(
        fact=event.id,
        team=event.team or "",
        repository=repository,
        number=int(str(event.subject["pull_request"])),
        head=CommitSha(str(event.subject["head"])),
        outcome=Outcome.MERGED if merged else Outcome(str(data["outcome"])),
        title=str(data.get("title") or ""),
        author=None if author is None else str(author),
        reasons=() if merged else _reasons(event),
        unlisted=int(str(data.get("reasons_more", 0))),
    )


def _reasons(event: Event) -> tuple[Told, ...]:
    written = event.data["reasons"]
    found = [each for each in written if isinstance(each, dict)] if isinstance(written, list) else []
    return tuple(
        Told(str(each["code"]), str(each["message"]), None if each.get("actor") is None else str(each["actor"]))
        for each in found
    )
