"""What must hold after every run, whatever people and the world did: each function returns what does not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.flows.histories.aftermath import reverted_spans, taken_back
from tests.flows.histories.facts import Event, Facts, Pull, Terms
from tests.flows.histories.graph import Branch, Conflicting, Unclear, digest_of_files, red
from tests.flows.histories.history import History, Sighting
from tests.flows.histories.oracle import needs_here
from tests.flows.histories.staff import REVIEW
from tests.flows.hub import Hub, Run


@dataclass(frozen=True, slots=True)
class Landing:
    """One pull request that the log says has landed, and what it said before."""

    completed: Event
    intent: Event

    @property
    def number(self) -> int:
        return int(self.completed["subject"]["pull_request"])

    @property
    def head(self) -> str:
        return str(self.completed["subject"]["head"])

    @property
    def commit(self) -> str:
        return str(self.completed["data"]["commit"])

    @property
    def base(self) -> str:
        return str(self.intent["data"]["base"])


def landings(events: Iterable[Event]) -> list[Landing]:
    """A landing without its intent has itself in its place, which `recorded` tells."""
    by_id = {event["id"]: event for event in events}
    done = (event for event in by_id.values() if event["type"] == "merge.completed")
    return [Landing(event, by_id.get(event["data"]["intent"], event)) for event in done]


def broken_by(history: History, facts: Facts, run: Run, *, since: int) -> list[str]:
    """`since` is the last event before the run, `facts` what is to be seen after it."""
    events = history.events()
    every = landings(events)
    new = [each for each in every if each.completed["seq"] > since and each.intent["type"] == "merge.intent"]
    return [
        *history.problems,
        *taken_back(history, facts, run, events),
        *recorded(every, events),
        *(said for each in new for said in gated(history, each, events)),
        *(said for each in new for said in made_of_heads(history, each, events)),
        *(said for each in new for said in approved(history, each)),
        *(said for each in new for said in pinned(history, each, events)),
        *(said for each in new for said in needs_met(history, each, facts, every)),
        *accounted(history, facts, events),
        *told(history, facts, run, every),
    ]


def verified(hub: Hub, run: Run) -> Iterator[str]:
    """Evidence holds before a stranger, whatever happened; a run that met trouble may have left some of it undone."""
    if not run.problems:
        yield from (f"evidence: {flaw}" for flaw in hub.flaws())


def recorded(every: Iterable[Landing], events: Iterable[Event]) -> Iterator[str]:
    seen: set[tuple[int, str]] = set()
    for landing in every:
        if landing.intent["type"] != "merge.intent" or landing.intent["seq"] >= landing.completed["seq"]:
            yield f"recorded: #{landing.number} landed, and no intent stands before it"
        if (landing.number, landing.head) in seen:
            yield f"once: #{landing.number} is recorded as landed twice"
        seen.add((landing.number, landing.head))
    identifiers = [event["id"] for event in events]
    if len(identifiers) != len(set(identifiers)):
        yield "once: a fact is recorded twice"


def gated(history: History, landing: Landing, events: Iterable[Event]) -> Iterator[str]:
    data, graph, terms = landing.completed["data"], history.graph, history.terms
    files = graph.files(landing.commit)
    trees = {data["tree"], data["gated_tree"], landing.intent["data"]["tree"], graph.commits[landing.commit].tree}
    if len(trees) != 1:
        yield f"gated: #{landing.number} landed as another tree than was gated: {trees}"
    if red(files, terms.gates):
        yield f"gated: #{landing.number} landed, and {sorted(files)} is red"
    if terms.stage != "merge" or not terms.gates:
        yield f"closed: #{landing.number} landed at stage {terms.stage} with gates {terms.gates}"
    passed = {gate for gate, digest, status in history.place.seen() if (digest, status) == (digest_of_files(files), 0)}
    noted = {
        event["subject"]["gate"]
        for event in events
        if event["type"] == "gate.finished" and event["subject"]["tree"] in trees
        if event["data"]["verdict"] == "passed" and event["seq"] < landing.intent["seq"]
    }
    if missing := set(terms.gates) - (passed & noted):
        yield f"gated: #{landing.number} landed without {missing} having passed on it"


def made_of_heads(history: History, landing: Landing, events: Iterable[Event]) -> Iterator[str]:
    """What landed is the branch as it was, and exactly the heads that were announced for it."""
    together = {
        event["subject"]["pull_request"]: event["subject"]["head"]
        for event in events
        if event["type"] == "merge.intent" and event["subject"]["candidate"] == landing.intent["subject"]["candidate"]
    }
    members = landing.intent["data"].get("pull_requests", [])
    if set(together) < set(members):
        yield f"recorded: {members} landed together, and only {sorted(together)} were announced"
        return
    branch = Branch.at(history.graph, landing.base)
    try:
        for number in members:
            branch = branch.merged(together[number], history.terms.method)
    except Unclear:
        return
    except Conflicting:
        yield f"approved: {members} landed together, and they conflict"
        return
    if branch.files != history.graph.files(landing.commit):
        yield f"approved: #{landing.number} landed as something else than the heads {together}"


def approved(history: History, landing: Landing) -> Iterator[str]:
    """By what was to be seen at the last moment at which it had not landed."""
    last = _last_seen(history, landing)
    pull = last.facts.pulls.get(landing.number) if last else None
    if last is None or pull is None:
        yield f"approved: #{landing.number} landed, and nobody saw it open"
    elif pull.head != landing.head:
        yield f"approved: #{landing.number} landed at {landing.head}, and its head was {pull.head}"
    elif not any(_may_land(pull, last, history.terms, at) for at in _moments(history, last)):
        yield f"approved: #{landing.number} landed as {pull}, under {history.terms}"


def _last_seen(history: History, landing: Landing) -> Sighting | None:
    """Whatever people do after it comes too late: it was about to land by then, and could not be stopped."""
    return next((each for each in reversed(history.sightings) if landing.number not in each.landed), None)


def _moments(history: History, last: Sighting) -> set[datetime]:
    """Time goes on at a moment of its own for whoever lets it, and at any moment for all others."""
    return {last.at} if history.disturbance == "clock" and history.happened else {last.at, history.clock.now()}


def _may_land(pull: Pull, seen: Sighting, terms: Terms, at: datetime) -> bool:
    return pull.may_land(terms, at) and (not terms.freeze(at) or pull.number in _excepted(seen.facts))


def _excepted(facts: Facts) -> set[int]:
    """Hotfixes, and what they need."""
    found = {pull.number for pull in facts.pulls.values() if pull.urgency[0]}
    for _ in facts.pulls:
        found |= {number for each in found for number in needs_here(facts.pulls[each], facts) if number in facts.pulls}
    return found


def pinned(history: History, landing: Landing, events: Iterable[Event]) -> Iterator[str]:
    """Who is in a change set lands only as that was announced."""
    last = _last_seen(history, landing)
    pull = last.facts.pulls.get(landing.number) if last else None
    if pull is None or pull.change_set is None:
        return
    announced = (event for event in events if event["type"] == "set.intent" and event["seq"] < landing.intent["seq"])
    heads = (head for event in announced for part in event["data"]["parts"] for head in part["heads"])
    if [landing.number, landing.head] not in list(heads):
        yield f"approved: #{landing.number} is in a change set, and landed without it"


def needs_met(history: History, landing: Landing, facts: Facts, every: Iterable[Landing]) -> Iterator[str]:
    """
    What it said in the last moment that it depends on was there before, or came with it.

    What is elsewhere is asked of the model.
    """
    last = _last_seen(history, landing)
    pull = last.facts.pulls.get(landing.number) if last else None
    if pull is None:
        return
    before = {each.number for each in every if each.completed["seq"] <= landing.completed["seq"]}
    together = set(landing.intent["data"].get("pull_requests", []))
    by_hand = {number for number, each in facts.pulls.items() if each.state == "merged"} - facts.gone
    needed = {number for name, number in pull.needs if name == facts.repository}
    if open_ := needed - before - together - by_hand:
        yield f"closed: #{landing.number} landed before what it needs: {open_}"


def accounted(history: History, facts: Facts, events: Iterable[Event]) -> Iterator[str]:
    """
    From the first commit to the tip, everything is a person's, in exactly one landing, or an announced revert, or an
    incident says so; and all that a person pushed is there.
    """
    line = history.graph.mainline(facts.tip)
    if history.start not in line:
        yield "accounted: the branch does not have what it began with"
        return
    places = {commit: at for at, commit in enumerate(line)}
    ours: dict[str, str] = {}
    if lost := history.people.pushed - history.graph.ancestors(facts.tip):
        yield f"accounted: {lost} of people is not on the branch any more"
    for number, base, commit in (*_spans(events), *reverted_spans(events, places)):
        if commit not in places or base not in places:
            yield f"accounted: {number} landed as {commit}, which is not on the branch"
            continue
        for each in line[places[base] + 1 : places[commit] + 1]:
            if ours.setdefault(each, commit) != commit:
                yield f"accounted: {each} is in two landings"
    alarms = [event["subject"]["commit"] for event in events if event["data"].get("alert") == "landed-tree-differs"]
    for commit in line[places[history.start] + 1 :]:
        if commit not in history.people.pushed and commit not in ours and commit not in alarms:
            yield f"accounted: {commit} belongs to nobody"
        if commit in history.people.pushed and commit in ours:
            yield f"accounted: {commit} is both of a person and ours"


def _spans(events: Iterable[Event]) -> Iterator[tuple[str, str, str]]:
    for landing in landings(events):
        if landing.intent["type"] == "merge.intent":
            yield f"#{landing.number}", landing.base, landing.commit


def told(history: History, facts: Facts, run: Run, every: Iterable[Landing]) -> Iterator[str]:
    """The run says what became of everybody, and what it says is so."""
    repository = run.repository(history.repository)
    landed = {each.number for each in every} - facts.gone
    for each in repository["pull_requests"]:
        pull = facts.pulls[each["number"]]
        if (each["outcome"] == "merged") != (each["number"] in landed):
            yield f"told: #{each['number']} is called {each['outcome']}"
        if each["outcome"] != "merged" and not each["reasons"]:
            yield f"told: #{each['number']} did not land for no reason"
        if each["outcome"] == "merged" and pull.state == "open" and history.steady:
            yield f"told: #{each['number']} landed and is open"


def told_once(hub: Hub, events: Sequence[Event]) -> Iterator[str]:
    sent = [event["subject"] for event in events if event["type"] == "message.sent"]
    arrived = len(hub.organization.posts()) + len(hub.organization.mails())
    if len(sent) != arrived:
        yield f"once: {arrived} messages arrived, {len(sent)} were sent"
    keys = [(event["subject"]["channel"], event["data"]["key"]) for event in events if event["type"] == "message.sent"]
    if len(keys) != len(set(keys)):
        yield "once: the same was told to a channel twice"


def secrets_in(hub: Hub, documents: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Anywhere that the hub writes or says something."""
    secrets = [hub.environment["GITHUB_TOKEN"].encode(), REVIEW.encode(), b"token-of-a-reviewer"]
    said = {"chat": repr(hub.organization.posts()).encode(), "mail": repr(hub.organization.mails()).encode()}
    said |= {f"run {at}": repr(document).encode() for at, document in enumerate(documents)}
    for name, content in (*said.items(), *_written(hub.home), *_written(Path(hub.prefect["PREFECT_HOME"]))):
        if any(secret in content for secret in secrets):
            yield f"secretless: {name} holds a secret"


def _written(folder: Path) -> Iterator[tuple[str, bytes]]:
    return ((str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())
