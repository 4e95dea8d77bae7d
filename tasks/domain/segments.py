"""
The audit log as files of the evidence store: which events are there already, and which file comes next.

Segments are never rewritten. Two that overlap (processes that exported at once) hold the same lines for the same
events; a gap is missing evidence.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.domain.errors import EvidenceError

PREFIX = "events/"
MEDIA_TYPE = "application/jsonl"
MAXIMUM_EVENTS = 10_000

_KEY = re.compile(r"events/(\d{12})-(\d{12})\.jsonl")


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """The events `first` to `last`, a line each."""

    first: int
    last: int

    @property
    def key(self) -> str:
        return segment_key(self.first, self.last)

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def segment_of(key: str) -> Segment | None:
    """None for a key that is not one of a segment."""
    found = _KEY.fullmatch(key)
    segment = None if found is None else Segment(int(found[1]), int(found[2]))
    return segment if segment is not None and 1 <= segment.first <= segment.last else None


def segment_key(first: int, last: int) -> str:
    return f"{PREFIX}{first:012d}-{last:012d}.jsonl"


def exported_until(keys: Iterable[str], known: int = 0) -> int:
    """
    The last event that the store holds with all before it; raises EvidenceError for a gap or a stranger.

    Of the first `known` that is known, and `keys` need not tell.
    """
    until = known
    for segment in sorted(parsed_segment(key) for key in keys):
        if segment.first > until + 1:
            raise EvidenceError(
                f"the evidence store lacks events {until + 1} to {segment.first - 1}, before {segment.key}",
                remedy="Find out who removed them, and bring them back from a copy: evidence is never made anew.",
            )
        until = max(until, segment.last)
    return until


def next_segments(exported: int, size: int) -> tuple[tuple[int, int], ...]:
    """First and last event of each segment to write; raises EvidenceError where the store knows more than the log."""
    if exported > size:
        raise EvidenceError(
            f"the evidence store holds events up to {exported}, and the audit log has {size}",
            remedy="Stop landing: the log was replaced by another or an older one. `merge-hub restore` brings it back.",
        )
    starts = range(exported + 1, size + 1, MAXIMUM_EVENTS)
    return tuple((first, min(first + MAXIMUM_EVENTS - 1, size)) for first in starts)


def parsed_segment(key: str) -> Segment:
    """Raises EvidenceError for a key that is not one of a segment."""
    found = segment_of(key)
    if found is None:
        raise EvidenceError(
            f"{key} lies among the segments of the audit log and is none",
            remedy="Find out who wrote it there.",
        )
    return found
