"""Signatures as OpenSSH itself makes and checks them, and whatever is no good signature."""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.schema import NAMESPACE
from tasks.adapters.ssh_signatures import SshKeyring, SshSignatures
from tasks.domain.errors import SignaturesUncheckable, SigningFailed

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="people sign with OpenSSH's ssh-keygen")

DOCUMENT = b'{"plan":"sha256:1"}'
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NO_KEY = "allowed_signers has no key of that principal"


def key(folder: Path, name: str, kind: str = "ed25519") -> Path:
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", name, "-f", str(path)], check=True)
    return path


def public(path: Path) -> str:
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def signed(path: Path, document: bytes = DOCUMENT) -> str:
    keyring = SshKeyring()
    return keyring.sign(document, keyring.keys(path)[0])


def in_namespace(path: Path, namespace: str) -> str:
    document = path.with_name("document")
    document.write_bytes(DOCUMENT)
    subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-n", namespace, "-f", str(path), str(document)], check=True, capture_output=True
    )
    return document.with_name("document.sig").read_text()


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key(tmp_path_factory.mktemp("alice"), "alice")


def refusal(path: Path, signature: str, options: str = "", principal: str = "alice", document: bytes = DOCUMENT) -> str:
    line = " ".join(part for part in ("alice", options, public(path)) if part)
    return SshSignatures(f"{line}\n").refusal(document, signature, principal, NOW) or ""


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_by_any_kind_of_key_is_good(tmp_path: Path, kind: str) -> None:
    path = key(tmp_path, "key", kind)

    assert refusal(path, signed(path)) == ""


HOLDING = [f'namespaces="{NAMESPACE}"', 'valid-after="20260101"', 'valid-before="20260401Z"', 'namespaces="git,merge*"']


@pytest.mark.parametrize("options", HOLDING)
def test_a_key_signs_as_far_as_its_line_says(alice: Path, options: str) -> None:
    assert refusal(alice, signed(alice), options) == ""


@pytest.mark.parametrize("options", ['namespaces="git"', 'valid-after="20260401Z"', 'valid-before="20260301Z"'])
def test_a_key_that_does_not_hold_then_or_there_is_refused(alice: Path, options: str) -> None:
    assert NO_KEY in refusal(alice, signed(alice), options)


def test_another_key_another_principal_another_namespace_and_another_document_are_refused(
    alice: Path, tmp_path: Path
) -> None:
    mallory = key(tmp_path, "mallory")

    assert NO_KEY in refusal(alice, signed(mallory))
    assert NO_KEY in refusal(alice, signed(alice), principal="bob")
    assert "OpenSSH refuses it" in refusal(alice, in_namespace(alice, "git"))
    assert "incorrect signature" in refusal(alice, signed(alice), document=DOCUMENT + b" ")


HEAD, FOOT = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
NONE = ["", HEAD, f"{HEAD}\n!\n{FOOT}\n", "x" * 99_999, f"{HEAD}\nAAAA\n{FOOT}\n", "-Y", "\0\ud7ff"]


@pytest.mark.parametrize("signature", NONE)
def test_what_is_no_signature_is_refused(alice: Path, signature: str) -> None:
    assert refusal(alice, signature) != ""


def test_any_changed_byte_is_refused(alice: Path) -> None:
    good = signed(alice)
    lines = good.splitlines()
    middle = lines[2]
    lines[2] = middle[:-5] + ("A" if middle[-5] != "A" else "B") + middle[-4:]

    assert refusal(alice, "\n".join(lines) + "\n") != ""


def test_without_openssh_nothing_can_be_told(alice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = signed(alice)
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(SignaturesUncheckable, match="there is no ssh-keygen"):
        refusal(alice, good)


def test_a_key_that_is_not_there_or_is_none_is_told(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.write_text("nothing")

    for path in (tmp_path / "absent", nothing):
        with pytest.raises(SigningFailed):
            SshKeyring().keys(path)
