"""What was signed last, as the evidence store has it; and that a log is the one whose store that is."""

from tasks.domain.checkpoint import PREFIX, Checkpoint, key_for, said_checkpoint, size_in
from tasks.domain.errors import AuditLogError
from tasks.domain.segments import MAXIMUM_EVENTS, segment_of
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.ports import EvidenceStore, Services


def last_size(services: Services) -> int:
    """Of how many events the largest checkpoint is; 0 where nothing was ever signed."""
    sizes = (size_in(key) for key in services.evidence.keys(PREFIX))
    return max((size for size in sizes if size is not None), default=0)


def demand_whole(size: int, store: EvidenceStore) -> None:
    """Raises AuditLogError where the store has more of the log than its `size` events: a second log must not begin."""
    begun = f"{SEGMENTS}{max(size - MAXIMUM_EVENTS, 0):012d}"
    segments = filter(None, map(segment_of, store.keys(SEGMENTS, after=begun)))
    sizes = [*(each.last for each in segments), *filter(None, map(size_in, store.keys(PREFIX, after=key_for(size))))]
    if (kept := max(sizes, default=0)) > size:
        raise AuditLogError(
            f"the audit log has {size} events, and the evidence store {store.location} has {kept} of it",
            remedy="Run `merge-hub restore`, which brings the log back from the store, and then this again.",
        )


def last_checkpoint(services: Services) -> Checkpoint | None:
    """What it says; its signature is not looked at."""
    size = last_size(services)
    return said_checkpoint(services.evidence.get(key_for(size))) if size else None
