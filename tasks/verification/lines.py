"""The lines of the log, segment by segment."""

from collections.abc import Iterator, Sequence

from tasks.domain.audit import Event
from tasks.domain.log_reading import Flaw, LogReader
from tasks.domain.segments import segment_of
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
                yield each
