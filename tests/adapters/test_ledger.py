"""The ledger in a file: what is written twice is there once, and what others wrote stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tasks.adapters.clock import SystemClock
from tasks.adapters.ledger import SqlLedger
from tasks.domain.ledger import CursorRow, GateResultRow, PolicyCompleteRow, PullRequestRow, PullRequestState
from tests.domain.ledger.builders import NOON, gate_result, pull_request


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqlLedger]:
    found = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}", SystemClock())
    yield found
    found.close()


def test_a_row_that_is_written_twice_is_there_once_and_changes_nothing(ledger: SqlLedger) -> None:
    first, again = ledger.upsert([gate_result()]), ledger.upsert([gate_result()])

    assert (first, again, list(ledger.rows(GateResultRow))) == (1, 0, [gate_result()])


def test_a_row_comes_back_as_it_was_written_to_the_microsecond_and_in_its_own_vocabulary(ledger: SqlLedger) -> None:
    written = gate_result(started_at=NOON + timedelta(microseconds=7), queued_seconds=0.1)
    ledger.upsert([written])

    assert next(ledger.rows(GateResultRow)) == written


def test_a_time_in_another_zone_is_the_same_moment(ledger: SqlLedger) -> None:
    ledger.upsert([gate_result()])
    elsewhere = NOON.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+05:30").tzinfo)

    assert ledger.upsert([gate_result(started_at=elsewhere)]) == 0


def test_who_writes_some_columns_leaves_the_others_as_they_are(ledger: SqlLedger) -> None:
    ledger.upsert([PolicyCompleteRow("7", 1, NOON)])
    ledger.upsert([pull_request()])
    ledger.upsert([replace(pull_request(), state=PullRequestState.MERGED)])

    assert ledger.columns("pull_request")["policy_complete_at"] == ("2026-11-24T12:00:00.000000Z",)


def test_what_the_code_host_has_not_told_of_is_no_pull_request_yet(ledger: SqlLedger) -> None:
    ledger.upsert([PolicyCompleteRow("7", 1, NOON)])

    assert list(ledger.rows(PullRequestRow)) == []


def test_a_ledger_that_does_not_exist_is_empty_and_is_not_made_by_reading(tmp_path: Path) -> None:
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}", SystemClock())
    found = (list(ledger.rows(GateResultRow)), ledger.columns("gate_result")["gate"], ledger.cursor("github", "7"))

    assert (found, list(tmp_path.iterdir())) == (([], (), None), [])


def test_a_cursor_is_of_one_source_and_one_repository(ledger: SqlLedger) -> None:
    cursor = CursorRow("github", "7", "2026-11-24", "run-1", datetime(2026, 11, 24, tzinfo=UTC))
    ledger.commit_cursor(cursor)

    assert (ledger.cursor("github", "7"), ledger.cursor("github", "8"), ledger.cursor("audit-log", "7")) == (
        cursor,
        None,
        None,
    )
