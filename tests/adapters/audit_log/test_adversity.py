import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.errors import AuditLogError
from tests.adapters.facts import SetClock, fact, facts

APPENDER = Path(__file__).with_name("appender.py")
ROOT = APPENDER.parents[3]


def appender(url: str, first: int, last: int, *limit: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.adapters.audit_log.appender", url, first, last, *limit]
    return subprocess.Popen(
        [str(each) for each in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_four_processes_that_tell_overlapping_facts_make_one_log_without_gaps(log: SqlAuditLog, url: str) -> None:
    processes = [appender(url, first, first + 249) for first in (1, 101, 201, 301)]
    errors = [process.communicate()[1] for process in processes]

    events = list(log.events())
    assert errors == [""] * 4
    assert [event.seq for event in events] == list(range(1, 551))
    assert {event.subject["number"] for event in events} == set(range(1, 551))


def test_threads_that_tell_overlapping_facts_make_one_log_without_gaps(log: SqlAuditLog) -> None:
    with ThreadPoolExecutor(20) as threads:
        taken = list(threads.map(lambda number: log.append([fact(number % 50), fact(number)]), range(200)))

    assert sorted(event.seq for each in taken for event in each) == list(range(1, 201))
    assert [event.seq for event in log.events()] == list(range(1, 201))


def test_what_was_acknowledged_is_there_after_the_process_is_killed(log: SqlAuditLog, url: str) -> None:
    process = appender(url, 1, 100_000)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(30)]
    process.kill()
    # Not by communicate(), which asks the pipe: what readline() has read ahead is in the stream.
    acknowledged += [int(line) for line in process.stdout.read().split()]
    process.communicate()

    kept = [event.subject["number"] for event in log.events()]
    assert kept[: len(acknowledged)] == acknowledged
    assert len(kept) - len(acknowledged) in {0, 1}
    assert [event.seq for event in log.append([fact(100_001)])] == [len(kept) + 1]


def test_a_disk_that_takes_no_more_is_an_error_that_leaves_the_log_whole(log: SqlAuditLog, file: Path) -> None:
    process = appender(f"sqlite:///{file}", 1, 1000, 200_000)
    acknowledged, error = process.communicate()

    assert process.returncode == 1
    assert "did not take the events: " in error
    assert error.endswith(" | Free space on the disk that holds the log, then run again.\n")
    assert [event.seq for event in log.events()] == list(range(1, len(acknowledged.split()) + 1))


def test_a_database_locked_by_another_program_is_an_error_and_then_none(log: SqlAuditLog, file: Path) -> None:
    log.append([fact(1)])
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditLogError, match="database is locked") as refusal:
            log.append([fact(2)])
        other.rollback()

    assert "fuser" in refusal.value.remedy
    assert [event.seq for event in log.append([fact(2)])] == [2]


def test_a_reader_is_not_shut_out_by_a_writer(log: SqlAuditLog, file: Path) -> None:
    log.append(facts(1, 2))
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert [event.seq for event in log.events()] == [1, 2]


def test_a_folder_that_cannot_be_made_is_an_error_with_a_remedy(log: SqlAuditLog, file: Path) -> None:
    file.parent.touch()

    with pytest.raises(AuditLogError, match="did not take the events") as refusal:
        log.append([fact(1)])
    assert "Let the account of merge-hub write" in refusal.value.remedy


def test_a_file_that_is_no_database_is_an_error_with_a_remedy(log: SqlAuditLog, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database at all\n" * 100)

    with pytest.raises(AuditLogError, match="not a database") as refusal:
        log.size()
    assert "compare it with `events/` in the evidence store" in refusal.value.remedy


def test_those_who_create_the_log_at_the_same_moment_wait_for_each_other(tmp_path: Path, clock: SetClock) -> None:
    together = threading.Barrier(4)

    def create(turn: int) -> None:
        with closing(SqlAuditLog(f"sqlite:///{tmp_path / str(turn // 4)}/audit.db", clock)) as log:
            together.wait()
            log.append([fact(turn % 4)])

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(create, range(80)))

    with closing(SqlAuditLog(f"sqlite:///{tmp_path / '19'}/audit.db", clock)) as log:
        assert log.size() == 4
