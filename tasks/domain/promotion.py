"""
Would a team that is still at a stage before `merge` be served well by landing through the hub?

What the hub last said of each pull request, at the head at which it left the queue, is held against what people did
with it meanwhile: landed it, or closed it. They agree where it would have landed and they landed it, or where it would
not and they closed it. What is open is undecided, and what left with another head than was judged is unknown: neither
counts for or against.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.dossier import dicts
from tasks.domain.model import PullRequest, Reference, RelatedState, Snapshot
from tasks.domain.reasons import ReasonCode, told_moment
from tasks.domain.records import Recorder
from tasks.domain.remembered import moment_of

OF_ROLLOUT = frozenset({EventType.CHANGE_EVALUATED, EventType.CHANGE_DEPARTED, EventType.MERGE_COMPLETED})
LONG_ENOUGH = timedelta(days=14)


class Agreement(StrEnum):
    AGREED = "agreed"
    DISAGREED = "disagreed"
    UNDECIDED = "undecided"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Compared:
    """`said` is the last evaluation, `left` what became of it, None while it is open."""

    said: Event
    left: Event | None

    @property
    def would_land(self) -> bool:
        codes = {reason["code"] for reason in dicts(self.said.data["reasons"])}
        return codes == {ReasonCode.STAGE_GATE.value}

    @property
    def people(self) -> str:
        return "open" if self.left is None else str(self.left.data["state"])

    @property
    def agreement(self) -> Agreement:
        if self.left is None:
            return Agreement.UNDECIDED
        if self.left.subject["head"] != self.said.subject["head"]:
            return Agreement.UNKNOWN
        agreed = self.would_land == (self.people == RelatedState.MERGED.value)
        return Agreement.AGREED if agreed else Agreement.DISAGREED


def gone_since(events: Iterable[Event], snapshot: Snapshot) -> tuple[Reference, ...]:
    """Those of one repository that were judged and are open no more, where nothing says what became of them."""
    waiting: set[int] = set()
    for event in events:
        number = int(str(event.subject["pull_request"]))
        if event.type is EventType.CHANGE_EVALUATED:
            waiting.add(number)
        else:
            waiting.discard(number)
    still = {pull.number for pull in snapshot.pull_requests}
    return tuple(Reference(snapshot.repository, number) for number in sorted(waiting - still))


def departed_event(recorder: Recorder, pull: PullRequest, state: RelatedState) -> Event | None:
    """None where it has not gone for good."""
    if state not in {RelatedState.MERGED, RelatedState.CLOSED}:
        return None
    subject: dict[str, JsonValue] = {"pull_request": pull.number, "head": pull.head}
    return recorder.event(EventType.CHANGE_DEPARTED, subject, {"state": state.value}, {"state": state.value})


def compared(events: Iterable[Event], team: str, since: datetime | None) -> tuple[Compared, ...]:
    """One for each pull request of the team that was judged since then, in the order of repository and number."""
    said: dict[tuple[str, int], Event] = {}
    left: dict[tuple[str, int], Event] = {}
    for event in events:
        if event.team != team or event.repository is None or (since is not None and moment_of(event) < since):
            continue
        key = (event.repository.name, int(str(event.subject["pull_request"])))
        if event.type is EventType.CHANGE_EVALUATED:
            said[key] = event
            left.pop(key, None)
        elif event.type is EventType.CHANGE_DEPARTED:
            left[key] = event
        else:
            said.pop(key, None)
    return tuple(Compared(said[key], left.get(key)) for key in sorted(said))


def document(
    team: str, stage: str, found: Iterable[Compared], since: datetime | None, at: datetime
) -> dict[str, JsonValue]:
    """What `merge-hub report promotion --json` prints; `at` is the time of the last record."""
    every = tuple(found)
    counts = {each.value: sum(one.agreement is each for one in every) for each in Agreement}
    decided = counts[Agreement.AGREED.value] + counts[Agreement.DISAGREED.value]
    return {
        "team": team,
        "stage": stage,
        "since": None if since is None else told_moment(since),
        "until": told_moment(at),
        "long_enough": since is not None and at - since >= LONG_ENOUGH,
        "would_have_landed": sum(one.would_land for one in every),
        "agreement": {**counts, "percent": None if not decided else counts[Agreement.AGREED.value] * 100 // decided},
        "pull_requests": [_row(one) for one in every],
    }


def _row(one: Compared) -> dict[str, JsonValue]:
    data = one.said.data
    return {
        "repository": None if one.said.repository is None else one.said.repository.name,
        "number": one.said.subject["pull_request"],
        "head": one.said.subject["head"],
        "title": data.get("title"),
        "hub": "would land" if one.would_land else str(data["outcome"]),
        "reasons": [str(reason["code"]) for reason in dicts(data["reasons"])],
        "people": one.people,
        "agreement": one.agreement.value,
    }
