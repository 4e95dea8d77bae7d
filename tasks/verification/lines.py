"""The lines of the log, segment by segment."""

from collections.abc import Iterator, Sequence

from tasks.domain.audit import Event, EventType
from tasks.domain.log_reading import Flaw, LogReader
from tasks.domain.rotation import rotation_of
from tasks.domain.segments import PREFIX, segment_of
from tasks.domain.signed_note import NoteRefused
from tasks.verification.found import Reading


def read_log(keys: Sequence[str], reading: Reading, reader: LogReader) -> Iterator[Event]:
    """Every event of the segments `keys` in order; whatever is wrong with them is blamed."""
    named = [(segment_of(key), key) for key in keys]
    for segment, key in named:
        if segment is None:
            reading.blame(key, "No segment of the log has this name.")
    for segment in sorted(segment for segment, _ in named if segment is not None):
        content = reading.content(segment.key)
        for each in () if content is None else reader.read(segment, content):
            if isinstance(each, Flaw):
                reading.flaws.append(each)
            else:
                _take_rotation(each, reading)
                yield each


def judge_rotations(reading: Reading) -> None:
    """Once the log is read: each must lead from or to a key that is trusted."""
    for each in set(reading.rotations) - set(reading.keys.followed):
        reading.blame(PREFIX, f"Event {each.seq} replaces a key that is none of those in use by then that are trusted.")


def _take_rotation(event: Event, reading: Reading) -> None:
    if event.type is EventType.KEY_ROTATED:
        try:
            reading.rotations.append(rotation_of(event))
        except NoteRefused as refused:
            reading.blame(PREFIX, f"Event {event.seq} replaces no key: {refused}.")
