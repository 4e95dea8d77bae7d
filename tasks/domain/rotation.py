"""
Keys of the log that took the place of others: on record, in words that both the old and the new one have signed.

Who trusts either of the two can follow such an event to the other. Who holds the new key alone cannot make one, and
who holds the old one alone can sign nothing behind it.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.canonical import canonical_json
from tasks.domain.records import Recorder
from tasks.domain.signed_note import NoteRefused, VerifierKey, strict_base64, verifier_key


class Role(StrEnum):
    """What a key of the hub is for; values are written into records."""

    LOG = "log"
    ATTEST = "attest"


@dataclass(frozen=True, slots=True)
class Rotation:
    """The event `seq` says that `new` took the place of `old`."""

    seq: int
    role: Role
    old: VerifierKey
    new: VerifierKey

    def document(self) -> dict[str, JsonValue]:
        return {"event": self.seq, "name": self.role.value, "old": str(self.old), "new": str(self.new)}


@dataclass(frozen=True, slots=True)
class Keys:
    """Those that were `given`, and those that rotations lead to from there."""

    given: tuple[VerifierKey, ...]
    rotations: tuple[Rotation, ...] = ()

    @property
    def followed(self) -> tuple[Rotation, ...]:
        known = set(self.known)
        return tuple(each for each in self._first if each.old in known)

    @property
    def known(self) -> tuple[VerifierKey, ...]:
        found = list(self.given)
        for _ in self._first:
            for each in self._first:
                if (each.old in found) != (each.new in found):
                    found.append(each.new if each.old in found else each.old)
        return tuple(found)

    @property
    def _first(self) -> tuple[Rotation, ...]:
        """A key that was replaced hands nothing over any more: else who stole it could, behind its end."""
        earliest: dict[VerifierKey, Rotation] = {}
        for each in sorted(self.rotations, key=lambda rotation: rotation.seq):
            earliest.setdefault(each.old, each)
        return tuple(earliest.values())

    def at(self, size: int) -> tuple[VerifierKey, ...]:
        """Those that may still sign what is about the first `size` events."""
        replaced = {each.old for each in self.followed if each.seq <= size}
        return tuple(key for key in self.known if key not in replaced)


def handover(role: Role, old: VerifierKey, new: VerifierKey) -> bytes:
    """What both keys sign."""
    return canonical_json({"type": EventType.KEY_ROTATED.value, **_subject(role, old, new)})


def rotation_event(
    recorder: Recorder, role: Role, old: VerifierKey, new: VerifierKey, signatures: Mapping[str, bytes]
) -> Event:
    signed: dict[str, JsonValue] = {who: base64.b64encode(each).decode() for who, each in signatures.items()}
    return recorder.event(EventType.KEY_ROTATED, _subject(role, old, new), {"signatures": signed})


def rotation_of(event: Event) -> Rotation:
    """Raises NoteRefused, with a clause, for one that not both keys have signed."""
    try:
        role = Role(str(event.subject["name"]))
        old, new = (verifier_key(str(event.subject[who])) for who in ("old", "new"))
        signatures = event.data["signatures"]
        signed = {who: strict_base64(str(signatures[who])) for who in ("old", "new")}  # type: ignore[call-overload, index]  # refused below
    except (KeyError, TypeError, ValueError):
        raise NoteRefused("it does not say which key took the place of which") from None
    if old.name != new.name or old == new:
        raise NoteRefused("the two keys are not two of one name")
    for who, key in (("old", old), ("new", new)):
        if not key.verifies(handover(role, old, new), signed[who]):
            raise NoteRefused(f"the {who} key has not signed it")
    return Rotation(event.seq, role, old, new)


def replaced_by(keys: Sequence[VerifierKey], rotations: Sequence[Rotation]) -> Rotation | None:
    """The first that says of one of `keys` that another took its place."""
    return next((each for each in rotations if each.old in keys), None)


def _subject(role: Role, old: VerifierKey, new: VerifierKey) -> dict[str, JsonValue]:
    return {"name": role.value, "old": str(old), "new": str(new)}
