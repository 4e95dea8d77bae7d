"""
The ledger of facts that every report is counted from: one row a pull request, gate attempt, queue stay, landing.

A row is found again by its natural key, so that writing it twice changes nothing. It names people and pull requests,
and holds no title, no text and no secret.
"""

from tasks.domain.ledger.gating import BatchRow, EvaluationRow, ForecastRow, GateResultRow, QueueStayRow
from tasks.domain.ledger.keeping import CursorRow, RepositoryTeamRow
from tasks.domain.ledger.landing import LandingControlRow, LandingRow, MergeSeenRow, RollbackRow
from tasks.domain.ledger.pull_requests import PolicyCompleteRow, PullRequestRow, ReviewRow, StateSpanRow, TakesBackRow
from tasks.domain.ledger.tables import (
    FACTS,
    ROWS,
    SCHEMA_VERSION,
    TABLES,
    Column,
    Kind,
    Row,
    Table,
    columns_of,
    month_of,
    row_of,
    values_of,
)
from tasks.domain.ledger.vocabulary import (
    ControlOutcome,
    EvaluationPhase,
    EvaluationResult,
    ExitClass,
    GateCause,
    GateStatus,
    LandingClass,
    PersonKind,
    PullRequestState,
    ReviewKind,
    SpanState,
)

__all__ = [
    "FACTS", "ROWS", "SCHEMA_VERSION", "TABLES", "BatchRow", "Column", "ControlOutcome", "CursorRow", "EvaluationPhase",
    "EvaluationResult", "EvaluationRow", "ExitClass", "ForecastRow", "GateCause", "GateResultRow", "GateStatus", "Kind",
    "LandingClass", "LandingControlRow", "LandingRow", "MergeSeenRow", "PersonKind", "PolicyCompleteRow",
    "PullRequestRow", "PullRequestState", "QueueStayRow", "RepositoryTeamRow", "ReviewKind", "ReviewRow", "RollbackRow",
    "Row", "SpanState", "StateSpanRow", "Table", "TakesBackRow", "columns_of", "month_of", "row_of", "values_of",
]  # fmt: skip
