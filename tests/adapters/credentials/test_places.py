"""A token from wherever it is kept, and what is said where it cannot be had."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import hvac  # type: ignore[import-untyped]
import pytest

from config.errors import UnsetVariable
from config.schema import InAws, InEnvironment, InVault, SecretPlace, VaultAppRole
from tasks.adapters.credentials import Kept
from tasks.adapters.credentials import look_up as look_up_of
from tasks.domain.errors import CredentialUnavailable
from tasks.redaction import redacted
from tests.adapters.scripted_http import Reply, ScriptedServer, scripted_server

TOKEN = "ghp_0123456789abcdefghij"
VAULT = {"VAULT_TOKEN": "hvs.sometokenofvault"}


def look_up(place: str | SecretPlace, environ: Mapping[str, str]) -> Kept:
    return look_up_of(place, environ, key="credentials.code_host")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        yield script


def vault(address: str, **more: object) -> InVault:
    return InVault.model_validate({"type": "vault", "address": address, "path": "merge-hub/github", **more})


def in_vault(fields: object) -> bytes:
    metadata = {"created_time": "2026-03-02T09:00:00.123456789Z", "version": 3}
    return json.dumps({"data": {"data": fields, "metadata": metadata}}).encode()


def test_a_token_in_the_environment_is_taken_without_what_surrounds_it_and_is_a_secret_from_then_on() -> None:
    kept = look_up(InEnvironment(variable="BOT_TOKEN"), {"BOT_TOKEN": f"{TOKEN}\n"})

    assert (kept.value.get_secret_value(), kept.where, kept.since) == (TOKEN, "the variable BOT_TOKEN", None)
    assert redacted(f"it is {TOKEN}") == "it is ***"


@pytest.mark.parametrize(
    ("written", "value", "where"),
    [
        ("${HOOK}", "https://hooks.example/T/B/x", "the variable HOOK"),
        ("https://hooks.example/${PART}", "https://hooks.example/T0123456", "the variable PART"),
        ("https://hooks.example/T/B/x", "https://hooks.example/T/B/x", "the configuration"),
    ],
)
def test_a_secret_that_is_written_is_taken_with_its_variables(written: str, value: str, where: str) -> None:
    kept = look_up(written, {"HOOK": "https://hooks.example/T/B/x\n", "PART": "T0123456"})

    assert (kept.value.get_secret_value(), kept.where, kept.since) == (value, where, None)
    assert redacted(f"it is {value}") == "it is ***"


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(UnsetVariable, match="BOT_TOKEN"):
        look_up(InEnvironment(variable="BOT_TOKEN"), {"BOT_TOKEN": ""})


def test_a_token_in_vault_comes_with_the_day_since_when_it_is_there(server: ScriptedServer) -> None:
    server.replies = [Reply(200, in_vault({"token": TOKEN}), {"Content-Type": "application/json"})]
    kept = look_up(vault(server.url), VAULT)

    assert kept.value.get_secret_value() == TOKEN
    assert kept.since == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert server.requests[0].path == "/v1/secret/data/merge-hub/github"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(403, b'{"errors":["permission denied, hvs.sometokenofvault"]}'), "Forbidden"),
        (Reply(404, b'{"errors":[]}'), "InvalidPath"),
        (Reply(503, b'{"errors":["Vault is sealed"]}'), "VaultDown"),
        (Reply(200, b"{}"), "the answer is not one of KV version 2"),
        (Reply(200, b"<html>"), "the answer is not one of KV version 2"),
        (Reply(200, in_vault({"other": TOKEN})), "it has no text in a field `token`"),
        (Reply(200, in_vault({"token": " "})), "it is empty"),
        (Reply(drop=True), "ConnectionError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_vault_does_not_give_is_said_without_what_it_answered(
    server: ScriptedServer, reply: Reply, why: str
) -> None:
    server.replies = [Reply(reply.status, reply.body, {"Content-Type": "application/json"}, drop=reply.drop)]

    with pytest.raises(CredentialUnavailable) as refusal:
        look_up(vault(server.url), VAULT)

    assert refusal.value.message == f"the credential cannot be had from Vault at secret/merge-hub/github: {why}"
    assert refusal.value.remedy
    assert TOKEN not in str(refusal.value)


@pytest.fixture
def aws(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    for name, value in {
        "ACCESS_KEY_ID": "known",
        "SECRET_ACCESS_KEY": "secret",
        "DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
    return server


def aws_reply(text: str) -> Reply:
    return Reply(200, json.dumps({"SecretString": text, "CreatedDate": 1_772_442_000}).encode())


@pytest.mark.parametrize(("stored", "field"), [(TOKEN, None), (json.dumps({"token": TOKEN}), "token")])
def test_a_token_in_aws_is_the_secret_or_one_field_of_it(aws: ScriptedServer, stored: str, field: str | None) -> None:
    aws.replies = [aws_reply(stored)]
    kept = look_up(InAws(type="aws", secret="merge-hub/token", field=field), {})

    assert kept.value.get_secret_value() == TOKEN
    assert kept.since is not None


@pytest.mark.parametrize(
    ("reply", "field", "why"),
    [
        (Reply(400, b'{"__type":"ResourceNotFoundException"}'), None, "ResourceNotFoundException"),
        (aws_reply(TOKEN), "token", "it is no JSON object"),
        (aws_reply('{"a": 1}'), "a", "it has no text in a field `a`"),
    ],
    ids=["unknown", "no-object", "no-text"],
)
def test_what_aws_does_not_give_is_said(aws: ScriptedServer, reply: Reply, field: str | None, why: str) -> None:
    aws.replies = [reply]

    with pytest.raises(CredentialUnavailable) as refusal:
        look_up(InAws(type="aws", secret="merge-hub/token", field=field), {})

    assert refusal.value.message == f"the credential cannot be had from the AWS secret merge-hub/token: {why}"


@pytest.mark.long
def test_a_real_server_gives_a_token_to_a_role_and_to_no_other(bao: str) -> None:
    root = hvac.Client(url=bao, token="root-of-bao")
    root.secrets.kv.v2.create_or_update_secret(path="merge-hub/github", secret={"token": TOKEN})
    root.sys.enable_auth_method("approle")
    root.sys.create_or_update_policy("hub", 'path "secret/data/merge-hub/*" { capabilities = ["read"] }')
    root.auth.approle.create_or_update_approle("hub", token_policies=["hub"])
    role = root.auth.approle.read_role_id("hub")["data"]["role_id"]
    secret = root.auth.approle.generate_secret_id("hub")["data"]["secret_id"]
    login = VaultAppRole(type="approle").model_dump()
    kept = look_up(vault(bao, login=login), {"VAULT_ROLE_ID": role, "VAULT_SECRET_ID": secret})

    assert kept.value.get_secret_value() == TOKEN
    assert kept.since is not None
    assert abs((datetime.now(UTC) - kept.since).total_seconds()) < 60
    with pytest.raises(CredentialUnavailable, match="InvalidRequest"):
        look_up(vault(bao, login=login), {"VAULT_ROLE_ID": role, "VAULT_SECRET_ID": "another-secret-id"})
    with pytest.raises(CredentialUnavailable, match="Forbidden"):
        look_up(vault(bao), {"VAULT_TOKEN": "a-token-of-nobody"})
