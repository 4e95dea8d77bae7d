"""Checkpoints and proofs, as C2SP writes them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.checkpoint import (
    Checkpoint,
    Proof,
    key_for,
    opened_checkpoint,
    opened_proof,
    proves,
    said_checkpoint,
    size_in,
)
from tasks.domain.merkle import EMPTY_ROOT, Peaks, Tree, leaf_hash
from tasks.domain.signed_note import NoteRefused, VerifierKey, signature_line, signed_note

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
KEY = VerifierKey("log.example/acme", PRIVATE.public_key().public_bytes_raw())
LEAVES = [leaf_hash(str(number).encode()) for number in range(7)]
TREE = Tree(Peaks(), LEAVES)
CHECKPOINT = Checkpoint(KEY.name, TREE.size, TREE.root())


def noted(text: str, key: VerifierKey = KEY) -> bytes:
    return signed_note(text, [signature_line(key, PRIVATE.sign(text.encode()))])


NOTE = noted(CHECKPOINT.text)
PROOF = Proof(4, TREE.inclusion(4), NOTE)


def test_a_checkpoint_reads_as_it_was_written() -> None:
    assert opened_checkpoint(NOTE, [KEY]) == said_checkpoint(NOTE) == CHECKPOINT


def test_a_checkpoint_is_named_by_its_size_so_that_names_sort_as_sizes() -> None:
    assert CHECKPOINT.key == key_for(7) == "checkpoints/000000000007.txt"
    assert size_in(CHECKPOINT.key) == 7
    assert size_in("checkpoints/7.txt") is None


@pytest.mark.parametrize(
    "text",
    [
        f"{KEY.name}\n7\n",
        f"{KEY.name}\n07\n{CHECKPOINT.text.splitlines()[2]}\n",
        f"{KEY.name}\n-1\n{CHECKPOINT.text.splitlines()[2]}\n",
        f"{KEY.name}\n7\n{CHECKPOINT.text.splitlines()[2][:-4]}\n",
        CHECKPOINT.text + "an extension\n",
    ],
)
def test_a_note_that_is_no_checkpoint_is_refused_though_it_is_signed(text: str) -> None:
    with pytest.raises(NoteRefused):
        opened_checkpoint(noted(text), [KEY])


def test_a_checkpoint_of_another_log_is_refused() -> None:
    other = Checkpoint("another.example", 0, EMPTY_ROOT)

    with pytest.raises(NoteRefused, match=r"of the log another\.example"):
        opened_checkpoint(noted(other.text), [KEY])


def test_a_proof_reads_as_it_was_written_and_proves_its_leaf() -> None:
    read = opened_proof(PROOF.written())

    assert read == PROOF
    assert read.written().startswith(b"c2sp.org/tlog-proof@v1\nindex 4\n")
    assert proves(read, LEAVES[4], [KEY]) == CHECKPOINT


def test_the_only_leaf_of_a_log_is_proven_by_its_checkpoint_alone() -> None:
    tree = Tree(Peaks(), LEAVES[:1])
    proof = Proof(0, (), noted(Checkpoint(KEY.name, 1, tree.root()).text))

    assert proves(opened_proof(proof.written()), LEAVES[0], [KEY]).size == 1


def test_a_proof_proves_no_other_leaf() -> None:
    with pytest.raises(NoteRefused, match="does not lead"):
        proves(PROOF, LEAVES[3], [KEY])


@given(st.data())
def test_no_byte_of_a_proof_can_be_changed(data: st.DataObject) -> None:
    written = PROOF.written()
    at, bit = data.draw(st.integers(0, len(written) - 1)), data.draw(st.integers(0, 7))
    changed = written[:at] + bytes([written[at] ^ 1 << bit]) + written[at + 1 :]

    with pytest.raises(NoteRefused):
        proves(opened_proof(changed), LEAVES[4], [KEY])


@pytest.mark.parametrize("written", [b"", b"c2sp.org/tlog-proof@v1\n", b"c2sp.org/tlog-proof@v1\nindex 04\n\nx", NOTE])
def test_what_is_no_proof_is_refused(written: bytes) -> None:
    with pytest.raises(NoteRefused):
        opened_proof(written)
