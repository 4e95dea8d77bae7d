"""
The records of reconciliation: how far a branch is accounted for, and what went around the hub.

A reconciliation follows another one, whose id is part of its identity: a branch may come back to where it was. A bypass
is told once, whoever finds it again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded
from tasks.domain.model import CommitSha
from tasks.domain.provenance import Move, Recorded
from tasks.domain.reconciliation import BypassKind, Classified, Rewritten, Standing
from tasks.domain.records import Recorder

MOST_LISTED = 100
MOST_TOLD = 5
OF_LANDINGS = frozenset({EventType.MERGE_INTENT, EventType.MERGE_COMPLETED, EventType.ROLLBACK_INTENT})
OF_RECONCILIATION = frozenset({EventType.RECONCILIATION_COMPLETED, EventType.BYPASS_FOUND, EventType.BYPASS_JUSTIFIED})
ALERT = "bypass"
BEGUN_BEFORE = "where the last reconciliation ended"
BEGUN_AT_LANDING = "where the hub first landed something"
BEGUN_HERE = "at the tip, from here on: the hub had landed nothing yet"


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one reconciliation was about: `after` is the one before it, `begun` says how its start was chosen."""

    ref: str
    start: CommitSha
    tip: CommitSha
    after: str | None
    begun: str


@dataclass(frozen=True, slots=True)
class Found:
    """What it found; `last` is the latest move that the code host told of, `gap` what its moves lack, if anything."""

    commits: tuple[Classified, ...]
    rewritten: tuple[Rewritten, ...]
    moves: int
    last: int | None
    gap: str | None

    @property
    def unaccounted(self) -> tuple[Classified, ...]:
        return tuple(each for each in self.commits if each.standing is Standing.UNACCOUNTED)


def recorded_in(events: Iterable[Event], branch: str) -> tuple[Recorded, ...]:
    """
    The moves that the hub announced for the branch, in the order of the log.

    What was announced is exactly what may land, so that the commit itself is proof that it did; a landing that the code
    host made is told by its outcome.
    """
    intents: dict[str, Event] = {}
    found: dict[tuple[str, str], list[Event]] = {}
    rollbacks: list[Recorded] = []
    for event in events:
        if event.type is EventType.ROLLBACK_INTENT and event.data["target"] == branch:
            base, revert = CommitSha(str(event.data["base"])), CommitSha(str(event.subject["revert"]))
            rollbacks.append(Recorded(base, revert, "rolled back by the hub"))
        if event.type is EventType.MERGE_INTENT and event.data["target"] == branch:
            intents[event.id] = event
            found.setdefault((str(event.data["base"]), str(event.subject["candidate"])), []).append(event)
        if event.type is EventType.MERGE_COMPLETED and (intent := intents.get(str(event.data["intent"]))) is not None:
            found.setdefault((str(intent.data["base"]), str(event.data["commit"])), []).append(intent)
    landings = [
        Recorded(CommitSha(before), CommitSha(after), _named(of_one), _all_urgent(of_one))
        for (before, after), of_one in found.items()
    ]
    return (*landings, *rollbacks)


def next_stretch(ref: str, tip: CommitSha, past: Iterable[Event], recorded: Sequence[Recorded]) -> Stretch:
    """From where the last one ended; the first one begins where the hub first landed, or here and now."""
    done = [event for event in past if event.type is EventType.RECONCILIATION_COMPLETED and event.subject["ref"] == ref]
    if done:
        return Stretch(ref, CommitSha(str(done[-1].subject["to"])), tip, done[-1].id, BEGUN_BEFORE)
    if recorded:
        return Stretch(ref, recorded[0].before, tip, None, BEGUN_AT_LANDING)
    return Stretch(ref, tip, tip, None, BEGUN_HERE)


def open_intents_in(events: Iterable[Event], branch: str) -> tuple[Event, ...]:
    """Announced, and neither landed nor given up."""
    found: dict[str, Event] = {}
    for event in events:
        if event.type is EventType.MERGE_INTENT and event.data["target"] == branch:
            found[event.id] = event
        if event.type is EventType.MERGE_COMPLETED or (event.type is EventType.MERGE_FAILED and event.data["final"]):
            found.pop(str(event.data["intent"]), None)
    return tuple(found.values())


def reconciled(recorder: Recorder, stretch: Stretch, found: Found) -> list[Event]:
    """Everything that is to be written down, all or none: bypasses, their alerts, and how far the branch is known."""
    bypasses = [_commit_bypass(recorder, stretch, each) for each in found.unaccounted]
    bypasses += [_rewriting_bypass(recorder, stretch, each) for each in found.rewritten]
    return [*bypasses, *_alerts(recorder, stretch, found), _completed(recorder, stretch, found)]


