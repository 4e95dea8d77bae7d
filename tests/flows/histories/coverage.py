"""What the histories met, counted over all of them: a kind that nobody ever meets is a kind that nothing is said of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.flows.histories.facts import Event
from tests.flows.histories.history import History
from tests.flows.hub import Run

MET = "met"
TOGETHER = 12
"""Histories in one organization."""
ENOUGH_TO_MEET_ALL = 200
ENOUGH = 2
"""How often each of `NEEDED` is to be met where all histories are lived through."""
NEEDED = (
    *("gate.refused", "landing.tested", "merge.intent", "merge.completed", "merge.failed", "policy.decided"),
    *("rollback.completed", "set.intent", "set.completed", "set.broken", "set.compensated"),
    *("landing.paused", "landing.resumed", "warned: SEC-002", "held: paused", "held: label-excluded", "held: frozen"),
    *("held: base-red", "held: conflict-ahead", "held: dependency-open", "held: change-set-waiting"),
    *("held: stage-gate", "held: stage-observe", "refused: gate-failed", "refused: conflict-base"),
    *("refused: dependency-cycle", "failed: rolled-back"),
)


def disturbances_of(history: History) -> Iterator[str]:
    """Of the last run."""
    if history.happened and history.disturbance:
        yield f"disturbed: {history.disturbance}"
    if history.tear is not None and history.tear.done:
        yield f"torn: {history.tear.way}"
        history.tear = None


def met_by(runs: Iterable[Run], events: Iterable[Event]) -> Counter[str]:
    found: Counter[str] = Counter()
    for event in events:
        found[str(event["type"])] += 1
        if event["type"] == "policy.decided":
            found.update(_decided(event))
        if event["type"] == "alert.raised":
            found[f"alert: {event['data']['alert']}"] += 1
    for run in runs:
        found.update(_told(run.document))
    return found


def _decided(event: Event) -> Iterator[str]:
    for rule in event["data"]["rules"]:
        if rule["result"] == "fail":
            yield f"{'denied' if rule['enforcement'] == 'block' else 'warned'}: {rule['id']}"


def _told(document: Mapping[str, Any]) -> Iterator[str]:
    for repository in (each for team in document["teams"] for each in team["repositories"]):
        if repository["error"]:
            yield f"error: {repository['error']['code']}"
        for pull in repository["pull_requests"]:
            yield from (f"{pull['outcome']}: {reason['code']}" for reason in pull["reasons"])


def table(met: Mapping[str, int]) -> list[str]:
    """A line a kind, what is never met among them."""
    kinds = sorted({*met, *NEEDED})
    return [f"{met.get(kind, 0):7} {kind}" for kind in kinds]


def missing(met: Mapping[str, int]) -> list[str]:
    return [kind for kind in NEEDED if met.get(kind, 0) < ENOUGH]
