"""
Restoring: the log of this machine brought back from the evidence store alone.

It is taken over as a whole or not at all, and only where every line of it is sound and every checkpoint, by the keys
given, signs what the lines lead to. What a run that died had exported and not signed yet is taken as the store has it,
which nobody can change, and is told of. What was never exported is lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from tasks.domain.audit import Event
from tasks.domain.checkpoint import PREFIX as CHECKPOINTS
from tasks.domain.checkpoint import Checkpoint
from tasks.domain.errors import EvidenceError, LogRewritten
from tasks.domain.log_reading import LogReader
from tasks.domain.segments import PREFIX as SEGMENTS
from tasks.verification import Readable, Reading, Signed, Trust, judge_rotations, read_log


class Recovering(Protocol):
    def take_over(self, events: Iterable[Event]) -> int:
        """Brings in those of all events ever that the log lacks, all or none; how many. The others must be the same."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`brought` events of `size` were lacking here; `root` is that of them all, `last` the checkpoint behind them."""

    store: str
    size: int
    brought: int
    root: bytes
    last: Checkpoint

    def document(self) -> dict[str, JsonValue]:
        return {
            "store": self.store,
            "size": self.size,
            "brought_back": self.brought,
            "root": self.root.hex(),
            "checkpoint": self.last.key,
            "not_signed": self.size - self.last.size,
        }


def restore_log(store: Readable, trust: Trust, log: Recovering) -> Restored:
    """Raises EvidenceError where there is nothing to restore, LogRewritten where that is not what was signed."""
    reading = Reading(store, trust)
    segments, notes = store.keys(SEGMENTS), store.keys(CHECKPOINTS)
    if not segments and not notes:
        raise EvidenceError(
            f"the evidence store {store.location} holds no log",
            remedy="Check `audit.storage`: the log that is to be restored lies elsewhere, or never was.",
        )
    signed = Signed(reading)
    signed.read_checkpoints(notes)
    signed.read_remembered()
    reader = LogReader(signed.sizes)
    brought = log.take_over(_proven(segments, reading, signed, reader))
    return Restored(
        store.location, reader.size, brought, reader.peaks.root(), signed.checkpoints[max(signed.checkpoints)]
    )


def _proven(segments: tuple[str, ...], reading: Reading, signed: Signed, reader: LogReader) -> Iterator[Event]:
    """Ends by raising what was found wrong, before anybody has kept anything."""
    _demand_sound(reading)
    for event in read_log(segments, reading, reader):
        _demand_sound(reading)
        yield event
    judge_rotations(reading)
    signed.judge_signatures()
    signed.compare_roots(reader)
    _demand_sound(reading)


def _demand_sound(reading: Reading) -> None:
    if reading.flaws:
        first = reading.flaws[0]
        raise LogRewritten(
            f"the log in {reading.store.location} is not what was signed: {first.key}: {first.message}",
            remedy="Nothing was restored. Run `merge-hub verify`, which names every exception, and find out who "
            "changed the store, or whether these are the keys that it was signed with.",
        )
