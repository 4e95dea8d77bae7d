"""What must hold of what is looked at once more after it landed, and of what is taken back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.flows.histories.facts import Event, Facts
from tests.flows.histories.graph import Conflicting, red, reds, three_way
from tests.flows.histories.history import History
from tests.flows.hub import Run

_INCIDENTS = frozenset({"post-landing-failed", "landed-tree-differs", "change-set-broken"})


def reverted_spans(events: Iterable[Event], places: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    """Of the reverts that are on the branch: whatever was announced and has not got there is nobody's."""
    for event in events:
        if event["type"] == "rollback.intent" and event["subject"]["revert"] in places:
            yield f"the revert of #{_numbers(event)}", event["data"]["base"], event["subject"]["revert"]


def taken_back(history: History, facts: Facts, run: Run, events: Sequence[Event]) -> Iterator[str]:
    """Everything is looked at after each run, since a later one may finish what an earlier one could not."""
    failed = run.error(history.repository) is not None
    for commit, landed in _landings(events).items():
        yield from _tested(history, commit, landed, events, failed=failed)
    line = set(history.graph.mainline(facts.tip))
    done = [event for event in events if event["type"] == "rollback.completed"]
    for event in done:
        yield from _reverted(history, event, events, line)
        yield from _told(history, event)
    completed = {_landing(event) for event in done}
    for event in events:
        announced = event["type"] == "rollback.intent" and event["subject"]["revert"] in line
        if announced and _landing(event) not in completed and not failed:
            yield f"recorded: #{_numbers(event)} were taken back, and that is not on record"


def _landings(events: Iterable[Event]) -> dict[str, Event]:
    """By what is on the branch, the last of those who landed together."""
    return {event["data"]["commit"]: event for event in events if event["type"] == "merge.completed"}


def _tested(history: History, commit: str, landed: Event, events: Iterable[Event], *, failed: bool) -> Iterator[str]:
    """What fails once it has landed is an incident, once, and is taken back where the team wants that, or said not."""
    about = [event for event in events if event["subject"].get("commit") == commit]
    said = {event["data"]["verdict"] for event in about if event["type"] == "landing.tested"}
    alerts = [event["data"]["alert"] for event in about if event["type"] == "alert.raised"]
    smoking = bool(reds(frozenset(history.graph.files(commit))) & set(history.terms.again))
    named = f"#{landed['subject']['pull_request']} at {commit}"
    gone = {event["type"] for event in about} & {"rollback.completed", "rollback.failed"}
    if history.terms.again and not said and not failed and "rollback.completed" not in gone:
        yield f"gated: nobody looked at {named} once it had landed"
    if ("failed" in said) > smoking:
        yield f"gated: {named} is said to fail, and does not"
    if alerts.count("post-landing-failed") != ("failed" in said):
        yield f"once: {named} made the incidents {alerts}, and gates said {said}"
    if "failed" in said and history.terms.takes_back and not failed and not gone:
        yield f"closed: {named} failed, and nobody took it back or said that it cannot be"
    if "rollback.failed" in gone and "rollback-failed" not in alerts:
        yield f"recorded: {named} cannot be taken back, and nobody is told"


def _reverted(history: History, done: Event, events: Iterable[Event], line: set[str]) -> Iterator[str]:
    """There is an incident, and what is left is what there was without the landing, and green."""
    known = {event["id"]: event for event in events}
    incident = known.get(done["data"]["incident"])
    named = f"#{_numbers(done)}"
    if incident is None or incident["data"].get("alert") not in _INCIDENTS | {None}:
        yield f"recorded: {named} was taken back for no incident: {incident}"
    if incident is not None and incident["data"].get("alert") == "post-landing-failed" and not history.terms.takes_back:
        yield f"closed: {named} was taken back, which the team does not want"
    if not done["data"]["reverted"]:
        return
    revert = done["data"]["revert"]
    if revert not in line:
        yield f"accounted: {named} was taken back by {revert}, which is not on the branch"
        return
    intents = [each for each in known.values() if each["type"] == "rollback.intent"]
    intent = next((each for each in intents if each["subject"]["revert"] == revert), None)
    if intent is None or intent["seq"] > done["seq"]:
        yield f"recorded: {named} was taken back, and no intent stands before that"
        return
    yield from _left(history, done, intent)


def _left(history: History, done: Event, intent: Event) -> Iterator[str]:
    graph, revert = history.graph, done["data"]["revert"]
    if red(graph.files(revert), set(history.terms.gates) - {"contract"}):
        yield f"gated: without #{_numbers(done)} the branch is red"
    if done["data"]["reverted"] and len(_numbers(done)) == 1:
        try:
            expected = _without(history, done, intent["data"]["base"])
        except Conflicting:
            yield f"accounted: taking #{_numbers(done)} back conflicts, and was done"
            return
        if graph.files(revert) != expected:
            yield f"accounted: what is left without #{_numbers(done)} is not what was there before it"


def _without(history: History, done: Event, base: str) -> Mapping[str, str]:
    """The branch as it was, and each reverted commit undone, the newest first."""
    graph = history.graph
    files = graph.files(base)
    for commit in done["data"]["reverted"]:
        files = three_way(graph.files(commit), files, graph.files(graph.commits[commit].parents[0]))
    return files


def _told(history: History, done: Event) -> Iterator[str]:
    for number in _numbers(done):
        comments = history.repository.rest("GET", f"/issues/{number}/comments?per_page=100")
        told = [comment for comment in comments if comment["body"].startswith("Rolled back")]
        if len(told) != 1 and history.steady:
            yield f"once: #{number} was told {len(told)} times that it was taken back"


def _numbers(event: Event) -> list[int]:
    return list(event["subject"]["pull_requests"])


def _landing(event: Event) -> tuple[str, str, tuple[int, ...]]:
    return event["subject"]["candidate"], event["subject"]["commit"], tuple(_numbers(event))
