"""What was signed last, as the evidence store has it."""

from tasks.domain.checkpoint import PREFIX, Checkpoint, key_for, said_checkpoint, size_in
from tasks.ports import Services


def last_size(services: Services) -> int:
    """Of how many events the largest checkpoint is; 0 where nothing was ever signed."""
    sizes = (size_in(key) for key in services.evidence.keys(PREFIX))
    return max((size for size in sizes if size is not None), default=0)


def last_checkpoint(services: Services) -> Checkpoint | None:
    """What it says; its signature is not looked at."""
    size = last_size(services)
    return said_checkpoint(services.evidence.get(key_for(size))) if size else None
