"""
What has landed anywhere, as the audit log knows it.

The code host calls a pull request closed when it was squashed or rebased by us: only the log tells it from one that
was given up.
"""

from collections.abc import Iterable

from tasks.domain.audit import Event, EventType
from tasks.domain.model import Reference


def landed_among(references: Iterable[Reference], events: Iterable[Event]) -> frozenset[Reference]:
    """Those of `references` that the log has as landed; the code host ignores the case of names."""
    landed = {
        (event.repository.name.casefold(), event.subject.get("pull_request"))
        for event in events
        if event.type is EventType.MERGE_COMPLETED and event.repository is not None
    }
    return frozenset(each for each in references if (each.repository.casefold(), each.number) in landed)
