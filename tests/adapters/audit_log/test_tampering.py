import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.errors import AuditLogError
from tests.adapters.facts import facts


@contextmanager
def hands_on(file: Path, *, guarded: bool = False) -> Iterator[sqlite3.Connection]:
    """Somebody at the file with SQLite's own tools, who takes the triggers away unless `guarded`."""
    with closing(sqlite3.connect(file)) as connection, connection:
        if not guarded:
            connection.executescript("DROP TRIGGER audit_event_no_UPDATE; DROP TRIGGER audit_event_no_DELETE")
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET time = '2020-01-01T00:00:00.000Z' WHERE seq = 1",
        "DELETE FROM audit_event WHERE seq = 2",
        "DELETE FROM audit_event",
        "UPDATE audit_event SET seq = seq + 10",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(log: SqlAuditLog, file: Path, statement: str) -> None:
    log.append(facts(1, 2))

    with hands_on(file, guarded=True) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        ('"team":null', '"team": null'),
        ('"v":1', '"v":1,"v":1'),
        ('"number":2', '"number":2.0'),
        ('"seq":2', '"seq":3'),
        ('"data":{', '"extra":1,"data":{'),
        ('{"data"', '"data"'),
    ],
)
def test_an_event_whose_bytes_were_changed_is_not_read(log: SqlAuditLog, file: Path, change: tuple[str, str]) -> None:
    log.append(facts(1, 3))
    with hands_on(file) as connection:
        update = "UPDATE audit_event SET bytes = CAST(replace(CAST(bytes AS TEXT), ?, ?) AS BLOB) WHERE seq = 2"
        connection.execute(update, change)

    with pytest.raises(AuditLogError, match="event 2 of the audit log") as damage:
        list(log.events())
    assert "compare it with `events/` in the evidence store" in damage.value.remedy


@pytest.mark.parametrize("column", ["id", "time", "type", "repository_id"])
def test_an_event_filed_under_another_name_is_not_read(log: SqlAuditLog, file: Path, column: str) -> None:
    log.append(facts(1, 3))
    with hands_on(file) as connection:
        connection.execute(f"UPDATE audit_event SET {column} = 'other' WHERE seq = 2")  # noqa: S608 -- of a fixed list

    with pytest.raises(AuditLogError, match="event 2 of the audit log is filed under other names"):
        list(log.events())


def test_a_missing_event_is_noticed_from_behind(log: SqlAuditLog, file: Path) -> None:
    log.append(facts(1, 1200))
    with hands_on(file) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq = 600")

    with pytest.raises(AuditLogError, match="lacks event 600"):
        list(log.events(newest_first=True))


def test_a_missing_event_is_noticed(log: SqlAuditLog, file: Path) -> None:
    log.append(facts(1, 3))
    with hands_on(file) as connection:
        connection.execute("DELETE FROM audit_event WHERE seq = 2")

    with pytest.raises(AuditLogError, match="the audit log lacks event 2"):
        list(log.events())
    with pytest.raises(AuditLogError, match="the audit log lacks event 2"):
        log.lines(1, 3)
