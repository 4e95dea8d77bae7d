from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.audit import MAXIMUM_BYTES
from tasks.domain.errors import AuditLogError
from tests.adapters.facts import SetClock, fact, facts


def test_events_are_numbered_from_one_and_timed_by_the_clock(log: SqlAuditLog) -> None:
    taken = log.append(facts(1, 3))

    assert [(event.seq, event.time) for event in taken] == [
        (1, "2026-11-23T05:02:54.120Z"),
        (2, "2026-11-23T05:02:54.120Z"),
        (3, "2026-11-23T05:02:54.120Z"),
    ]


def test_the_bytes_kept_are_the_canonical_form(log: SqlAuditLog) -> None:
    taken = log.append(facts(1, 2))

    assert log.lines(1, 2) == taken[0].canonical() + b"\n" + taken[1].canonical() + b"\n"


def test_a_fact_told_again_is_left_as_it_was_first_written(log: SqlAuditLog) -> None:
    (first,) = log.append([fact(1, note="first")])

    assert log.append([fact(1, note="second"), fact(2)]) == (fact(2).model_copy(update={"seq": 2, "time": first.time}),)
    assert next(log.events()) == first


def test_a_fact_told_twice_at_once_is_taken_once(log: SqlAuditLog) -> None:
    taken = log.append([fact(1, note="first"), fact(2), fact(1, note="second")])

    assert [(event.subject["number"], event.data["note"]) for event in taken] == [(1, "first"), (2, "")]


def test_more_facts_than_one_statement_can_name_are_taken_once(log: SqlAuditLog) -> None:
    log.append(facts(1, 1200))

    assert [event.seq for event in log.append(facts(1, 1201))] == [1201]


def test_appending_nothing_creates_nothing(log: SqlAuditLog, file: Path) -> None:
    assert log.append([]) == ()
    assert not file.parent.exists()


def test_time_never_goes_back(log: SqlAuditLog, clock: SetClock) -> None:
    (first,) = log.append([fact(1)])
    clock.move(timedelta(hours=-1))
    (second,) = log.append([fact(2)])
    clock.move(timedelta(hours=2))
    (third,) = log.append([fact(3)])

    assert first.time == second.time < third.time


def test_an_event_too_large_for_the_format_refuses_the_whole_batch(log: SqlAuditLog) -> None:
    with pytest.raises(AuditLogError, match=f"an event has {MAXIMUM_BYTES} at most") as refusal:
        log.append([fact(1), fact(2, note="x" * MAXIMUM_BYTES)])

    assert "evidence" in refusal.value.remedy
    assert log.size() == 0


def test_an_event_of_the_largest_size_is_taken(log: SqlAuditLog) -> None:
    (small,) = log.append([fact(1)])
    room = MAXIMUM_BYTES - len(small.canonical())
    log.append([fact(2, note="x" * room)])

    assert len(log.lines(2, 2)) == MAXIMUM_BYTES + 1


def test_a_number_that_json_cannot_carry_exactly_is_refused(log: SqlAuditLog) -> None:
    with pytest.raises(AuditLogError, match="cannot be written as canonical JSON"):
        log.append([fact(1).model_copy(update={"data": {"count": 2**53}})])


def test_another_opening_goes_on_where_the_first_ended(open_log: Callable[[], SqlAuditLog]) -> None:
    open_log().append(facts(1, 2))

    assert [event.seq for event in open_log().append(facts(2, 3))] == [3]
