"""Which events are in the store already, and which file comes next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.errors import EvidenceError
from tasks.domain.segments import MAXIMUM_EVENTS, exported_until, next_segments, segment_key


def test_a_segment_is_named_by_its_first_and_last_event() -> None:
    assert segment_key(1, 42) == "events/000000000001-000000000042.jsonl"


def test_an_empty_store_has_everything_to_come() -> None:
    assert next_segments(exported_until([]), 3) == ((1, 3),)


def test_a_store_that_has_everything_gets_nothing() -> None:
    assert next_segments(exported_until([segment_key(1, 3)]), 3) == ()


def test_what_came_since_is_the_next_segment() -> None:
    assert next_segments(exported_until([segment_key(1, 3), segment_key(4, 7)]), 9) == ((8, 9),)


def test_segments_that_overlap_are_two_who_exported_at_once() -> None:
    assert exported_until([segment_key(1, 3), segment_key(1, 7), segment_key(4, 5)]) == 7


def test_a_gap_is_missing_evidence() -> None:
    with pytest.raises(EvidenceError, match="lacks events 4 to 4"):
        exported_until([segment_key(1, 3), segment_key(5, 7)])


def test_a_store_without_its_first_segment_is_not_one_without_segments() -> None:
    with pytest.raises(EvidenceError, match="lacks events 1 to 3"):
        exported_until([segment_key(4, 7)])


@pytest.mark.parametrize("key", ["events/notes.txt", "events/1-2.jsonl", "events/000000000001-000000000002.json"])
def test_a_stranger_among_the_segments_is_a_failure(key: str) -> None:
    with pytest.raises(EvidenceError, match="is none"):
        exported_until([key])


def test_a_segment_that_ends_before_it_begins_is_a_failure() -> None:
    with pytest.raises(EvidenceError):
        exported_until([segment_key(1, 3), segment_key(3, 2)])


def test_a_store_that_knows_more_than_the_log_is_a_failure() -> None:
    with pytest.raises(EvidenceError, match="up to 9"):
        next_segments(9, 3)


@given(st.integers(0, 30_000), st.integers(0, 50_000))
def test_segments_cover_what_is_missing_without_gap_or_overlap(exported: int, more: int) -> None:
    segments = next_segments(exported, exported + more)
    keys = [segment_key(1, exported)] * (exported > 0) + [segment_key(*segment) for segment in segments]

    assert exported_until(keys) == exported + more
    assert all(last - first < MAXIMUM_EVENTS for first, last in segments)
