"""
What happened to a pull request at the code host.

Three sources write the table `pull_request`, each the columns of its own row and no others: the collection from the
code host, and the flows, which alone know when the policies were satisfied and what a pull request takes back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from tasks.domain.ledger.vocabulary import PersonKind, PullRequestState, ReviewKind, SpanState


@dataclass(frozen=True, slots=True)
class PullRequestRow:
    """
    As the code host tells it; None: it has not happened, or the code host does not tell.

    `team` is the one it belonged to when it was opened, as far as known. `ready_at` is the last time that it left
    draft before its first review, else `opened_at`. `first_review_at` is the first by a person who is not its author.
    What was squashed or rebased onto its target by a push is `closed` here: that it landed stands in `landing`.
    """

    table: ClassVar[str] = "pull_request"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "number")
    month: ClassVar[str | None] = "opened_at"

    repository_id: str
    number: int
    repository: str
    team: str | None
    target: str
    author: str | None
    author_kind: PersonKind
    first_commit_at: datetime | None
    opened_at: datetime
    ready_at: datetime | None
    first_review_at: datetime | None
    merged_at: datetime | None
    closed_at: datetime | None
    deployed_at: datetime | None
    merge_commit: str | None
    merged_head: str | None
    draft_seconds: float
    reopen_count: int
    pushes_after_review: int
    additions: int | None
    deletions: int | None
    state: PullRequestState
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyCompleteRow:
    """When every policy was first seen satisfied on the head that it has, or landed with."""

    table: ClassVar[str] = "pull_request"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "number")
    month: ClassVar[str | None] = "opened_at"

    repository_id: str
    number: int
    policy_complete_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakesBackRow:
    """`rollback_of` is the merge commit that the pull request takes back."""

    table: ClassVar[str] = "pull_request"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "number")
    month: ClassVar[str | None] = "opened_at"

    repository_id: str
    number: int
    rollback_of: str | None


@dataclass(frozen=True, slots=True)
class StateSpanRow:
    """`to_at` None: it is still in that state."""

    table: ClassVar[str] = "state_span"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "number", "state", "from_at")
    month: ClassVar[str | None] = "from_at"

    repository_id: str
    number: int
    state: SpanState
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """`reviewer` None: the account is gone; `commit` None: the code host no longer knows it."""

    table: ClassVar[str] = "review"
    key: ClassVar[tuple[str, ...]] = ("repository_id", "number", "review_id")
    month: ClassVar[str | None] = "submitted_at"

    repository_id: str
    number: int
    review_id: str
    reviewer: str | None
    reviewer_kind: PersonKind
    state: ReviewKind
    commit: str | None
    submitted_at: datetime
