"""
What the audit log holds of change sets: which were announced, with every member pinned, and what came of them.

Each fact is written once in each repository of the set, all or none, so that whoever reads one repository's records
finds all that there is to know of the whole set. A set of the same name that was settled before makes another fact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.bounds import bounded
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.model import CommitSha, Digest, Reference, RepositoryName, TreeSha
from tasks.domain.records import Recorder


@dataclass(frozen=True, slots=True)
class Part:
    """What is to land of a set in one repository: pull requests by number and head, as they were gated."""

    team: str
    repository: RepositoryName
    repository_id: str
    heads: tuple[tuple[int, CommitSha], ...]
    base: CommitSha
    commit: CommitSha
    tree: TreeSha

    @property
    def named(self) -> str:
        return f"{self.repository} " + " ".join(f"#{number}" for number, _ in self.heads)

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(Reference(self.repository, number) for number, _ in self.heads)


@dataclass(frozen=True, slots=True)
class Announcement:
    """`parts` are in landing order; `after` is what was announced before it under that name, None for nothing."""

    name: str
    parts: tuple[Part, ...]
    after: Digest | None = None

    @property
    def digest(self) -> Digest:
        facts = [self.name.casefold(), [_part_document(part) for part in self.parts], self.after]
        return digest_of(canonical_json(facts))


class Standing(StrEnum):
    """Values are the verbs of events, and never change."""

    INTENT = "intent"
    COMPLETED = "completed"
    BROKEN = "broken"
    COMPENSATED = "compensated"


@dataclass(frozen=True, slots=True)
class SetRecord:
    announcement: Announcement
    standing: Standing

    def holds(self, announcement: Announcement) -> bool:
        return self.announcement.digest == announcement.digest


def announcement_of(name: str, parts: Sequence[Part], records: Mapping[RepositoryName, SetRecord]) -> Announcement:
    """
    `records` are the last of that name, by repository.

    What was announced last in every repository of it, with the same pins, and is not settled, is that still. Anything
    else is another announcement than any before: it is another fact even where the same was announced once.
    """
    known = [records.get(part.repository) for part in parts]
    first = known[0]
    if first is None:
        return Announcement(name, tuple(parts))
    same = Announcement(name, tuple(parts), first.announcement.after)
    if all(each is not None and each.standing is Standing.INTENT and each.holds(same) for each in known):
        return same
    return Announcement(name, tuple(parts), first.announcement.digest)


_TYPES = {
    EventType.SET_INTENT: Standing.INTENT,
    EventType.SET_COMPLETED: Standing.COMPLETED,
    EventType.SET_BROKEN: Standing.BROKEN,
    EventType.SET_COMPENSATED: Standing.COMPENSATED,
}
SET_EVENTS = frozenset(_TYPES)


def announced(organization: str, announcement: Announcement) -> list[Event]:
    data: dict[str, JsonValue] = {
        "parts": [_part_document(part) for part in announcement.parts],
        "after": announcement.after,
    }
    return _in_each(organization, announcement, EventType.SET_INTENT, data)


def completed(organization: str, announcement: Announcement) -> list[Event]:
    return _in_each(organization, announcement, EventType.SET_COMPLETED, {})


def broken(organization: str, announcement: Announcement, landed: Sequence[Part], why: str, remedy: str) -> list[Event]:
    """Some of it landed and the rest cannot: the fact in each repository, and the incident that it is, once."""
    rest = [part for part in announcement.parts if part not in landed]
    there, missing = (", ".join(part.named for part in parts) for parts in (landed, rest))
    message = bounded(f"change set {announcement.name} landed in {there} and not in {missing}: {why}")
    data: dict[str, JsonValue] = {
        "landed": [part.named for part in landed],
        "missing": [part.named for part in rest],
        "message": message,
    }
    alert: dict[str, JsonValue] = {
        "alert": "change-set-broken",
        "severity": "critical",
        "message": message,
        "remedy": bounded(remedy),
    }
    subject = _subject(announcement)
    incident = _recorder(organization, rest[0]).event(EventType.ALERT_RAISED, subject, alert, {"alert": alert["alert"]})
    return [*_in_each(organization, announcement, EventType.SET_BROKEN, data), incident]


def compensated(organization: str, announcement: Announcement) -> list[Event]:
    """What was taken back, and by which commits, is on record where that was done."""
    return _in_each(organization, announcement, EventType.SET_COMPENSATED, {})


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """
    `landed` are the parts that are on their branches as announced, of `gone` something was taken back.

    Those `apart` are of `landed`, and landed by themselves: they had left the set. What nobody saw land is not apart.
    """

    landed: tuple[Part, ...]
    gone: tuple[Part, ...]
    apart: tuple[Part, ...] = ()


def whereabouts(announcement: Announcement, events: Iterable[Event]) -> Whereabouts:
    """`events` are those of all its repositories."""
    there: set[tuple[str, object, object]] = set()
    back: set[tuple[str, object, object]] = set()
    alone: set[tuple[str, object, object]] = set()
    for event in events:
        about = "" if event.repository is None else event.repository.id
        if event.type is EventType.MERGE_COMPLETED:
            landing = (about, event.subject["pull_request"], event.subject["head"])
            there.add(landing)
            if _name_of(event, announcement).casefold() != announcement.name.casefold():
                alone.add(landing)
        if event.type is EventType.ROLLBACK_COMPLETED:
            numbers, heads = event.subject["pull_requests"], event.data["heads"]
            if isinstance(numbers, list) and isinstance(heads, list):
                back |= {(about, number, head) for number, head in zip(numbers, heads, strict=True)}
    pinned = {part.repository_id: {(part.repository_id, *head) for head in part.heads} for part in announcement.parts}
    return Whereabouts(
        tuple(part for part in announcement.parts if pinned[part.repository_id] <= there - back),
        tuple(part for part in announcement.parts if pinned[part.repository_id] & back),
        tuple(part for part in announcement.parts if pinned[part.repository_id] <= alone - back),
    )


def _name_of(landed: Event, announcement: Announcement) -> str:
    """The set that it landed as a part of, empty for none; where that is not known it is taken for this one."""
    return str(landed.data.get("change_set", announcement.name) or "")


def set_records(events: Iterable[Event]) -> Mapping[str, SetRecord]:
    """By the casefolded name, the last announcement of each set and how it stands; events in the order of the log."""
    records: dict[str, SetRecord] = {}
    for event in events:
        standing = _TYPES.get(event.type)
        if standing is None:
            continue
        key = str(event.subject["change_set"]).casefold()
        if standing is Standing.INTENT:
            records[key] = SetRecord(announcement_from(event), standing)
        elif key in records and records[key].announcement.digest == event.subject["announcement"]:
            records[key] = SetRecord(records[key].announcement, standing)
    return records


def announcement_from(event: Event) -> Announcement:
    after = event.data["after"]
    return Announcement(
        str(event.subject["change_set"]),
        parts_from(event.data["parts"]),
        None if after is None else Digest(str(after)),
    )


def record_document(record: SetRecord) -> dict[str, JsonValue]:
    announcement = record.announcement
    return {
        "name": announcement.name,
        "parts": [_part_document(part) for part in announcement.parts],
        "after": announcement.after,
        "standing": record.standing.value,
    }


def record_from(document: Mapping[str, JsonValue]) -> SetRecord:
    after = document["after"]
    told = Announcement(
        str(document["name"]), parts_from(document["parts"]), None if after is None else Digest(str(after))
    )
    return SetRecord(told, Standing(str(document["standing"])))


def parts_from(value: JsonValue) -> tuple[Part, ...]:
    return tuple(_part_from(each) for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))


def _part_document(part: Part) -> dict[str, JsonValue]:
    return {
        "team": part.team,
        "repository": part.repository,
        "repository_id": part.repository_id,
        "heads": [[number, head] for number, head in part.heads],
        "base": part.base,
        "commit": part.commit,
        "tree": part.tree,
    }


def _part_from(document: Mapping[str, JsonValue]) -> Part:
    pairs = document["heads"]
    return Part(
        team=str(document["team"]),
        repository=RepositoryName(str(document["repository"])),
        repository_id=str(document["repository_id"]),
        heads=tuple(
            (int(str(pair[0])), CommitSha(str(pair[1])))
            for pair in (pairs if isinstance(pairs, list) else ())
            if isinstance(pair, list)
        ),
        base=CommitSha(str(document["base"])),
        commit=CommitSha(str(document["commit"])),
        tree=TreeSha(str(document["tree"])),
    )


def _subject(announcement: Announcement) -> dict[str, JsonValue]:
    return {"change_set": announcement.name, "announcement": announcement.digest}


def _in_each(
    organization: str, announcement: Announcement, kind: EventType, data: Mapping[str, JsonValue]
) -> list[Event]:
    subject = _subject(announcement)
    return [_recorder(organization, part).event(kind, subject, data) for part in announcement.parts]


def _recorder(organization: str, part: Part) -> Recorder:
    return Recorder(organization, part.team, RepositoryIdentity(id=part.repository_id, name=part.repository))
