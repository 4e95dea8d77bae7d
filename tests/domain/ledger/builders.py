"""Rows of the ledger, valid by default."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.domain.ledger import GateResultRow, GateStatus, PersonKind, PullRequestRow, PullRequestState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def gate_result(**told: Any) -> GateResultRow:
    values: dict[str, Any] = {
        "evaluation_id": "evaluation-1",
        "gate": "unit",
        "attempt": 1,
        "repository_id": "7",
        "repository": "acme/service-api",
        "team": "team-a",
        "definition": "sha256:d",
        "tree": "t" * 40,
        "base": "b" * 40,
        "status": GateStatus.PASSED,
        "cause": None,
        "required": True,
        "cached": False,
        "queued_seconds": 0.0,
        "seconds": 60.0,
        "started_at": NOON,
        "finished_at": NOON + timedelta(seconds=60),
        "log": None,
    }
    return GateResultRow(**(values | told))


def pull_request(**told: Any) -> PullRequestRow:
    values: dict[str, Any] = {
        "repository_id": "7",
        "number": 1,
        "repository": "acme/service-api",
        "team": "team-a",
        "target": "main",
        "author": "alice",
        "author_kind": PersonKind.HUMAN,
        "first_commit_at": NOON - timedelta(hours=2),
        "opened_at": NOON,
        "ready_at": NOON,
        "first_review_at": None,
        "merged_at": None,
        "closed_at": None,
        "deployed_at": None,
        "merge_commit": None,
        "merged_head": None,
        "draft_seconds": 0.0,
        "reopen_count": 0,
        "pushes_after_review": 0,
        "additions": 1,
        "deletions": 0,
        "state": PullRequestState.OPEN,
        "updated_at": NOON,
    }
    return PullRequestRow(**(values | told))
