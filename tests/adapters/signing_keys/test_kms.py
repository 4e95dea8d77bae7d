"""Keys in AWS KMS, by what its API is documented to answer."""

import base64
import json
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tasks.adapters.signing_keys import KmsSigner
from tasks.domain.errors import SealingFailed
from tests.adapters.scripted_http import Reply, ScriptedServer, scripted_server

NAME = "log.example/acme"
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"5" * 32)
DER = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
OF_ANOTHER_KIND = (
    generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", script.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key-of-a-test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-a-test")
        yield script


def opened() -> KmsSigner:
    return KmsSigner("alias/merge-hub-log", NAME, "eu-central-1")


def answer(**fields: bytes) -> Reply:
    told = {name: base64.b64encode(value).decode() for name, value in fields.items()}
    return Reply(body=json.dumps(told).encode(), headers={"Content-Type": "application/x-amz-json-1.1"})


def test_what_is_signed_there_verifies_by_the_key_that_is_told(server: ScriptedServer) -> None:
    server.replies = [answer(PublicKey=DER), answer(Signature=PRIVATE.sign(b"text\n"))]
    signer = opened()
    signature = signer.sign(b"text\n")
    asked = json.loads(server.requests[1].body)

    assert signer.key.verifies(b"text\n", signature)
    assert (asked["SigningAlgorithm"], asked["MessageType"]) == ("ED25519_SHA_512", "RAW")
    assert base64.b64decode(asked["Message"]) == b"text\n"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (answer(PublicKey=OF_ANOTHER_KIND), "is no key of Ed25519"),
        (answer(PublicKey=b"no key"), "is no key of Ed25519"),
        (Reply(status=400, body=b'{"__type": "AccessDeniedException", "Message": "no"}'), "did not get public key"),
        (Reply(status=400, body=b'{"__type": "NotFoundException", "Message": "no"}'), "did not get public key"),
    ],
)
def test_a_key_that_cannot_be_had_is_a_failure_that_says_what_to_do(
    server: ScriptedServer, reply: Reply, why: str
) -> None:
    server.replies = [reply]

    with pytest.raises(SealingFailed, match=why) as failure:
        opened()
    assert failure.value.remedy
