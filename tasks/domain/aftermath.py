"""
What has to be done about what landed: gates to run on it, its health to ask after, and landings to take back.

Everything is read from the log, so that whoever comes next goes on where a process died. A landing says which gates it
expects; one that is on record without their answers is asked now. A gate that could not be run to an answer is no
failure of the landing, and is asked again for as long as nothing has landed since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import AfterLanding, Gate, HealthCheck, moment_of
from tasks.domain.audit import Event, EventType
from tasks.domain.gates import Verdict
from tasks.domain.journey import GateRun, Journey
from tasks.domain.model import CommitSha, Reference, RelatedState, Snapshot
from tasks.domain.rollback import LandingRecord, RollbackOrder, RolledBack, landings_in
from tasks.domain.rollback_words import reason_of
from tasks.domain.rules import Rules

_Key = tuple[CommitSha, CommitSha]
"""What names a landing: what was announced, and what the target branch took."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was found out about landings once they were there, and what was taken back for it."""

    runs: tuple[GateRun, ...] = ()
    rolled_back: tuple[RolledBack, ...] = ()

    def seen_in(self, snapshot: Snapshot) -> Snapshot:
        """The target branch is where the last of it left it."""
        return replace(snapshot, base=self.rolled_back[-1].commit) if self.rolled_back else snapshot

    def added_to(self, journey: Journey) -> Journey:
        """What was taken back has not landed, nor may land what depends on it, as every later run will say as well."""
        journey = replace(journey, runs=journey.runs + self.runs)
        for rolled_back in self.rolled_back:
            journey = _without(journey, rolled_back)
        return journey


@dataclass(frozen=True, slots=True)
class Untested:
    """A landing, when that was on record (None: nobody knows), and what is still to be asked of it."""

    landing: LandingRecord
    landed_at: datetime | None
    asked: tuple[AfterLanding, ...]

    @property
    def gates(self) -> tuple[Gate, ...]:
        return tuple(each for each in self.asked if isinstance(each, Gate))

    @property
    def health(self) -> tuple[HealthCheck, ...]:
        return tuple(each for each in self.asked if isinstance(each, HealthCheck))


TOLD_OF_LANDINGS = frozenset(
    {
        EventType.MERGE_INTENT,
        EventType.MERGE_COMPLETED,
        EventType.LANDING_TESTED,
        EventType.ALERT_RAISED,
        EventType.ROLLBACK_COMPLETED,
    }
)
"""What is to be read to know what landings lack and what is owed."""


def untested_landings(events: Sequence[Event], rules: Rules) -> tuple[Untested, ...]:
    """The oldest first. What a gate that is not configured any more would have said is asked no more."""
    landings, gone = landings_in(events), _taken_back(events)
    verdicts: dict[_Key, dict[str, str]] = {}
    recorded: dict[_Key, datetime | None] = {}
    for event in events:
        if event.type is EventType.MERGE_COMPLETED:
            recorded[_landed(event)] = moment_of(event.time)
        if event.type is EventType.LANDING_TESTED:
            verdicts.setdefault(_key(event), {})[str(event.subject["gate"])] = str(event.data["verdict"])
    found = [
        Untested(
            landing, recorded.get(_name(landing)), tuple(each for each in rules.post_landing if each.name in expected)
        )
        for landing in landings
        if landing.tree == landing.gated_tree and not set(landing.numbers) <= gone.get(_name(landing), set())
        for expected in [_without_answer(landing, verdicts.get(_name(landing), {}), newest=landing == landings[-1])]
    ]
    return tuple(untested for untested in found if untested.asked)


def rollbacks_owed(events: Sequence[Event], rules: Rules) -> tuple[RollbackOrder, ...]:
    """What an incident demands to be taken back and is not yet, the newest landing first."""
    if not rules.rolls_back:
        return ()
    gone = _taken_back(events)
    incidents = {
        _key(event): event
        for event in events
        if event.type is EventType.ALERT_RAISED and event.data.get("rollback") is True
    }
    owed = [
        RollbackOrder(landing, left, incident.id, str(incident.data["because"]))
        for landing in reversed(landings_in(events))
        if (incident := incidents.get(_name(landing))) is not None
        and (left := tuple(n for n in landing.numbers if n not in gone.get(_name(landing), set())))
    ]
    return tuple(owed)


def _without(journey: Journey, rolled_back: RolledBack) -> Journey:
    members = {member.number: member for member in rolled_back.order.taken_back}
    snapshot = journey.snapshot
    there = dict.fromkeys((Reference(snapshot.repository, number) for number in members), RelatedState.ROLLED_BACK)
    heads = {member.head: member.number for member in members.values()}
    shown = [pull.number for pull in snapshot.pull_requests if pull.number in members]
    journey = replace(
        journey,
        snapshot=replace(snapshot, related={**snapshot.related, **there}, taken_back={**snapshot.taken_back, **heads}),
        landed={number: landed for number, landed in journey.landed.items() if number not in members},
        reasons={**journey.reasons, **{number: (reason_of(rolled_back, members[number]),) for number in shown}},
        base=rolled_back.commit,
    )
    return journey.settled(journey.ordered({pull.number for pull in journey.open}).reasons)


def _without_answer(landing: LandingRecord, verdicts: dict[str, str], *, newest: bool) -> set[str]:
    answered = {gate for gate, verdict in verdicts.items() if verdict != Verdict.ERRORED.value or not newest}
    return set(landing.post_landing) - answered


def _taken_back(events: Iterable[Event]) -> dict[_Key, set[int]]:
    found: dict[_Key, set[int]] = {}
    for event in events:
        if event.type is EventType.ROLLBACK_COMPLETED:
            numbers = event.subject["pull_requests"]
            found.setdefault(_key(event), set()).update(
                number for number in (numbers if isinstance(numbers, list) else []) if isinstance(number, int)
            )
    return found


def _landed(event: Event) -> _Key:
    return CommitSha(str(event.subject["candidate"])), CommitSha(str(event.data["commit"]))


def _name(landing: LandingRecord) -> _Key:
    return landing.candidate, landing.commit


def _key(event: Event) -> _Key:
    """An alert about one pull request names in its data what was announced."""
    candidate = event.subject.get("candidate") or event.data["candidate"]
    return CommitSha(str(candidate)), CommitSha(str(event.subject["commit"]))
