"""What landed, under which controls, what the code host says was merged at all, and what was taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tasks.domain.ledger.vocabulary import ControlOutcome, LandingClass, PersonKind


@dataclass(frozen=True, slots=True)
class LandingRow:
    """`commit` is where the target branch was when the pull request had landed; `event` the audit event's id."""

    table: ClassVar[str] = "landing"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "commit", "number")
    month: ClassVar[str | None] = "landed_at"

    repository_id: str
    commit: str
    number: int
    repository: str
    team: str | None
    target: str | None
    head: str
    method: str
    class_: LandingClass
    landed_at: datetime
    opened_at: datetime | None
    author: str | None
    author_kind: PersonKind
    batch_id: str | None
    run_id: str | None
    event: str


@dataclass(frozen=True, slots=True)
class LandingControlRow:
    """What one control came to for one landing; `evidence` is the digest of what was judged, `policy` in force then."""

    table: ClassVar[str] = "landing_control"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "commit", "number", "control")
    month: ClassVar[str | None] = "landed_at"

    repository_id: str
    commit: str
    number: int
    control: str
    landed_at: datetime
    policy: str | None
    rule: str | None
    outcome: ControlOutcome
    evidence: str | None


@dataclass(frozen=True, slots=True)
class MergeSeenRow:
    """A merge that the code host lists on a target branch; `number` None: pushed without a pull request."""

    table: ClassVar[str] = "merge_seen"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "commit")
    month: ClassVar[str | None] = "merged_at"

    repository_id: str
    commit: str
    repository: str
    team: str | None
    target: str
    number: int | None
    merged_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class RollbackRow:
    """
    One merge that was taken back; those of one `incident` share its times. `restored_at` None: it is not over.

    `failing_commit` and `number` are of the landing that is to blame; `reland_of` names the rollback that this one
    takes back.
    """

    table: ClassVar[str] = "rollback"
    key: ClassVar[tuple[str, ...]] = ("rollback_id",)
    month: ClassVar[str | None] = "decided_at"

    rollback_id: str
    incident: str
    repository_id: str
    repository: str
    team: str | None
    failing_commit: str
    number: int | None
    detected_at: datetime | None
    decided_at: datetime
    restored_at: datetime | None
    reland_of: str | None
