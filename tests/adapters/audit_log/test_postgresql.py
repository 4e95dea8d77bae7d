import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.errors import AuditLogError
from tests.adapters.facts import SetClock, fact, facts
from tests.postgresql import Server

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[3]


@pytest.fixture
def shared(postgresql_database: str, clock: SetClock) -> Iterator[SqlAuditLog]:
    with closing(SqlAuditLog(postgresql_database, clock, lock_timeout=0.3)) as log:
        yield log


def test_reading_a_log_that_does_not_exist_creates_nothing(
    shared: SqlAuditLog, postgresql_server: Server, postgresql_database: str
) -> None:
    found = (shared.size(), tuple(shared.events()), shared.append([]))

    with closing(postgresql_server.connect(postgresql_database)) as hands:
        tables = hands.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'audit_event%'").fetchone()
    assert (found, tables) == ((0, (), ()), (0,))


def test_both_databases_keep_the_same_bytes(shared: SqlAuditLog, clock: SetClock, tmp_path: Path) -> None:
    told = [*facts(1, 600), fact(601, note='\u00e9\u0000 "\\" \U0001f980'), fact(602, repository=None)]
    with closing(SqlAuditLog(f"sqlite:///{tmp_path / 'audit.db'}", clock)) as local:
        local.append(told)
        shared.append(told)

        assert shared.lines(1, 602) == local.lines(1, 602)
        assert tuple(shared.events()) == tuple(local.events())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET time = '2020-01-01T00:00:00.000Z' WHERE seq = 1",
        "DELETE FROM audit_event WHERE seq = 2",
        "TRUNCATE audit_event",
        "SET session_replication_role = replica; DELETE FROM audit_event",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(
    shared: SqlAuditLog, postgresql_server: Server, postgresql_database: str, statement: str
) -> None:
    shared.append(facts(1, 2))

    with (
        closing(postgresql_server.connect(postgresql_database)) as hands,
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
    ):
        hands.execute(statement.encode())
    assert shared.size() == 2


def test_an_event_changed_by_who_takes_the_guard_away_is_not_read(
    shared: SqlAuditLog, postgresql_server: Server, postgresql_database: str
) -> None:
    shared.append(facts(1, 3))
    with closing(postgresql_server.connect(postgresql_database)) as hands:
        hands.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        hands.execute("UPDATE audit_event SET repository_id = 'other' WHERE seq = 1")
        hands.execute("DELETE FROM audit_event WHERE seq = 2")

    with pytest.raises(AuditLogError, match="the audit log lacks event 2"):
        list(shared.events())
    with pytest.raises(AuditLogError, match="event 1 of the audit log is filed under other names"):
        list(shared.events(repository_id="other"))


