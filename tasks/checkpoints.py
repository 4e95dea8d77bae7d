"""
What was signed last, as the evidence store has it; and that a log is the one whose store that is.

A store grows for years. What this machine noted that it saw signed there is where it is listed from, so that a run
takes as long after years as on the first day; the whole of it is what `verify` and the daily look are for.
"""

import json
from contextlib import suppress
from pathlib import Path

from tasks.domain.checkpoint import PREFIX, Checkpoint, key_for, said_checkpoint, size_in
from tasks.domain.errors import AuditLogError
from tasks.domain.merkle import Peaks
from tasks.domain.segments import MAXIMUM_EVENTS, Segment, parsed_segment
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.domain.time_stamp import PREFIX as ANCHORS
from tasks.domain.time_stamp import anchored_size
from tasks.files import write_whole
from tasks.ports import EvidenceStore, Services

NOTE = "signed-tree.json"
"""What this machine saw signed last; without it the log is read once from its beginning."""


_NEAR = 1_000
"""How many events back an anchor is looked for first."""


def noted_tree(home: Path) -> Peaks:
    """None at all where nothing was noted, or nothing that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads((home / NOTE).read_text(encoding="utf-8"))
        peaks = Peaks(int(found["size"]), [bytes.fromhex(each) for each in found["peaks"]])
        return peaks if peaks.fits() else Peaks()
    return Peaks()


def note_tree(peaks: Peaks, home: Path) -> None:
    told = {"size": peaks.size, "peaks": [each.hex() for each in peaks.hashes]}
    write_whole(home / NOTE, json.dumps(told) + "\n")


def segments_since(size: int, store: EvidenceStore) -> tuple[Segment, ...]:
    """Those that may have events behind the first `size`; EvidenceError for what is none."""
    begun = f"{SEGMENTS}{max(size - MAXIMUM_EVENTS, 0):012d}"
    return tuple(each for each in map(parsed_segment, store.keys(SEGMENTS, after=begun)) if each.last > size)


def last_size(services: Services) -> int:
    """Of how many events the largest checkpoint is; 0 where nothing was ever signed."""
    noted = noted_tree(services.home).size
    sizes = (size_in(key) for key in services.evidence.keys(PREFIX, after=key_for(noted - 1) if noted else ""))
    return max((size for size in sizes if size is not None), default=0)


def demand_whole(size: int, store: EvidenceStore) -> None:
    """Raises AuditLogError where the store has more of the log than its `size` events: a second log must not begin."""
    signed = filter(None, map(size_in, store.keys(PREFIX, after=key_for(size))))
    sizes = [*(each.last for each in segments_since(size, store)), *signed]
    if (kept := max(sizes, default=0)) > size:
        raise AuditLogError(
            f"the audit log has {size} events, and the evidence store {store.location} has {kept} of it",
            remedy="Run `merge-hub restore`, which brings the log back from the store, and then this again.",
        )


def last_checkpoint(services: Services) -> Checkpoint | None:
    """What it says; its signature is not looked at."""
    size = last_size(services)
    return said_checkpoint(services.evidence.get(key_for(size))) if size else None


def last_anchor(size: int, store: EvidenceStore) -> tuple[int, str] | None:
    """Of how many events the last anchor of a log of `size` is, and its key: looked for from the end of the log."""
    for back in (_NEAR, 100 * _NEAR, size):
        keys = store.keys(ANCHORS, after=f"{ANCHORS}{max(size - back, 0):012d}")
        found = [(anchored, key) for key in keys if (anchored := anchored_size(key)) is not None]
        if found:
            return max(found)
    return None
