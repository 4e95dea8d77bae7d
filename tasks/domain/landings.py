"""
What has landed anywhere, as the audit log knows it, and whether it is what was gated.

The code host calls a pull request closed when it was squashed or rebased by us: only the log tells it from one that
was given up.
"""

from collections.abc import Iterable, Mapping

from tasks.domain.audit import Event, EventType
from tasks.domain.land import Arrived, BaseMoved, Landed
from tasks.domain.model import CommitSha, Reference, RelatedState
from tasks.domain.remembered import IntentRecord, parse_rolled_back

ENDINGS = frozenset({EventType.MERGE_COMPLETED, EventType.ROLLBACK_COMPLETED})
"""What tells of the states in the log."""

LANDED_OTHERWISE = "given up: what was announced later has landed in its place"


def states_in_log(references: Iterable[Reference], events: Iterable[Event]) -> Mapping[Reference, RelatedState]:
    """
    Those of `references` that landed by us: merged, or rolled back where that is the last word.

    The code host ignores the case of names.
    """
    states: dict[tuple[str, object], RelatedState] = {}
    for event in events:
        if event.repository is not None and event.type is EventType.MERGE_COMPLETED:
            states[event.repository.name.casefold(), event.subject["pull_request"]] = RelatedState.MERGED
        if event.repository is not None and event.type is EventType.ROLLBACK_COMPLETED:
            taken_back = (number for number, _ in parse_rolled_back(event))
            states |= {(event.repository.name.casefold(), number): RelatedState.ROLLED_BACK for number in taken_back}
    named = {each: states.get((each.repository.casefold(), each.number)) for each in references}
    return {reference: state for reference, state in named.items() if state is not None}


def difference(landed: Landed, reply: Arrived, target: str) -> str | None:
    """What `target` has that was not announced for it; None where it took what was gated."""
    if landed.commit != reply.commit:
        return f"{target} does not contain {reply.commit}, which it had taken, and is at {landed.commit}"
    if landed.tree != landed.gated_tree:
        return f"#{landed.number} landed as {landed.commit} with tree {landed.tree}; gated was tree {landed.gated_tree}"
    return None


def why_given_up(intent: IntentRecord, tip: CommitSha, *, still_open: bool, events: Iterable[Event]) -> str | None:
    """
    Why what was announced is not on the target branch, which is at `tip`, and will not get there; None: it yet may.

    `still_open`: the pull request is, at the head that was announced.
    """
    if still_open and tip == intent.base:
        return None
    for event in events:
        alerted = event.type is EventType.ALERT_RAISED and event.data.get("alert") == "landed-tree-differs"
        about = (event.subject.get("pull_request"), event.data.get("gated_tree"))
        if alerted and about == (intent.number, intent.tree):
            return str(event.data["message"])
    if still_open:
        return BaseMoved(intent.base, tip).message
    return "given up: the pull request was closed or its head moved before it landed"
