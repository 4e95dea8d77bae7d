"""Change sets over several repositories: how people propose them, and what must hold of them after every run."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.flows.histories.facts import Event
from tests.flows.histories.history import History
from tests.flows.histories.tearing import WAYS, Tear
from tests.flows.hub import Run

OFTEN, TORN = 0.6, 0.5


def propose(among: Sequence[History], dice: random.Random, name: str) -> None:
    """Somebody proposes something over two repositories or three, mostly under the new `name`."""
    if len(among) < 2 or dice.random() > OFTEN:
        return
    concerned = dice.sample(among, min(len(among), dice.choice([2, 2, 3])))
    known = [name for each in concerned for name in each.people.sets]
    name = dice.choice(known) if known and dice.random() < 0.15 else name
    needs: list[str] = []
    for each in concerned:
        made = each.people.propose_in_set(name, needs)
        needs = [str(made)] if dice.random() < 0.4 else []
    if dice.random() < TORN:
        torn = Tear(name, dice.choice(WAYS), [*concerned])
        for each in concerned:
            each.tear = torn


def torn_apart(histories: Sequence[History], run: Run, events: Sequence[Event], *, since: int) -> Iterator[str]:
    """`since` is the last event before the run."""
    by_id = {each.repository.identifier: each for each in histories}
    for intent in _announced(events).values():
        if intent["seq"] > since:
            yield from _complete(intent, by_id, events)
        if not _is_void(intent, events):
            yield from _settled(intent, by_id, run, events)


def _settled(intent: Event, by_id: Mapping[str, History], run: Run, events: Sequence[Event]) -> Iterator[str]:
    """What is on record of it is what has become of it."""
    name, parts = intent["subject"]["change_set"], intent["data"]["parts"]
    about = [event for event in events if event["subject"].get("announcement") == intent["subject"]["announcement"]]
    told = {event["type"] for event in about}
    landed = [part for part in parts if _is_there(part, events)]
    if "set.completed" not in told and len(landed) == len(parts):
        yield f"recorded: all of change set {name} has landed, and that is not on record"
    if "set.completed" in told:
        yield from _agreed(name, parts, by_id)
        return
    if landed and len(landed) < len(parts) and "set.broken" not in told:
        yield f"once: change set {name} has landed in part, and nobody is told"
    alerts = [event for event in about if event["type"] == "alert.raised"]
    if len(alerts) != ("set.broken" in told):
        yield f"once: change set {name} made {len(alerts)} incidents, and what is told of it is {told}"
    if "set.broken" in told and not landed and "set.compensated" not in told:
        yield f"recorded: all of change set {name} is taken back, and that is not on record"
    if "set.compensated" in told and landed:
        yield f"closed: change set {name} is said to be taken back, and {landed} is there"
    if "set.broken" in told and landed and _compensates(by_id.values()):
        yield from _stuck(name, landed, by_id, run, events)


def _announced(events: Iterable[Event]) -> dict[str, Event]:
    """By the digest, the first record of each announcement."""
    found: dict[str, Event] = {}
    for event in events:
        if event["type"] == "set.intent":
            found.setdefault(event["subject"]["announcement"], event)
    return found


def _is_void(intent: Event, events: Sequence[Event]) -> bool:
    """
    Whether nothing has ever landed as a part of it, or it was announced otherwise while nothing of it had landed.

    What lands then is of the other one, and what lands by itself has left the set.
    """
    parts, name, digest = intent["data"]["parts"], intent["subject"]["change_set"], intent["subject"]["announcement"]
    of_set = [
        each for each in events if each["type"] == "merge.completed" and each["data"].get("change_set", name) == name
    ]
    later = (
        event["seq"]
        for event in events
        if event["type"] == "set.intent" and event["seq"] > intent["seq"]
        if event["subject"]["change_set"] == name and event["subject"]["announcement"] != digest
    )
    until = min(later, default=math.inf)
    return not any(_is_there(part, [each for each in of_set if each["seq"] < until]) for part in parts)


def _is_there(part: Mapping[str, Any], events: Iterable[Event]) -> bool:
    there: set[tuple[int, str]] = set()
    for event in events:
        if not event["repository"] or event["repository"]["id"] != part["repository_id"]:
            continue
        if event["type"] == "merge.completed":
            there.add((event["subject"]["pull_request"], event["subject"]["head"]))
        if event["type"] == "rollback.completed":
            there -= set(zip(event["subject"]["pull_requests"], event["data"]["heads"], strict=True))
    return {(number, head) for number, head in part["heads"]} <= there


def _complete(intent: Event, by_id: Mapping[str, History], events: Iterable[Event]) -> Iterator[str]:
    """
    What was announced is all that was open under the name, in every repository, at some moment.

    What had landed by then belongs to it no more: of a set that landed in part, the rest is announced by itself.
    """
    name, parts = intent["subject"]["change_set"], intent["data"]["parts"]
    pinned = {part["repository_id"]: {(number, head) for number, head in part["heads"]} for part in parts}
    gone = [event for event in events if event["type"] == "merge.completed" and event["seq"] < intent["seq"]]
    for identifier, history in by_id.items():
        landed = {event["subject"]["pull_request"] for event in gone if event["repository"]["id"] == identifier}
        seen = [
            {
                (pull.number, pull.head)
                for pull in each.facts.open
                if (pull.change_set, pull.target) == (name, "main") and pull.number not in landed
            }
            for each in history.sightings
        ]
        if pinned.get(identifier, set()) not in seen:
            yield f"approved: of {name}, {pinned.get(identifier)} was announced in {history.name}, where was {seen}"


def _agreed(name: str, parts: Iterable[Mapping[str, Any]], by_id: Mapping[str, History]) -> Iterator[str]:
    """A gate that sees all of the set has seen nothing that it minds in any part, as it was announced."""
    heads = [(by_id[part["repository_id"]], head) for part in parts for _, head in part["heads"]]
    discord = [head for history, head in heads if any(path.startswith("discord") for path in history.graph.files(head))]
    if discord and any("contract" in history.terms.gates for history, _ in heads):
        yield f"gated: change set {name} landed with {discord}, which a gate of one of its repositories minds"


def _stuck(
    name: str, landed: Iterable[Mapping[str, Any]], by_id: Mapping[str, History], run: Run, events: Iterable[Event]
) -> Iterator[str]:
    """What is not taken back could not be, and that is told; or nobody could be asked."""
    refused = {event["repository"]["id"] for event in events if event["type"] == "rollback.failed"}
    failed = {each for each, history in by_id.items() if run.error(history.repository) is not None}
    places = {str(part["repository_id"]) for part in landed}
    if not places & (refused | failed) and not failed:
        yield f"closed: change set {name} is broken, and nobody took back what has landed in {places}"


def _compensates(histories: Iterable[History]) -> bool:
    return bool(next(iter(histories)).log.hub.config.global_["change_sets"]["compensate"])  # type: ignore[index]  # set by `found`
