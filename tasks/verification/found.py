"""What verifying trusts, and what it finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography.x509 import Certificate
from pydantic import JsonValue

from tasks.domain.checkpoint import Checkpoint
from tasks.domain.errors import EvidenceError
from tasks.domain.examined import Disturbed
from tasks.domain.log_reading import Flaw
from tasks.domain.reasons import told_moment
from tasks.domain.rotation import Keys, Rotation
from tasks.domain.signed_note import VerifierKey


class Readable(Protocol):
    @property
    def location(self) -> str: ...

    def keys(self, prefix: str, *, after: str = "") -> tuple[str, ...]: ...

    def get(self, key: str) -> bytes: ...

    def disturbed(self) -> Disturbed: ...


@dataclass(frozen=True, slots=True)
class Trust:
    """
    All that is believed, none of it from the store.

    `remembered` are checkpoints, by their file, that somebody kept elsewhere: who owns the key could write another log,
    but not one that these are checkpoints of. `roots` vouch for the authorities that stamped anchors.
    """

    keys: Sequence[VerifierKey]
    remembered: Mapping[str, bytes] = field(default_factory=dict)
    roots: Sequence[Certificate] = ()


@dataclass(frozen=True, slots=True)
class Anchored:
    """An authority saw the checkpoint of `size` events at that time."""

    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """`last` is the largest checkpoint that holds, `anchor` the last one that was stamped; None where there is none."""

    store: str
    events: int
    last: Checkpoint | None
    anchor: Anchored | None
    checkpoints: int
    landings: int
    files: int
    rotations: tuple[Rotation, ...]
    flaws: tuple[Flaw, ...]

    def document(self) -> dict[str, JsonValue]:
        anchor = self.anchor
        return {
            "store": self.store,
            "size": self.events,
            "root": self.last.root.hex() if self.last else None,
            "checkpoint": self.last.key if self.last else None,
            "checkpoints": self.checkpoints,
            "landings": self.landings,
            "files": self.files,
            "rotations": [each.document() for each in self.rotations],
            "last_anchor": None if anchor is None else {"size": anchor.size, "stamped_at": told_moment(anchor.at)},
            "events_not_anchored": self.events - (0 if anchor is None else anchor.size),
            "exceptions": [{"file": each.key, "message": each.message} for each in self.flaws],
        }


@dataclass(slots=True)
class Reading:
    """A store, read file by file; what cannot be read is a flaw like any other."""

    store: Readable
    trust: Trust
    flaws: list[Flaw] = field(default_factory=list)
    rotations: list[Rotation] = field(default_factory=list)

    @property
    def keys(self) -> Keys:
        return Keys(tuple(self.trust.keys), tuple(self.rotations))

    def content(self, key: str) -> bytes | None:
        try:
            return self.store.get(key)
        except EvidenceError as error:
            self.blame(key, f"It cannot be read: {error.message}.")
            return None

    def blame(self, key: str, message: str) -> None:
        self.flaws.append(Flaw(key, message))
