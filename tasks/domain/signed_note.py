"""
Signed notes as C2SP writes them (c2sp.org/signed-note): a text, an empty line, and a line for each signature.

Keys are Ed25519. A verifier key is written `NAME+KEYID+BASE64`, as Go's `golang.org/x/mod/sumdb/note` reads it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\x01"
PARTING = "\n\n"
"""Between the text and its signatures."""
_KEY_ID_BYTES = 4
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_LINE = re.compile(r"— (\S+) (\S+)")


class NoteRefused(ValueError):
    """What is given is no note, or not one that the given keys have signed; the message says why, as a clause."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def verifies(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and name.isprintable() and not any(map(str.isspace, name))


def verifier_key(text: str) -> VerifierKey:
    """Raises NoteRefused for what is none."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        decoded = strict_base64(encoded)
    except ValueError:
        decoded = b""
    if not is_key_name(name) or decoded[:1] != _ED25519 or len(decoded) != len(_ED25519) + _KEY_BYTES:
        raise NoteRefused("it is no verifier key of Ed25519, written `NAME+KEYID+BASE64`")
    found = VerifierKey(name, decoded[1:])
    if found.key_id.hex() != key_id:
        raise NoteRefused(f"its key id is {key_id}, and that of the key in it is {found.key_id.hex()}")
    return found


def signature_line(key: VerifierKey, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.key_id + signature).decode()}\n"


def signed_note(text: str, lines: Iterable[str]) -> bytes:
    return f"{text}\n{''.join(lines)}".encode()


def opened_note(note: bytes, keys: Sequence[VerifierKey]) -> str:
    """
    The text that every line of `note` signs, each with one of `keys`; raises NoteRefused.

    The specification ignores signatures by unknown keys. Here nobody else signs, so that one is a changed byte.
    """
    text, lines = _parted(note)
    for line in lines:
        _demand_signed(text, line, keys)
    return text


def signers(note: bytes, keys: Sequence[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Those of `keys` that have a line in `note`, which they open."""
    lines = (line.split(" ") for line in _parted(note)[1])
    ids = {(name, strict_base64(encoded)[:_KEY_ID_BYTES]) for _, name, encoded in lines}
    return tuple(key for key in keys if (key.name, key.key_id) in ids)


def strict_base64(text: str) -> bytes:
    """Raises ValueError for any text but the one that encodes what it decodes to."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("not the only way to write it")
    return decoded


def _parted(note: bytes) -> tuple[str, list[str]]:
    try:
        written = note.decode()
    except UnicodeDecodeError:
        raise NoteRefused("it is no UTF-8") from None
    if any(ord(character) < ord(" ") and character != "\n" for character in written):
        raise NoteRefused("it has control characters")
    text, parting, signatures = written.rpartition(PARTING)
    if not parting or not signatures.endswith("\n"):
        raise NoteRefused("it is no text with signatures below an empty line")
    return f"{text}\n", signatures.removesuffix("\n").split("\n")


def _demand_signed(text: str, line: str, keys: Sequence[VerifierKey]) -> None:
    found = _LINE.fullmatch(line)
    try:
        decoded = strict_base64(found[2]) if found else b""
    except ValueError:
        decoded = b""
    if found is None or len(decoded) != _KEY_ID_BYTES + _SIGNATURE_BYTES:
        raise NoteRefused("a line below the empty line is no signature")
    key_id, signature = decoded[:_KEY_ID_BYTES], decoded[_KEY_ID_BYTES:]
    known = next((key for key in keys if (key.name, key.key_id) == (found[1], key_id)), None)
    if known is None:
        raise NoteRefused(f"the key {key_id.hex()} of {found[1][:100]} that signed it is none of those given")
    if not known.verifies(text.encode(), signature):
        raise NoteRefused(f"the signature by {known.name} is not that of the text")
