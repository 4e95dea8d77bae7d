"""
Envelopes that sign a payload together with its type (DSSE 1.0.2, github.com/secure-systems-lab/dsse).

One signature each, by an Ed25519 key whose id is that of its verifier key.
"""

import base64
import json
from collections.abc import Callable, Sequence

from tasks.domain.canonical import canonical_json
from tasks.domain.signed_note import NoteRefused, VerifierKey, strict_base64

IN_TOTO = "application/vnd.in-toto+json"


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def enveloped(payload_type: str, payload: bytes, key: VerifierKey, sign: Callable[[bytes], bytes]) -> bytes:
    signature = sign(pre_authentication(payload_type, payload))
    return canonical_json(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [{"keyid": key.key_id.hex(), "sig": base64.b64encode(signature).decode()}],
        }
    )


def opened_envelope(envelope: bytes, payload_type: str, keys: Sequence[VerifierKey]) -> bytes:
    """The payload, signed by one of `keys`; raises NoteRefused, also for any other spelling of the same envelope."""
    try:
        found = json.loads(envelope)
        payload = strict_base64(found["payload"])
        (signed,) = found["signatures"]
        signature, key_id, kind = strict_base64(signed["sig"]), signed["keyid"], found["payloadType"]
        plain = canonical_json(found) == envelope and set(found) | set(signed) == {
            "payload",
            "payloadType",
            "signatures",
            "keyid",
            "sig",
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NoteRefused("it is no envelope with one signature") from None
    if not plain or kind != payload_type:
        raise NoteRefused(f"it is no plain envelope of {payload_type}")
    known = next((key for key in keys if key.key_id.hex() == key_id), None)
    if known is None:
        raise NoteRefused(f"the key {str(key_id)[:20]} that signed it is none of those given")
    if not known.verifies(pre_authentication(payload_type, payload), signature):
        raise NoteRefused(f"the signature by {known.name} is not that of its payload")
    return payload