def test_those_who_create_the_log_at_the_same_moment_wait_for_each_other(
    postgresql_server: Server, clock: SetClock
) -> None:
    together = threading.Barrier(4)
    addresses = [postgresql_server.database() for _ in range(8)]

    def create(turn: int) -> None:
        with closing(SqlAuditLog(addresses[turn // 4], clock)) as log:
            together.wait()
            log.append([fact(turn % 4)])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(create, range(32)))
    sizes = []
    for address in addresses:
        with closing(SqlAuditLog(address, clock)) as log:
            sizes.append((log.size(), len(list(log.events()))))

    assert sizes == [(4, 4)] * 8


def test_a_lock_that_another_session_holds_is_an_error_and_then_none(
    shared: SqlAuditLog, postgresql_server: Server, postgresql_database: str
) -> None:
    shared.append([fact(1)])
    with closing(postgresql_server.connect(postgresql_database)) as other:
        (lock,) = other.execute("SELECT oid FROM pg_class WHERE relname = 'audit_event'").fetchone() or (0,)
        assert lock
        other.execute("BEGIN; LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(AuditLogError, match="lock timeout") as refusal:
            shared.append([fact(2)])
        other.execute("ROLLBACK")

    assert "pg_locks" in refusal.value.remedy
    assert [event.seq for event in shared.append([fact(2)])] == [2]


def test_a_log_that_should_be_there_is_not_begun_and_a_log_is_taken_over_whole(
    postgresql_database: str, clock: SetClock, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise AuditLogError("there was a log", remedy="Bring it back.")

    with (
        closing(SqlAuditLog(f"sqlite:///{tmp_path / 'audit.db'}", clock)) as lost,
        closing(SqlAuditLog(postgresql_database, clock, may_begin=refuse)) as log,
    ):
        lost.append(facts(1, 700))
        with pytest.raises(AuditLogError, match="there was a log"):
            log.append([fact(1)])
        begun = log.size()
        taken = log.take_over(lost.events()), log.take_over(lost.events())

        assert (begun, taken) == (0, (700, 0))
        assert log.lines(1, 700) == lost.lines(1, 700)
        assert [event.seq for event in log.append(facts(700, 701))] == [701]


def broken(address: str, change: Callable[[str], str]) -> AuditLogError:
    with closing(SqlAuditLog(change(address), SetClock())) as log, pytest.raises(AuditLogError) as refusal:
        log.append([fact(1)])
    return refusal.value


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        (lambda address: address.replace("hunter2-of-hub", "hunter2-of-another"), "Check user, password"),
        (lambda address: address.replace("//hub:", "//hunter:"), "Check user, password"),
        (lambda address: address + "-that-is-not", "Check user, password"),
        (lambda address: address.replace(str(make_url(address).port), "1"), "See that the database server runs"),
        (lambda address: address + "?options=-cdefault_transaction_read_only%3Don", "The server takes no changes"),
    ],
)
def test_a_database_that_does_not_let_the_hub_write_is_an_error_with_a_remedy_and_no_password(
    postgresql_database: str, change: Callable[[str], str], remedy: str
) -> None:
    error = broken(postgresql_database, change)

    assert error.remedy.startswith(remedy)
    assert "did not take the events: " in error.message
    assert "hunter2" not in error.message + error.remedy


def test_a_role_that_may_not_create_the_table_is_told_what_it_needs(
    postgresql_server: Server, postgresql_database: str
) -> None:
    with closing(postgresql_server.connect(postgresql_database)) as hands:
        hands.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        hands.execute("CREATE ROLE clerk LOGIN PASSWORD 'hunter2-of-clerk'")

    error = broken(postgresql_database, lambda address: address.replace("hub:hunter2-of-hub", "clerk:hunter2-of-clerk"))

    assert error.remedy.startswith("Grant the role of merge-hub")


def test_a_role_that_may_only_read_and_insert_is_enough_and_cannot_take_the_guard_away(
    postgresql_server: Server, postgresql_database: str, shared: SqlAuditLog
) -> None:
    shared.append([fact(1)])
    with closing(postgresql_server.connect(postgresql_database)) as hands:
        hands.execute("DROP ROLE IF EXISTS scribe")
        hands.execute("CREATE ROLE scribe LOGIN PASSWORD 'hunter2-of-scribe'")
        hands.execute("GRANT SELECT, INSERT ON audit_event TO scribe")
        hands.execute("SET ROLE scribe")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            hands.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        hands.execute("RESET ROLE")
        address = postgresql_database.replace("hub:hunter2-of-hub", "scribe:hunter2-of-scribe")
        with closing(SqlAuditLog(address, SetClock())) as log:
            taken = log.append(facts(1, 2))
        hands.execute("DROP OWNED BY scribe")

    assert [event.seq for event in taken] == [2]


def test_a_password_with_an_at_sign_in_it_is_not_taken_for_a_host_and_told() -> None:
    with pytest.raises(AuditLogError) as refusal:
        SqlAuditLog("postgresql://hub:p@hunter2@db/audit", SetClock())

    assert "hunter2" not in f"{refusal.value} {refusal.value.remedy}"
    assert "%40" in refusal.value.remedy


def test_a_server_killed_in_the_middle_of_appending_leaves_all_of_it_or_nothing(
    postgresql_server: Server, postgresql_database: str, shared: SqlAuditLog
) -> None:
    command = [sys.executable, "-m", "tests.adapters.audit_log.appender", postgresql_database, "1", "100000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(30)]
    postgresql_server.stop(signal.SIGQUIT)
    acknowledged += [int(line) for line in process.stdout.read().split()]
    error = process.communicate(timeout=60)[1]
    with pytest.raises(AuditLogError) as meanwhile:
        shared.size()
    postgresql_server.start()

    kept = [event.subject["number"] for event in shared.events()]
    assert process.returncode == 1
    assert error.rstrip().endswith("then run again: what the log has taken is not taken twice.")
    assert "could not be read" in meanwhile.value.message
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) - len(acknowledged) in {0, 1}
    assert [event.seq for event in shared.append([fact(len(kept)), fact(100_001)])] == [len(kept) + 1]
