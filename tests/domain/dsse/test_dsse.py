"""Envelopes: the example of the specification, and every way to spoil one."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.canonical import canonical_json
from tasks.domain.dsse import IN_TOTO, enveloped, opened_envelope, pre_authentication
from tasks.domain.signed_note import NoteRefused, VerifierKey

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"3" * 32)
KEY = VerifierKey("attest.example", PRIVATE.public_key().public_bytes_raw())
ENVELOPE = enveloped(IN_TOTO, b'{"a":1}', KEY, PRIVATE.sign)


def changed(**fields: object) -> bytes:
    return canonical_json(json.loads(ENVELOPE) | fields)


def test_what_is_signed_is_what_the_specification_gives_for_its_example() -> None:
    assert pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_an_envelope_opens_with_its_payload() -> None:
    assert opened_envelope(ENVELOPE, IN_TOTO, [KEY]) == b'{"a":1}'


@given(st.data())
def test_no_byte_of_an_envelope_can_be_changed(data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, len(ENVELOPE) - 1)), data.draw(st.integers(0, 7))
    spoilt = ENVELOPE[:at] + bytes([ENVELOPE[at] ^ 1 << bit]) + ENVELOPE[at + 1 :]

    with pytest.raises(NoteRefused):
        opened_envelope(spoilt, IN_TOTO, [KEY])


@pytest.mark.parametrize(
    "envelope",
    [
        b"",
        b"[]",
        b"null",
        b'{"payload":1}',
        ENVELOPE + b" ",
        changed(extra="1"),
        changed(signatures=[]),
        changed(signatures=json.loads(ENVELOPE)["signatures"] * 2),
        changed(payload=base64.b64encode(b'{"a":2}').decode()),
        changed(payloadType="text/plain"),
        b"[" * 100_000,
    ],
)
def test_what_is_no_envelope_that_the_key_signed_is_refused(envelope: bytes) -> None:
    with pytest.raises(NoteRefused):
        opened_envelope(envelope, IN_TOTO, [KEY])


def test_an_envelope_of_another_type_is_refused() -> None:
    with pytest.raises(NoteRefused, match="no plain envelope of text/plain"):
        opened_envelope(ENVELOPE, "text/plain", [KEY])


def test_a_key_that_was_not_given_is_not_known() -> None:
    other = VerifierKey("another.example", KEY.public)

    with pytest.raises(NoteRefused, match="none of those given"):
        opened_envelope(ENVELOPE, IN_TOTO, [other])
