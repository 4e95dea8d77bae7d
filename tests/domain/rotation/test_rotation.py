"""Which keys a trusted one leads to, and until when each may sign."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasks.domain.audit import Event
from tasks.domain.records import Recorder
from tasks.domain.rotation import Keys, Role, Rotation, handover, replaced_by, rotation_event, rotation_of
from tasks.domain.signed_note import NoteRefused, VerifierKey, signature_line, signed_note, signers

NAME = "log.example/acme"
PRIVATE = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 5)]
A, B, C, D = (VerifierKey(NAME, each.public_key().public_bytes_raw()) for each in PRIVATE)
RECORDER = Recorder("AcmeCorp", None, None)
CHAIN = (Rotation(4, Role.LOG, A, B), Rotation(9, Role.LOG, B, C))


def rotated(by_old: int = 0, by_new: int = 1, *, new: VerifierKey = B) -> Event:
    words = handover(Role.LOG, A, new)
    signatures = {"old": PRIVATE[by_old].sign(words), "new": PRIVATE[by_new].sign(words)}
    return rotation_event(RECORDER, Role.LOG, A, new, signatures).model_copy(update={"seq": 4})


def test_what_both_keys_signed_is_a_rotation() -> None:
    assert rotation_of(rotated()) == CHAIN[0]


@pytest.mark.parametrize(
    ("event", "why"), [(rotated(by_old=1), "the old key has not"), (rotated(by_new=0), "the new key")]
)
def test_what_one_key_alone_signed_is_none(event: Event, why: str) -> None:
    with pytest.raises(NoteRefused, match=why):
        rotation_of(event)


@pytest.mark.parametrize(
    "changed",
    [
        {"data": {}},
        {"data": {"signatures": "none"}},
        {"subject": {"name": "log"}},
        {"subject": {"name": "other", "old": str(A), "new": str(B)}},
        {"subject": {"name": "log", "old": "no key", "new": str(B)}},
    ],
)
def test_what_does_not_say_which_key_is_none(changed: dict[str, object]) -> None:
    with pytest.raises(NoteRefused, match="does not say"):
        rotation_of(rotated().model_copy(update=changed))


def test_a_signature_of_another_rotation_is_none_of_this_one() -> None:
    other = rotated(by_new=2, new=C)

    with pytest.raises(NoteRefused, match="has not signed"):
        rotation_of(rotated().model_copy(update={"data": other.data}))


@pytest.mark.parametrize("given", [A, B, C])
def test_each_key_of_a_chain_leads_to_all_of_them(given: VerifierKey) -> None:
    keys = Keys((given,), CHAIN)

    assert set(keys.known) == {A, B, C}
    assert keys.followed == CHAIN


def test_a_key_may_sign_until_another_has_taken_its_place() -> None:
    keys = Keys((A,), CHAIN)

    assert [set(keys.at(size)) for size in (3, 4, 8, 9)] == [{A, B, C}, {B, C}, {B, C}, {C}]


def test_a_key_that_was_replaced_hands_nothing_over_any_more() -> None:
    keys = Keys((A,), (*CHAIN, Rotation(12, Role.LOG, A, D)))

    assert set(keys.known) == {A, B, C}
    assert keys.followed == CHAIN
    assert keys.at(12) == (C,)


def test_a_rotation_among_keys_that_nobody_trusts_leads_nowhere() -> None:
    keys = Keys((D,), CHAIN)

    assert keys.known == (D,)
    assert keys.followed == ()


def test_a_key_does_not_take_its_own_place() -> None:
    with pytest.raises(NoteRefused, match="not two of one name"):
        rotation_of(rotated(by_new=0, new=A))


def test_the_key_that_is_still_in_use_is_told_by_the_rotation_that_replaced_it() -> None:
    assert replaced_by((B, D), CHAIN) == CHAIN[1]
    assert replaced_by((C,), CHAIN) is None
    assert CHAIN[0].document() == {"event": 4, "name": "log", "old": str(A), "new": str(B)}


def test_who_signed_a_note_is_told_by_its_lines() -> None:
    words = b"text\n"
    note = signed_note("text\n", [signature_line(key, PRIVATE[at].sign(words)) for at, key in ((0, A), (1, B))])

    assert signers(note, (A, B, C)) == (A, B)
