"""The ledger as frames: everything that reports count, as it stands."""

from datetime import datetime

from tasks.domain.ledger import FACTS
from tasks.frames.facts import Frames, frames_of
from tasks.ports import Ledger


def load_frames(ledger: Ledger, *, since: datetime | None = None, until: datetime | None = None) -> Frames:
    """All tables; `since` and before `until` are of the column that says which month a row belongs to."""
    return frames_of({table: ledger.columns(table, since=since, until=until) for table in FACTS})
