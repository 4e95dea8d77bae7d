"""The local state deleted, and the log rebuilt from the bucket alone; nothing lands twice, and nobody is told twice."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.sandbox.object_store import ObjectStore
from tasks.domain.errors import AuditLogError
from tests.adapters.evidence_s3.conftest import serving_objects
from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with serving_objects(tmp_path_factory.mktemp("objects")) as store:
        yield store


def kept_in_a_bucket(hub: Hub, server: ObjectStore, keys: Path) -> None:
    hub.config.global_["audit"] = {
        "storage": {"type": "s3", "bucket": "evidence", "region": "us-east-1", "prefix": hub.organization.login},
        "sealing": {"keys": {"type": "files", "path": str(keys)}},
    }
    hub.environment |= {
        "AWS_ENDPOINT_URL_S3": server.url,
        "AWS_ACCESS_KEY_ID": server.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": server.credentials.secret_key,
    }


def asked(hub: Hub, *command: str) -> tuple[int, dict[str, object]]:
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    done = merge_hub(*command, "--json", home=hub.home, **environment)
    return done.returncode, json.loads(done.stdout)


def test_a_hub_that_lost_its_state_rebuilds_the_log_from_the_bucket_and_goes_on(
    hub: Hub, server: ObjectStore, tmp_path: Path
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    kept_in_a_bucket(hub, server, tmp_path / "keys")
    api.pull_request("one", approved_by=["carol"])
    first = hub.run().document["audit"]
    told = (len(hub.organization.posts()), len(hub.organization.mails()), api.shown(), hub.log_bytes())
    shutil.rmtree(hub.home)
    with pytest.raises(AuditLogError, match="has 0 events, and the evidence store") as refusal:
        hub.run()
    restored = asked(hub, "restore")
    again = hub.run()

    assert "`merge-hub restore`" in refusal.value.remedy
    assert (restored[0], restored[1]["root"], restored[1]["brought_back"]) == (0, first["root"], first["size"])
    assert again.document["audit"] == first
    assert (len(hub.organization.posts()), len(hub.organization.mails()), api.shown(), hub.log_bytes()) == told

    second = api.pull_request("two", approved_by=["carol"])
    third = hub.run()
    keys = asked(hub, "keys")[1]["keys"]
    verified = asked(hub, "verify", first["store"], *(f"--key={key}" for key in keys))  # type: ignore[attr-defined]  # JSON

    assert third.told(second) == ["merged"]
    assert (verified[0], verified[1]["root"]) == (0, third.document["audit"]["root"])


def test_a_key_that_is_gone_is_not_made_anew_beside_a_log_that_it_sealed(
    hub: Hub, server: ObjectStore, tmp_path: Path
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    kept_in_a_bucket(hub, server, tmp_path / "keys")
    api.pull_request("one", approved_by=["carol"])
    hub.run()
    shutil.rmtree(hub.home)
    shutil.rmtree(tmp_path / "keys")
    told = [asked(hub, command) for command in ("restore", "keys")]

    assert [code for code, _ in told] == [1, 1]
    assert {error["error"]["code"] for _, error in told} == {"sealing-failed"}  # type: ignore[index]  # JSON
    assert not (tmp_path / "keys" / "log.pem").exists()
