"""One way to write a value as bytes (RFC 8785) and one way to name bytes (SHA-256)."""

import hashlib
import json
import re

import rfc8785

from tasks.domain.model import Digest

_PLAIN = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
# Where the two could part: a number with a point, an exponent or sixteen digits, or what only looks like one. The colon
# before a value follows a quote, so that a time of day, which every event has, does not look like one.
_DELICATE = re.compile(r'(?:":|[\[,])-?(?:\d{16}|\d+[.eE])')


def canonical_json(value: object) -> bytes:
    """Raises ValueError for what it cannot hold: floats that are no numbers, integers of 2^53 and more."""
    if isinstance(value, dict | list) and (plain := _written_plainly(value)) is not None:
        return plain
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # its type says JSON, ours is checked by itself


def _written_plainly(value: object) -> bytes | None:
    """
    The same, several times as fast, by Python's own encoder; None for what it might write in another way.

    With ASCII alone there is one order of keys and one way to escape, and of whole numbers there is one spelling.
    """
    try:
        text = _PLAIN.encode(value)
    except (TypeError, ValueError):
        return None
    return text.encode() if text.isascii() and _DELICATE.search(text) is None else None


def digest_of(content: bytes) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
