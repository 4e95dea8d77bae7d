"""Signed notes: Go's own example, and every way to spoil one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.signed_note import (
    NoteRefused,
    VerifierKey,
    opened_note,
    signature_line,
    signed_note,
    strict_base64,
    verifier_key,
)

# The example of the documentation of golang.org/x/mod/sumdb/note.
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
NOTE = f"{TEXT}\n{LINE}".encode()
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
OURS = VerifierKey("log.example", PRIVATE.public_key().public_bytes_raw())


def signed(text: str, key: VerifierKey = OURS) -> bytes:
    return signed_note(text, [signature_line(key, PRIVATE.sign(text.encode()))])


def test_a_note_that_go_signed_opens() -> None:
    assert opened_note(NOTE, [verifier_key(NEUMANN)]) == TEXT


def test_a_verifier_key_is_written_as_go_reads_it() -> None:
    assert str(verifier_key(NEUMANN)) == NEUMANN


def test_what_is_signed_here_opens_with_the_text_as_it_was() -> None:
    assert opened_note(signed("one\n\nthree\n"), [verifier_key(NEUMANN), OURS]) == "one\n\nthree\n"


@given(st.data())
def test_no_byte_of_a_note_can_be_changed(data: st.DataObject) -> None:
    at, bit = data.draw(st.integers(0, len(NOTE) - 1)), data.draw(st.integers(0, 7))
    changed = NOTE[:at] + bytes([NOTE[at] ^ 1 << bit]) + NOTE[at + 1 :]

    with pytest.raises(NoteRefused):
        opened_note(changed, [verifier_key(NEUMANN)])


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (b"", "no text with signatures"),
        (TEXT.encode(), "no text with signatures"),
        (NOTE.removesuffix(b"\n"), "no text with signatures"),
        (NOTE + b"\n", "no text with signatures"),
        (NOTE + LINE.replace("—", "-").encode(), "no signature"),
        (NOTE + "— PeterNeumann x08go===\n".encode(), "no signature"),
        (NOTE.replace(b"you", b"y\tu"), "control characters"),
        (b"\xff" + NOTE, "no UTF-8"),
        (NOTE + signature_line(OURS, b"\0" * 64).encode(), "none of those given"),
    ],
)
def test_what_is_no_note_that_the_keys_signed_is_refused(note: bytes, why: str) -> None:
    with pytest.raises(NoteRefused, match=why):
        opened_note(note, [verifier_key(NEUMANN)])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        NEUMANN.replace("c74f20a3", "c74f20a4"),
        NEUMANN.replace("PeterNeumann", "Peter Neumann"),
        NEUMANN.replace("PeterNeumann", ""),
        NEUMANN.replace("+ARpc", "+BRpc"),
        NEUMANN[:-4],
        NEUMANN + "=",
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        verifier_key(text)


def test_a_key_of_the_same_name_is_another_key() -> None:
    other = VerifierKey("PeterNeumann", OURS.public)

    with pytest.raises(NoteRefused, match="none of those given"):
        opened_note(NOTE, [other])


def test_base64_has_one_spelling() -> None:
    """The last letter before the padding has bits that decoders drop: another letter would decode to the same."""
    written = base64.b64encode(b"1234").decode()
    other = written.replace("NA==", "NB==")

    assert base64.b64decode(other) == b"1234"
    with pytest.raises(ValueError, match="not the only way"):
        strict_base64(other)
