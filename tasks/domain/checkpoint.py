"""
What the log has said of itself: checkpoints (c2sp.org/tlog-checkpoint) and proofs (c2sp.org/tlog-proof).

A checkpoint is a signed note of three lines: whose log it is, how many leaves it has, and their root. A proof says of
one leaf that it is in the tree of the checkpoint that it carries.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.domain.merkle import Hash, includes
from tasks.domain.signed_note import PARTING, NoteRefused, VerifierKey, opened_note, strict_base64

PREFIX = "checkpoints/"
MEDIA_TYPE = "text/plain; charset=utf-8"
_KEY = re.compile(rf"{PREFIX}(\d{{12}})\.txt")
_SIZE = re.compile(r"0|[1-9]\d{0,15}")
_LINES = 3
_HASH_BYTES = 32
_PROOF = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`size` leaves of the log `origin` have that `root`."""

    origin: str
    size: int
    root: Hash

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @property
    def key(self) -> str:
        """Where the evidence store has it."""
        return key_for(self.size)


@dataclass(frozen=True, slots=True)
class Proof:
    index: int
    path: tuple[Hash, ...]
    checkpoint: bytes

    def written(self) -> bytes:
        hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.path)
        return f"{_PROOF}\nindex {self.index}\n{hashes}\n".encode() + self.checkpoint


def key_for(size: int) -> str:
    return f"{PREFIX}{size:012d}.txt"


def size_in(key: str) -> int | None:
    """How many leaves the checkpoint has that is kept under `key`; None for a key of something else."""
    found = _KEY.fullmatch(key)
    return None if found is None else int(found[1])


def opened_checkpoint(note: bytes, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Raises NoteRefused for what is none, or none that every line of it signs by one of `keys`, named as the log."""
    said = _said(opened_note(note, keys))
    if any(key.name != said.origin for key in keys if f"— {key.name} ".encode() in note):
        raise NoteRefused(f"it is of the log {said.origin[:100]}, and another name signed it")
    return said


def said_checkpoint(note: bytes) -> Checkpoint:
    """What it says, whoever wrote it; raises NoteRefused."""
    return _said(f"{note.decode(errors='replace').partition(PARTING)[0]}\n")


def _said(text: str) -> Checkpoint:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != _LINES or _SIZE.fullmatch(lines[1]) is None:
        raise NoteRefused("it is not three lines with origin, size and root")
    return Checkpoint(lines[0], int(lines[1]), _hash(lines[2]))


def opened_proof(written: bytes) -> Proof:
    """As it is written, not proven yet; raises NoteRefused."""
    head, parting, checkpoint = written.partition(b"\n\n")
    try:
        first, index, *path = head.decode("ascii").split("\n")
    except ValueError:
        first, index, path = "", "", []
    if not parting or first != _PROOF or re.fullmatch(rf"index (?:{_SIZE.pattern})", index) is None:
        raise NoteRefused("it is no proof that c2sp.org/tlog-proof@v1 describes")
    return Proof(int(index.removeprefix("index ")), tuple(map(_hash, path)), checkpoint)


def proves(proof: Proof, leaf: Hash, keys: Sequence[VerifierKey]) -> Checkpoint:
    """The checkpoint whose tree has `leaf` where the proof says; raises NoteRefused."""
    checkpoint = opened_checkpoint(proof.checkpoint, keys)
    if not includes(checkpoint.root, checkpoint.size, proof.index, leaf, proof.path):
        raise NoteRefused(f"its path does not lead from that event to the root at size {checkpoint.size}")
    return checkpoint


def _hash(text: str) -> Hash:
    try:
        decoded = strict_base64(text)
    except ValueError:
        decoded = b""
    if len(decoded) != _HASH_BYTES:
        raise NoteRefused(f"{text[:60]!a} is no hash of {_HASH_BYTES} bytes in base64")
    return decoded
