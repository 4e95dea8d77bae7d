"""What people are told with is taken from where it is kept, used there, and left nowhere."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks.domain.errors import CredentialUnavailable
from tests.adapters.scripted_http import Reply, ScriptedServer, scripted_server
from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub

VAULT_TOKEN = "hvs.T0kenOfTheVault42"


@pytest.fixture
def vault() -> Iterator[ScriptedServer]:
    with scripted_server() as script:
        yield script


def kept(value: str, days: int) -> Reply:
    since = datetime.now(UTC) - timedelta(days=days, minutes=1)
    metadata = {"created_time": f"{since:%Y-%m-%dT%H:%M:%S}.123456789Z", "version": 1}
    body = json.dumps({"data": {"data": {"url": value}, "metadata": metadata}}).encode()
    return Reply(200, body, {"Content-Type": "application/json"})


@pytest.fixture
def posting(hub: Hub, vault: ScriptedServer) -> Hub:
    """Its webhook is in Vault, and in no variable."""
    hook = hub.environment.pop("SLACK_WEBHOOK_ENTERPRISE")
    vault.replies = [kept(hook, 12)]
    hub.environment["VAULT_TOKEN"] = VAULT_TOKEN
    place = {"type": "vault", "address": vault.url, "path": "merge-hub/slack", "field": "url"}
    told: Any = hub.config.global_["notifications"]
    told["slack"]["webhook"] = place
    hub.config.team("team-a", hub.organization.repository("api"))
    return hub


def test_a_webhook_in_vault_is_posted_to_and_left_nowhere(posting: Hub, vault: ScriptedServer) -> None:
    topic = posting.organization.repositories[0].pull_request("topic")
    run = posting.run()
    asked, traces = len(vault.requests), posting.traces()
    posting.run()
    files = [path for path in posting.home.rglob("*") if path.is_file()]

    assert run.told(topic) == ["merged"]
    assert len(posting.organization.posts()) > 0
    assert {request.path for request in vault.requests} == {"/v1/secret/data/merge-hub/slack"}
    assert asked == 1
    assert posting.traces() == traces
    assert not [path for path in files if VAULT_TOKEN.encode() in path.read_bytes()]


def test_a_run_that_cannot_have_its_webhook_lands_nothing_and_says_from_where(
    posting: Hub, vault: ScriptedServer
) -> None:
    topic = posting.organization.repositories[0].pull_request("topic")
    vault.replies = [Reply(403, b'{"errors":["permission denied"]}', {"Content-Type": "application/json"})]

    with pytest.raises(CredentialUnavailable, match="Vault at secret/merge-hub/slack: Forbidden"):
        posting.run()

    assert topic.state == "open"


def test_the_doctor_tells_where_each_secret_is_and_since_when(posting: Hub) -> None:
    posting.config.write()
    told = merge_hub("doctor", "--json", home=posting.home, **environment(posting))
    checks = {check["name"]: check for check in json.loads(told.stdout)["checks"]}

    found = "the Slack webhook is there, from Vault at secret/merge-hub/slack, 12 days old"
    assert (checks["secrets"]["status"], checks["secrets"]["found"]) == ("ok", found)
    assert checks["Slack"]["status"] == "ok"
    assert VAULT_TOKEN not in told.stdout + told.stderr


def environment(hub: Hub) -> dict[str, str]:
    return {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
