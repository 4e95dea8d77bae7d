from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.audit import EventType
from tasks.domain.errors import AuditLogError
from tests.adapters.facts import SetClock, fact, facts


def test_events_come_in_order_after_the_number_asked_for(log: SqlAuditLog) -> None:
    taken = log.append(facts(1, 5))

    assert tuple(log.events()) == taken
    assert tuple(log.events(after=3)) == taken[3:]
    assert tuple(log.events(after=5)) == ()


def test_every_event_comes_once_across_pages(log: SqlAuditLog) -> None:
    log.append(facts(1, 1201))

    assert [event.seq for event in log.events()] == list(range(1, 1202))


def test_events_of_one_repository_leave_out_the_others(log: SqlAuditLog) -> None:
    log.append([fact(1), fact(2, repository="18"), fact(3, repository=None), fact(4)])

    assert [event.seq for event in log.events(repository_id="17")] == [1, 4]
    assert [event.seq for event in log.events(repository_id="17", after=1)] == [4]
    assert [event.seq for event in log.events(repository_id="19")] == []


def test_events_of_some_types_leave_out_the_others(log: SqlAuditLog) -> None:
    other = fact(2).model_copy(update={"id": "other", "type": EventType.MERGE_FAILED})
    log.append([fact(1), other, fact(3)])

    assert [event.seq for event in log.events(types={EventType.MERGE_FAILED, EventType.ALERT_RAISED})] == [2]
    assert [event.seq for event in log.events(types=())] == []


def test_events_that_mention_a_name_do_so_in_any_case(log: SqlAuditLog) -> None:
    log.append([fact(1, note="of acme/Web"), fact(2, note="of acme/%"), fact(3, note="of ACME/WEB")])

    assert [event.seq for event in log.events(mentioning="Acme/web")] == [1, 3]


def test_the_newest_events_come_first_when_asked_for(log: SqlAuditLog) -> None:
    log.append(facts(1, 1100))

    assert [event.seq for event in log.events(after=40, newest_first=True)] == list(range(1100, 40, -1))


def test_appending_while_reading_does_not_lengthen_what_is_read(log: SqlAuditLog) -> None:
    log.append(facts(1, 2))
    reading = log.events()
    first = next(reading)
    log.append([fact(3)])

    assert [first.seq, *(event.seq for event in reading)] == [1, 2]


def test_a_reader_that_stops_early_leaves_nothing_open(log: SqlAuditLog, file: Path) -> None:
    log.append(facts(1, 3))
    next(log.events())
    log.close()

    assert [each.name for each in file.parent.iterdir()] == ["audit.db"]


def test_a_log_that_does_not_exist_is_empty_and_stays_absent(log: SqlAuditLog, file: Path) -> None:
    assert (log.size(), tuple(log.events()), log.lines(1, 0)) == (0, (), b"")
    assert not file.parent.exists()


def test_an_empty_file_is_an_empty_log(log: SqlAuditLog, file: Path) -> None:
    file.parent.mkdir()
    file.touch()

    assert (log.size(), tuple(log.events())) == (0, ())
    assert [event.seq for event in log.append([fact(1)])] == [1]


def test_an_empty_range_has_no_lines(log: SqlAuditLog) -> None:
    log.append([fact(1)])

    assert log.lines(2, 1) == b""


@pytest.mark.parametrize(("first", "last"), [(1, 3), (3, 4), (0, 1)])
def test_lines_that_are_not_there_are_refused(log: SqlAuditLog, first: int, last: int) -> None:
    log.append(facts(1, 2))

    with pytest.raises(AuditLogError, match=r"the audit log lacks event \d"):
        log.lines(first, last)


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://hub:hunter2@db/audit", "no address"])
def test_a_log_that_would_not_last_or_is_in_another_database_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(AuditLogError) as refusal:
        SqlAuditLog(address, SetClock())

    assert "hunter2" not in str(refusal.value)
    assert "sqlite:////" in refusal.value.remedy
