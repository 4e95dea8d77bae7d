"""One way to write a value as bytes (RFC 8785) and one way to name bytes (SHA-256)."""

import hashlib

import rfc8785

from tasks.domain.model import Digest


def canonical_json(value: object) -> bytes:
    """Raises ValueError for what it cannot hold: floats that are no numbers, integers of 2^53 and more."""
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # its type says JSON, ours is checked by itself


def digest_of(content: bytes) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
