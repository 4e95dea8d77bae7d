"""
Anchors: tokens by which an authority says that it saw a checkpoint, and when (RFC 3161).

Who holds the hub's keys can sign another history, but cannot have it stamped in the past. The name of an anchor carries
the digest of its bytes: a token has parts that its own signature does not cover.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from tasks.domain.signed_note import NoteRefused

PREFIX = "anchors/"
REQUEST_TYPE = "application/timestamp-query"
MEDIA_TYPE = "application/timestamp-reply"
_KEY = re.compile(rf"{PREFIX}(\d{{12}})-([0-9a-f]{{64}})\.tsr")


def anchor_key(size: int, token: bytes) -> str:
    return f"{PREFIX}{size:012d}-{hashlib.sha256(token).hexdigest()}.tsr"


def anchored_size(key: str) -> int | None:
    """Of how many events the checkpoint is; None for a key of something else."""
    found = _KEY.fullmatch(key)
    return None if found is None else int(found[1])


def request_for(content: bytes) -> bytes:
    asking = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256)
    return asking.nonce(nonce=False).cert_request(cert_request=True).build().as_bytes()


def roots_in(pem: bytes) -> tuple[Certificate, ...]:
    """Raises ValueError where there is no certificate."""
    return tuple(load_pem_x509_certificates(pem))


def stamped_at(token: bytes, content: bytes, roots: Sequence[Certificate]) -> datetime:
    """When an authority that one of `roots` vouches for saw `content`; raises NoteRefused."""
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        answer = decode_timestamp_response(token)
        builder.build().verify_message(answer, content)
    except (VerificationError, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NoteRefused(f"no authority that is trusted has stamped it: {why[:200]}") from error
    return moment_in(token)


def moment_in(token: bytes) -> datetime:
    """What it says, whoever made it, in UTC; raises NoteRefused for what is no token."""
    try:
        return decode_timestamp_response(token).tst_info.gen_time.astimezone(UTC)
    except ValueError as error:
        raise NoteRefused("it is no token of RFC 3161") from error
