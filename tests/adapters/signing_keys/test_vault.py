"""Keys in Vault's engine Transit: a real server where one is installed, and answers that no server should give."""

import base64
import json
from collections.abc import Iterator

import hvac  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tasks.adapters.signing_keys import VaultSigner
from tasks.domain.errors import SealingFailed
from tests.adapters.scripted_http import Reply, ScriptedServer, scripted_server

NAME = "log.example/acme"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"4" * 32)
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        yield script


def opened(address: str, token: str = "root-of-bao", key: str = "merge-hub-log") -> VaultSigner:  # noqa: S107 -- of a test
    return VaultSigner(hvac.Client(url=address, token=token, timeout=5), "transit", key, NAME)


def answer(**data: object) -> Reply:
    return Reply(body=json.dumps({"data": data}).encode(), headers={"Content-Type": "application/json"})


def key(kind: str = "ed25519", public: str = PUBLIC, version: int = 2) -> Reply:
    return answer(type=kind, latest_version=version, keys={"2": {"public_key": public}})


def test_what_is_signed_there_verifies_by_the_key_that_is_told(server: ScriptedServer) -> None:
    signature = base64.b64encode(PRIVATE.sign(b"text\n")).decode()
    server.replies = [key(), answer(signature=f"vault:v2:{signature}")]
    signer = opened(server.url)

    assert signer.key.verifies(b"text\n", signer.sign(b"text\n"))
    assert signer.key.name == NAME
    assert json.loads(server.requests[1].body)["key_version"] == 2


def test_the_version_that_is_named_signs_whatever_the_latest_is(server: ScriptedServer) -> None:
    server.replies = [key(version=3), answer(signature=f"vault:v2:{base64.b64encode(PRIVATE.sign(b'text')).decode()}")]
    client = hvac.Client(url=server.url, token="root-of-bao", timeout=5)
    signer = VaultSigner(client, "transit", "merge-hub-log", NAME, version=2)

    assert signer.key.verifies(b"text", signer.sign(b"text"))
    assert json.loads(server.requests[1].body)["key_version"] == 2


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (key(kind="aes256-gcm96"), "is no key of ed25519"),
        (key(public="bm90IGEga2V5"), "is no key of ed25519"),
        (key(version=3), "is no key of ed25519"),
        (Reply(status=403, body=b'{"errors": ["permission denied"]}'), "did not answer for the key .*: Forbidden"),
        (Reply(status=404, body=b'{"errors": []}'), "InvalidPath"),
        (Reply(body=b"[]", headers={"Content-Type": "application/json"}), "did not answer for the key"),
        (Reply(drop=True), "ConnectionError"),
    ],
)
def test_a_key_that_cannot_be_had_is_a_failure_that_says_what_to_do(
    server: ScriptedServer, reply: Reply, why: str
) -> None:
    server.replies = [reply]

    with pytest.raises(SealingFailed, match=why) as failure:
        opened(server.url)
    assert "bm90IGEga2V5" not in str(failure.value)
    assert failure.value.remedy


@pytest.mark.parametrize("signature", ["vault:v1:AAAA", "vault:v2:no base64", "", None])
def test_what_is_no_signature_is_not_taken_for_one(server: ScriptedServer, signature: object) -> None:
    server.replies = [key(), answer(signature=signature)]
    signer = opened(server.url)

    with pytest.raises(SealingFailed):
        signer.sign(b"text\n")


@pytest.mark.long
def test_a_real_server_signs_and_a_rotated_key_is_another_one(bao: str) -> None:
    root = hvac.Client(url=bao, token="root-of-bao")
    root.sys.enable_secrets_engine("transit")
    root.secrets.transit.create_key("merge-hub-log", key_type="ed25519")
    first = opened(bao)
    root.secrets.transit.rotate_key("merge-hub-log")
    second = opened(bao)

    assert first.key != second.key
    assert [each.key.verifies(b"text\n", each.sign(b"text\n")) for each in (first, second)] == [True, True]
    with pytest.raises(SealingFailed, match="Forbidden"):
        opened(bao, token="a-token-of-nobody")
