"""Who owned which repository when, and how far each source has been read."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RepositoryTeamRow:
    """From `from_at` on and before `to_at`; None: still. A change is seen when the configuration is next read."""

    table: ClassVar[str] = "repository_team"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "team", "from_at")
    month: ClassVar[str | None] = None

    repository_id: str
    team: str
    from_at: datetime
    repository: str
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class CursorRow:
    """`high_water` is the source's own: everything up to it is in the ledger. `repository_id` is empty for all."""

    table: ClassVar[str] = "cursor"
    key: ClassVar[tuple[str, ...]] = ("source", "repository_id")
    month: ClassVar[str | None] = None

    source: str
    repository_id: str
    high_water: str
    run_id: str | None
    committed_at: datetime
