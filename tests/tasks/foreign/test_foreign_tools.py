"""
Evidence by tools that are not ours: whoever does not trust merge-hub need not use it to check what it wrote.

Each is left out where it is not installed; `deployments/auditors/verifying.md` says how to use them by hand.
"""

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pymerkle import InmemoryTree  # type: ignore[import-untyped]  # it has no types
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer._key import SSlibKey

from tasks.domain.attestation import STATEMENT
from tasks.domain.checkpoint import said_checkpoint
from tasks.domain.dsse import pre_authentication
from tasks.domain.signed_note import PARTING, VerifierKey
from tasks.sealing import seal_log
from tests.domain.chronicle import Story, held
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office

OPENSSL, NODE = shutil.which("openssl"), shutil.which("node")
CHECKPOINT = "checkpoints/000000000007.txt"
IN_NODE = """
const [key, text, signature] = process.argv.slice(1).map((each) => Buffer.from(each, "base64"));
const known = require("node:crypto").createPublicKey({ key, format: "der", type: "spki" });
process.exit(require("node:crypto").verify(null, text, known, signature) ? 0 : 1);
"""


@pytest.fixture
def sealed(office: Office, story: Story) -> Office:
    lands(office, story, 1)
    lands(office, story, 2)
    story.stops(3, held())
    seal_log.fn(office.services)
    return office


def text_and_signature(note: bytes) -> tuple[bytes, bytes]:
    """By hand: the text up to the empty line, and the signature behind the four bytes of the key's id."""
    text, _, line = note.decode().partition(PARTING)
    return f"{text}\n".encode(), base64.b64decode(line.split()[2])[4:]


def public(key: VerifierKey, encoding: Encoding) -> bytes:
    return Ed25519PublicKey.from_public_bytes(key.public).public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def openssl_accepts(folder: Path, key: VerifierKey, message: bytes, signature: bytes) -> bool:
    for name, content in (("key.pem", public(key, Encoding.PEM)), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(content)
    command = ["pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "message", "-sigfile", "signature"]
    return subprocess.run([str(OPENSSL), *command], cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(OPENSSL is None, reason="`openssl` verifies")
def test_openssl_accepts_a_checkpoint_and_not_another_one(sealed: Office, tmp_path: Path) -> None:
    text, signature = text_and_signature(sealed.evidence()[CHECKPOINT])

    assert openssl_accepts(tmp_path, sealed.seal.log.key, text, signature)
    assert not openssl_accepts(tmp_path, sealed.seal.log.key, text.replace(b"\n7\n", b"\n8\n"), signature)


@pytest.mark.skipif(NODE is None, reason="`node` verifies")
def test_node_accepts_a_checkpoint_and_not_another_one(sealed: Office) -> None:
    text, signature = text_and_signature(sealed.evidence()[CHECKPOINT])

    def accepts(message: bytes) -> bool:
        given = (public(sealed.seal.log.key, Encoding.DER), message, signature)
        arguments = [base64.b64encode(each).decode() for each in given]
        return subprocess.run([str(NODE), "-e", IN_NODE, *arguments], capture_output=True, check=False).returncode == 0

    assert accepts(text)
    assert not accepts(text.replace(b"\n7\n", b"\n8\n"))


def test_pymerkle_finds_the_root_of_the_checkpoint(sealed: Office) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for line in b"".join(
        content for key, content in sealed.evidence().items() if key.startswith("events/")
    ).splitlines():
        tree.append_entry(line)

    assert tree.get_root() == said_checkpoint(sealed.evidence()[CHECKPOINT]).root


def test_securesystemslib_accepts_what_is_attested_and_not_another_payload(sealed: Office) -> None:
    key = sealed.seal.attest.key
    envelope = next(content for name, content in sealed.evidence().items() if name.endswith(STATEMENT))
    known = SSlibKey(key.key_id.hex(), "ed25519", "ed25519", {"public": key.public.hex()})
    opened = Envelope.from_dict(json.loads(envelope))
    opened.verify([known], 1)
    other = json.loads(envelope) | {"payload": base64.b64encode(b"{}").decode()}

    assert json.loads(opened.payload)["predicateType"] == "https://slsa.dev/verification_summary/v1"
    with pytest.raises(VerificationError):
        Envelope.from_dict(other).verify([known], 1)


@pytest.mark.skipif(OPENSSL is None, reason="`openssl` verifies")
def test_openssl_accepts_what_is_attested(sealed: Office, tmp_path: Path) -> None:
    envelope = json.loads(next(each for name, each in sealed.evidence().items() if name.endswith(STATEMENT)))
    payload = base64.b64decode(envelope["payload"])
    message = pre_authentication(envelope["payloadType"], payload)
    signature = base64.b64decode(envelope["signatures"][0]["sig"])

    assert openssl_accepts(tmp_path, sealed.seal.attest.key, message, signature)


def test_sha256_alone_names_what_lies_beside_the_log(sealed: Office) -> None:
    named = {
        key.rsplit("/", 1)[1]: content for key, content in sealed.evidence().items() if key.startswith("evidence/")
    }

    assert named
    assert {hashlib.sha256(content).hexdigest() for content in named.values()} == set(named)