def _completed(recorder: Recorder, stretch: Stretch, found: Found) -> Event:
    counts = Counter(each.standing for each in found.commits)
    accounted: dict[str, JsonValue] = {
        standing.value.replace("-", "_"): counts[standing]
        for standing in Standing
        if standing is not Standing.UNACCOUNTED
    }
    data: dict[str, JsonValue] = {
        "ref_updates": found.moves,
        "chain_ok": found.gap is None,
        "chain_gap": found.gap,
        "commits": len(found.commits),
        "accounted": accounted,
        "unaccounted": [each.commit for each in found.unaccounted[:MOST_LISTED]],
        "unaccounted_count": len(found.unaccounted),
        "rewritten": len(found.rewritten),
        "activity": found.last,
        "begun": stretch.begun,
    }
    subject: dict[str, JsonValue] = {"ref": stretch.ref, "from": stretch.start, "to": stretch.tip}
    return recorder.event(EventType.RECONCILIATION_COMPLETED, subject, data, {"after": stretch.after})


def _commit_bypass(recorder: Recorder, stretch: Stretch, each: Classified) -> Event:
    move = each.move
    data: dict[str, JsonValue] = {
        "kind": (each.kind or BypassKind.DIRECT_PUSH).value,
        "actor": each.actor,
        "authors": list(each.authors),
        "because": bounded(each.because),
        "move": _move(move),
        "found_by": "the code host's record of moves" if move is not None else "reachability",
    }
    return recorder.event(EventType.BYPASS_FOUND, {"ref": stretch.ref, "commit": each.commit}, data)


def _rewriting_bypass(recorder: Recorder, stretch: Stretch, each: Rewritten) -> Event:
    data: dict[str, JsonValue] = {
        "kind": each.kind.value,
        "actor": each.actor,
        "authors": [],
        "because": each.told,
        "move": _move(each.seen),
        "found_by": "the code host's record of moves" if each.seen is not None else "reachability",
    }
    subject: dict[str, JsonValue] = {"ref": stretch.ref, "before": each.before, "after": each.after}
    return recorder.event(EventType.BYPASS_FOUND, subject, data, _seen(each.seen, stretch))


def _alerts(recorder: Recorder, stretch: Stretch, found: Found) -> list[Event]:
    """One for each move that brought something nobody answers for, and for each that rewrote the branch."""
    groups: dict[Move | None, list[Classified]] = {}
    for each in found.unaccounted:
        groups.setdefault(each.move, []).append(each)
    alerts = [_alert_of_commits(recorder, stretch, move, commits) for move, commits in groups.items()]
    alerts += [_alert_of_rewriting(recorder, stretch, each) for each in found.rewritten]
    return alerts


def _alert_of_commits(recorder: Recorder, stretch: Stretch, move: Move | None, commits: Sequence[Classified]) -> Event:
    before, after = (stretch.start, stretch.tip) if move is None else (move.before, move.after)
    subject: dict[str, JsonValue] = {"ref": stretch.ref, "before": before, "after": after}
    named = ", ".join(each.commit[:7] for each in commits[:MOST_TOLD])
    more = f" and {len(commits) - MOST_TOLD} more" if len(commits) > MOST_TOLD else ""
    who = commits[0].actor or "somebody whom the code host does not name"
    counted = "1 commit" if len(commits) == 1 else f"{len(commits)} commits"
    because = "; ".join(dict.fromkeys(each.because for each in commits))
    message = f"nobody answers for {counted} on {_branch(stretch.ref)} ({named}{more}), brought by {who}: {because}"
    kind = commits[0].kind or BypassKind.DIRECT_PUSH
    return _alert(recorder, subject, message, kind, {"commits": [each.commit for each in commits]})


def _alert_of_rewriting(recorder: Recorder, stretch: Stretch, each: Rewritten) -> Event:
    subject: dict[str, JsonValue] = {"ref": stretch.ref, "before": each.before, "after": each.after}
    who = each.actor or "somebody whom the code host does not name"
    identity: dict[str, JsonValue] = {"kind": each.kind.value, **_seen(each.seen, stretch)}
    return _alert(recorder, subject, f"{_branch(stretch.ref)}: {each.told}, by {who}", each.kind, identity)


def _alert(
    recorder: Recorder,
    subject: Mapping[str, JsonValue],
    message: str,
    kind: BypassKind,
    identity: Mapping[str, JsonValue],
) -> Event:
    data: dict[str, JsonValue] = {
        "alert": ALERT,
        "rule": "AN-02" if kind in _REWRITING else "AN-01",
        "severity": "critical",
        "kind": kind.value,
        "message": bounded(message),
    }
    return recorder.event(EventType.ALERT_RAISED, subject, data, {"alert": ALERT, **identity})


_REWRITING = frozenset({BypassKind.FORCE_PUSH, BypassKind.DELETION, BypassKind.RECREATION})


def _seen(move: Move | None, stretch: Stretch) -> dict[str, JsonValue]:
    """The same branch may be rewritten in the same way twice."""
    return {"after": stretch.after} if move is None else {"move": move.identifier}


def _move(move: Move | None) -> JsonValue:
    return None if move is None else {"id": move.identifier, "before": move.before, "after": move.after}


def _branch(ref: str) -> str:
    return ref.removeprefix("refs/heads/")


def _named(intents: Iterable[Event]) -> str:
    numbers = sorted({int(str(each.subject["pull_request"])) for each in intents})
    return f"landed by the hub with {', '.join(f'#{number}' for number in numbers)}"


def _all_urgent(intents: Iterable[Event]) -> bool:
    return all(each.data.get("class") == "emergency" for each in intents)
