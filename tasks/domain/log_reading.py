"""
Reading the log from its segments as a stranger does: every line on its own terms, every root from the lines alone.

Segments may overlap, where two processes exported at once, and then say the same.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tasks.domain.audit import Event, read_event
from tasks.domain.merkle import Hash, Peaks, leaf_hash
from tasks.domain.segments import Segment

_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is not as it should be, in the file `key`; `message` is a sentence."""

    key: str
    message: str


@dataclass(slots=True)
class LogReader:
    """Takes segments in the order of their first event; `roots` has those of the sizes that were asked for."""

    sizes: Collection[int]
    peaks: Peaks = field(default_factory=Peaks)
    roots: dict[int, Hash] = field(default_factory=dict)
    leaves: bytearray = field(default_factory=bytearray)
    _ids: set[str] = field(default_factory=set)
    _time: str = ""

    def __post_init__(self) -> None:
        self._note_root()

    @property
    def size(self) -> int:
        return self.peaks.size

    def leaf(self, index: int) -> Hash:
        return bytes(self.leaves[index * _HASH_BYTES : (index + 1) * _HASH_BYTES])

    def read(self, segment: Segment, content: bytes) -> Iterator[Event | Flaw]:
        """Every event that is new, and whatever is wrong; nothing is read beyond a gap."""
        if segment.first > self.size + 1:
            lacking = f"events {self.size + 1} to {segment.first - 1} are missing"
            yield Flaw(segment.key, f"{lacking}: this segment begins after them.")
            return
        lines = content.split(b"\n")
        if lines.pop() or len(lines) != segment.count:
            yield Flaw(segment.key, f"It has {len(lines)} whole lines, and its name says {segment.count}.")
        for seq, line in enumerate(lines, segment.first):
            if seq <= self.size:
                if leaf_hash(line) != self.leaf(seq - 1):
                    yield Flaw(segment.key, f"Event {seq} is another one here than in an earlier segment.")
                continue
            self._add(line)
            yield from self._understood(segment.key, seq, line)

    def _add(self, line: bytes) -> None:
        leaf = leaf_hash(line)
        self.leaves += leaf
        self.peaks.add(leaf)
        self._note_root()

    def _note_root(self) -> None:
        if self.size in self.sizes:
            self.roots[self.size] = self.peaks.root()

    def _understood(self, key: str, seq: int, line: bytes) -> Iterator[Event | Flaw]:
        try:
            event = read_event(line)
        except (ValueError, RecursionError):
            yield Flaw(key, f"Line {seq} is no event in canonical form.")
            return
        if event.seq != seq:
            yield Flaw(key, f"Event {seq} says that it is number {event.seq}.")
        if event.time < self._time:
            yield Flaw(key, f"Event {seq} is of {event.time[:40]}, and one before it of {self._time[:40]}.")
        if event.id in self._ids:
            yield Flaw(key, f"Event {seq} has the identity of an earlier one.")
        self._ids.add(event.id)
        self._time = max(self._time, event.time)
        yield event
