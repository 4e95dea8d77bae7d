"""As a GitHub App the hub lands with what the README tells to grant it, asks for no more, and is refused with less."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deployments.sandbox.process import Sandbox
from tasks.domain.credentials import NEEDED_PERMISSIONS
from tasks.domain.errors import CredentialsRejected
from tests.flows.conftest import hub_in
from tests.flows.hub import Hub
from tests.flows.world import Repository, World

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A code host of its own: what its App may holds for every organization there."""
    data = tmp_path_factory.mktemp("sandbox-app")
    with Sandbox(data=data, object_store=False, smart_http=True) as sandbox:
        yield World(sandbox, data)


@pytest.fixture(scope="module")
def key(apart: World) -> str:
    pair = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = pair.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    apart.tell(app={"public_key": public.decode()})
    private = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode()


@pytest.fixture
def hub(apart: World, key: str, tmp_path: Path, prefect_environment: dict[str, str]) -> Hub:
    apart.tell(app={"repositories": None})
    hub = hub_in(apart, tmp_path, prefect_environment)
    hub.environment |= {"GITHUB_TOKEN": "", "APP_KEY": key}
    place = {"type": "environment", "variable": "APP_KEY"}
    hub.config.global_["credentials"] = {"code_host": {"type": "app", "app_id": 1, "key": place}}
    return hub


def hidden(hub: Hub, name: str) -> Repository:
    """A repository of which nobody may read anything unasked."""
    repository = hub.organization.repository(name)
    repository.rest("PATCH", "", {"private": True})
    return repository


def test_the_readme_names_exactly_the_permissions_that_are_needed() -> None:
    (told,) = (line for line in README.read_text("utf-8").splitlines() if "| a GitHub App |" in line)

    assert [part.strip() for part in told.strip("| \n").split("|")[1:]] == [
        ", ".join(f"`{name}: {level}`" for name, level in sorted(NEEDED_PERMISSIONS.items()))
    ]


@pytest.mark.parametrize("landing", ["fast-forward", "api"])
def test_an_app_with_exactly_what_is_needed_lands_closes_and_comments(hub: Hub, landing: str) -> None:
    hub.organization.world.tell(app={"permissions": NEEDED_PERMISSIONS})
    hub.organization.team("leads", "bob")
    api = hidden(hub, "api")
    filters = {"required_reviewers": [f"{hub.organization.login}/leads"]}
    hub.config.team("team-a", api, filters=filters, policies={"landing": landing, "method": "squash"})
    good, bad = api.pull_request("good"), api.pull_request("bad", {"broken": "yes\n"})
    hub.organization.world.forget_requests()

    run = hub.run()
    traces = hub.traces()
    hub.run()
    refused = [each for each in hub.organization.world.requests() if each["status"] in {401, 403}]

    assert run.told(good, bad) == ["merged", "refused: gate-failed"]
    assert good.state != "open"
    assert [each for each in refused if not each["path"].endswith("/info/refs")] == []
    assert hub.traces() == traces


@pytest.mark.parametrize("missing", sorted(set(NEEDED_PERMISSIONS) - {"metadata"}))
def test_an_app_that_lacks_one_permission_is_refused_at_the_start_with_its_name(hub: Hub, missing: str) -> None:
    hub.organization.world.tell(
        app={"permissions": {name: level for name, level in NEEDED_PERMISSIONS.items() if name != missing}}
    )
    api = hidden(hub, "api")
    hub.config.team("team-a", api)
    topic = api.pull_request("topic")
    lacking = f"{missing}:{NEEDED_PERMISSIONS[missing]}"

    with pytest.raises(CredentialsRejected, match=f"it may not do what it needs: {lacking}") as refusal:
        hub.run()

    assert refusal.value.remedy == f"Grant the GitHub App {lacking}."
    assert topic.state == "open"
    assert hub.events_of("token.checked")[0]["data"]["concerns"] == ["lacking-permissions"]


def test_a_repository_that_the_app_is_not_installed_on_fails_alone(hub: Hub) -> None:
    installed, other = hidden(hub, "api"), hidden(hub, "web")
    hub.organization.world.tell(app={"permissions": NEEDED_PERMISSIONS, "repositories": [installed.full_name]})
    hub.config.team("team-a", installed, other)
    topics = [installed.pull_request("topic"), other.pull_request("topic")]

    run = hub.run()

    assert run.told(topics[0]) == ["merged"]
    assert (run.error(other) or {})["code"] == "repository-missing"
    assert topics[1].state == "open"
