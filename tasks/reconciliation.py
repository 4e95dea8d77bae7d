"""
Reconcile: every commit that a target branch has and had not is classified, and what nobody answers for is on record.

The tip of the branch is read first and the log after it: whatever of ours is there was announced before it landed. A
branch that did not move since it was last looked at is left alone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from tasks.code_store import Mirror
from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event, EventType
from tasks.domain.bypasses import bypasses_in
from tasks.domain.emergency_records import declared_in
from tasks.domain.model import CommitSha, Declared, Snapshot
from tasks.domain.provenance import (
    NO_COMMIT,
    Claim,
    History,
    Move,
    Recorded,
    break_in_chain,
    claims_of,
    first_moves,
    moves_since,
    recorded_moves,
)
from tasks.domain.reconciliation import Facts, Terms, classify, merges_in, rewritings, unrecorded
from tasks.domain.reconciliation_records import (
    OF_LANDINGS,
    OF_RECONCILIATION,
    Found,
    Stretch,
    next_stretch,
    open_intents_in,
    reconciled,
    recorded_in,
)
from tasks.domain.reconciliation_report import markdown, ref_document
from tasks.domain.remembered import parse_intent
from tasks.domain.rules import Rules
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import step


@dataclass(frozen=True, slots=True)
class _Survey:
    """What git and the log tell; `descends`: the branch still contains where it was."""

    stretch: Stretch
    history: History
    recorded: tuple[Recorded, ...]
    descends: bool


@step("reconcile {rules.repository}")
def reconcile(rules: Rules, snapshot: Snapshot, services: Services) -> dict[str, JsonValue]:
    """What is known of the target branch once everything new of it is on record, as `merge-hub reconcile` shows it."""
    ref = f"refs/heads/{rules.target}"
    past = _events(snapshot, services)
    survey = _survey(ref, rules, snapshot, services)
    moves, last = _moves(survey.stretch, _last_move(past, ref), snapshot, services)
    if survey.stretch.after is None or survey.history.start != survey.history.tip or moves:
        found = _found(survey, moves, last, _facts(survey, moves, rules, snapshot, services), rules)
        if services.log.append(reconciled(recorder_for(rules, snapshot), survey.stretch, found)):
            reached(CrashPoint.AFTER_RECONCILIATION)
    landings = services.log.events(repository_id=snapshot.repository_id, types={*OF_LANDINGS, EventType.MERGE_FAILED})
    still_open = open_intents_in(landings, rules.target)
    return ref_document(rules.team, snapshot.repository, ref, _events(snapshot, services), still_open)


def _events(snapshot: Snapshot, services: Services) -> tuple[Event, ...]:
    return tuple(services.log.events(repository_id=snapshot.repository_id, types=OF_RECONCILIATION))


def _moves(
    stretch: Stretch, last: int | None, snapshot: Snapshot, services: Services
) -> tuple[tuple[Move, ...], int | None]:
    """The moves that this stretch is about, and the latest that is known from now on; None where none is told."""
    told = services.code_host.moves(snapshot.repository, snapshot.repository_id, snapshot.target)
    if stretch.after is not None and last is not None:
        moves = moves_since(told, last, stretch.tip)
    elif stretch.start == stretch.tip:
        return (), next((move.identifier for move in told), None)
    else:
        moves = first_moves(told, stretch.start, stretch.tip)
    return moves, moves[-1].identifier if moves else last


def _last_move(past: Iterable[Event], ref: str) -> int | None:
    told = [event.data["activity"] for event in past if event.subject["ref"] == ref and "activity" in event.data]
    known = [each for each in told if isinstance(each, int)]
    return known[-1] if known else None


def _survey(ref: str, rules: Rules, snapshot: Snapshot, services: Services) -> _Survey:
    past = _events(snapshot, services)
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        tip = mirror.fetch(rules.target, ())
        kinds = {*OF_LANDINGS, EventType.MERGE_FAILED}
        landings = tuple(services.log.events(repository_id=snapshot.repository_id, types=kinds))
        recorded = recorded_in(landings, rules.target)
        stretch = next_stretch(ref, tip, past, recorded)
        known = _present((stretch.start,), rules, mirror) or _present(_anchors(past, recorded), rules, mirror)
        history = History(stretch.start, tip, mirror.graph(known=known or (tip,), until=tip))
        announced = _landed_meanwhile(open_intents_in(landings, rules.target), history, mirror)
        descends = stretch.start in known and mirror.contains(tip, stretch.start)
    return _Survey(stretch, history, (*recorded, *announced), descends)


def _present(commits: Collection[CommitSha], rules: Rules, mirror: Mirror) -> tuple[CommitSha, ...]:
    """Those that anybody still has: what was pushed over may be gone."""
    gone = mirror.fetch_heads(rules.target, commits).gone
    return tuple(commit for commit in dict.fromkeys(commits) if commit not in gone)


def _anchors(past: Iterable[Event], recorded: Iterable[Recorded]) -> tuple[CommitSha, ...]:
    """Where the branch is known to have been, for when nobody has what it was at last."""
    ends = [CommitSha(str(event.subject["from"])) for event in past if "from" in event.subject]
    return tuple(dict.fromkeys([*ends, *(each.before for each in recorded)]))


def _landed_meanwhile(intents: Iterable[Event], history: History, mirror: Mirror) -> list[Recorded]:
    """What a run that goes on at this moment has landed through the code host, and has yet to tell of."""
    found = []
    for event in intents:
        intent = parse_intent(event)
        if intent.base != history.start and intent.base not in history.parents:
            continue
        commit = mirror.commit_with_tree(intent.tree, after=intent.base, until=history.tip, besides=intent.head)
        if commit is not None:
            urgent = event.data.get("class") == "emergency"
            found.append(Recorded(intent.base, commit, f"just landed by the hub with #{intent.number}", urgent))
    return found


def _facts(survey: _Survey, moves: tuple[Move, ...], rules: Rules, snapshot: Snapshot, services: Services) -> Facts:
    terms, history, host = Terms.of(rules), survey.history, services.code_host
    arrivals = history.first_brought(moves)
    left = sorted(unrecorded(history, survey.recorded, arrivals, terms))
    origins = host.origins(snapshot.repository, snapshot.repository_id, left) if left else {}
    merges = [merge for merge in merges_in(origins) if merge.target == rules.target]
    numbers = [merge.number for merge in merges]
    read = host.reread(snapshot.repository, snapshot.repository_id, numbers) if numbers else ()
    pulls = {pull.number: pull for pull in read}
    claims = [each for merge in merges for each in claims_of(merge, pulls[merge.number], history, arrivals, origins)]
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        proven, rewound = _proven(claims, rules, mirror), _rewound(moves, history, rules, mirror)
    justified = {
        each.commit: each.justified.reason
        for each in bypasses_in(_events(snapshot, services))
        if each.justified is not None and each.commit in history.parents and "commit" in each.subject
    }
    declared = _declared(snapshot, services) if numbers and rules.emergency is not None else {}
    return Facts(history, moves, survey.recorded, origins, pulls, proven, declared, justified, rewound)


def _proven(claims: Collection[Claim], rules: Rules, mirror: Mirror) -> frozenset[Claim]:
    if not claims:
        return frozenset()
    gone = mirror.fetch_heads(rules.target, sorted({each.head for each in claims})).gone
    return frozenset(
        each
        for each in claims
        if each.evident
        or (each.head not in gone and mirror.merged_tree(each.before, each.head) == mirror.tree(each.after))
    )


def _rewound(
    moves: Collection[Move], history: History, rules: Rules, mirror: Mirror
) -> frozenset[tuple[CommitSha, CommitSha]]:
    """
    What nobody has any more is part of no branch, so that a move away from it has left it behind.

    Most moves end one commit further: git need not be asked about those.
    """
    pairs = {
        (each.before, each.after)
        for each in moves
        if NO_COMMIT not in (each.before, each.after) and each.before not in history.parents.get(each.after, ())
    }
    ends = sorted({end for pair in pairs for end in pair})
    there = set(_present(ends, rules, mirror)) if ends else set()
    return frozenset(
        (before, after)
        for before, after in pairs
        if after in there and (before not in there or not mirror.contains(after, before))
    )


def _declared(snapshot: Snapshot, services: Services) -> Mapping[int, Declared]:
    found = declared_in(services.log.events(types={EventType.EMERGENCY_DECLARED}))
    here = snapshot.repository.casefold()
    return {about.number: each for about, each in found.items() if about.repository.casefold() == here}


def _found(survey: _Survey, moves: tuple[Move, ...], last: int | None, facts: Facts, rules: Rules) -> Found:
    history = survey.history
    chain = moves or recorded_moves(survey.recorded, history)
    return Found(
        commits=classify(facts, Terms.of(rules)),
        rewritten=rewritings(facts, descends=survey.descends),
        moves=len(chain),
        last=last,
        gap=break_in_chain(chain, history.start, history.tip),
    )


@task(task_run_name="publish the reconciliation", cache_policy=NO_CACHE)
def publish_reconciliation(document: dict[str, JsonValue]) -> None:
    """The artifact `reconciliation`."""
    create_markdown_artifact(markdown=markdown(document), key="reconciliation", description=str(document["headline"]))
