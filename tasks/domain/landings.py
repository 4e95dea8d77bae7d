"""
What has landed anywhere, as the audit log knows it, and whether it is what was gated.

The code host calls a pull request closed when it was squashed or rebased by us: only the log tells it from one that
was given up.
"""

from collections.abc import Iterable

from tasks.domain.audit import Event, EventType
from tasks.domain.land import Arrived, Landed
from tasks.domain.model import Reference
from tasks.domain.remembered import IntentRecord


def landed_among(references: Iterable[Reference], events: Iterable[Event]) -> frozenset[Reference]:
    """Those of `references` that the log has as landed; the code host ignores the case of names."""
    landed = {
        (event.repository.name.casefold(), event.subject.get("pull_request"))
        for event in events
        if event.type is EventType.MERGE_COMPLETED and event.repository is not None
    }
    return frozenset(each for each in references if (each.repository.casefold(), each.number) in landed)


def difference(landed: Landed, reply: Arrived, target: str) -> str | None:
    """What `target` has that was not announced for it; None where it took what was gated."""
    if landed.commit != reply.commit:
        return f"{target} does not contain {reply.commit}, which it had taken, and is at {landed.commit}"
    if landed.tree != landed.gated_tree:
        return f"#{landed.number} landed as {landed.commit} with tree {landed.tree}; gated was tree {landed.gated_tree}"
    return None


def why_given_up(intent: IntentRecord, events: Iterable[Event]) -> str:
    """Why what was announced is not on the target branch, and will not get there."""
    for event in events:
        alerted = event.type is EventType.ALERT_RAISED and event.data.get("alert") == "landed-tree-differs"
        about = (event.subject.get("pull_request"), event.data.get("gated_tree"))
        if alerted and about == (intent.number, intent.tree):
            return str(event.data["message"])
    return "given up: the pull request was closed or its head moved before it landed"
