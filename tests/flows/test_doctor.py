"""What the doctor says: everything at once, of a world that is well and of one that is anything but."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.hub import Hub
from tests.flows.proxy import between
from tests.flows.test_command_line import merge_hub
from tests.flows.test_policies import policy

ALL_PASSED = {"id": "ORG-001", "check": "gates"}
DELETION_BLOCKED = {"id": "ORG-002", "check": "ruleset", "with": {"block_deletion": True}}
NOWHERE = "127.0.0.1:1"
SECRETS = ("ghp_verysecrettoken", "T0VERY/SECRETHOOK", "secretpassword")


def doctor(hub: Hub, *arguments: str, **environment: str) -> tuple[int, dict[str, Any]]:
    hub.config.write()
    known = {**hub.environment, **environment}
    told = merge_hub("doctor", "--json", *arguments, home=Path(known.pop("MERGE_HUB_HOME")), **known)
    assert "Traceback" not in told.stderr
    assert not any(secret in told.stdout + told.stderr for secret in SECRETS)
    return told.returncode, json.loads(told.stdout)


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["status"] for check in document["checks"]}


def check(document: dict[str, Any], name: str) -> dict[str, str]:
    return next(each for each in document["checks"] if each["name"] == name)


@pytest.fixture
def silent() -> Iterator[str]:
    """Where every connection is taken and nothing is ever said."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        for each in taken:
            each.close()
        server.shutdown(socket.SHUT_RDWR)


def test_a_world_that_is_well_is_said_to_be_and_stays_as_it_is(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.policies.append(policy(ALL_PASSED, DELETION_BLOCKED))
    protection = {"required_pull_request_reviews": None, "enforce_admins": True}
    hub.organization.world.tell(protection={api.full_name: {"main": protection}})

    status, document = doctor(hub)

    assert (status, document["well"]) == (0, True)
    assert statuses(document) == {
        "configuration": "ok",
        "git": "ok",
        "home": "ok",
        "gates": "ok",
        "signatures": "skipped",
        "pauses": "ok",
        "leftovers": "ok",
        "audit log": "ok",
        "evidence": "ok",
        "seal": "ok",
        "code host": "ok",
        "token's scopes": "skipped",
        "token's age": "skipped",
        "rate limit": "ok",
        "clock": "ok",
        "credential": "warning",
        f"repository {api.full_name}": "ok",
        f"repository {api.full_name}: guards": "ok",
        "Slack": "ok",
        "mail": "ok",
        "secrets": "ok",
        "Prefect": "ok",
    }
    assert not hub.home.exists()
    assert (hub.organization.posts(), hub.organization.mails()) == ([], [])


@pytest.mark.long
def test_after_a_run_there_is_nothing_left_to_be_told(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    api.pull_request("topic")
    hub.run()
    kept = hub.traces()

    _, document = doctor(hub)

    assert {check(document, name)["status"] for name in ("leftovers", "audit log", "evidence")} == {"ok"}
    assert hub.traces() == kept


def test_services_that_are_not_there_are_each_a_defect_with_a_remedy(hub: Hub) -> None:
    hub.config.team("team-a", "acme/api")
    storage = {"type": "s3", "bucket": "evidence", "region": "us-east-1"}
    hub.config.global_["audit"] = {"storage": storage}

    status, document = doctor(
        hub,
        GITHUB_TOKEN=SECRETS[0],
        MERGE_HUB_GITHUB_API_URL=f"http://{NOWHERE}",
        SLACK_WEBHOOK_ENTERPRISE=f"http://{NOWHERE}/{SECRETS[1]}",
        SMTP_SERVER=NOWHERE,
        PREFECT_API_URL=f"http://user:{SECRETS[2]}@{NOWHERE}/api",
        AWS_ENDPOINT_URL_S3=f"http://{NOWHERE}",
        AWS_ACCESS_KEY_ID="known",
        AWS_SECRET_ACCESS_KEY=SECRETS[2],
    )

    unwell = ("audit log", "code host", "Slack", "mail", "Prefect", "evidence")
    assert (status, document["well"]) == (1, False)
    assert {check(document, name)["status"] for name in unwell} == {"defect"}
    assert all(check(document, name)["remedy"] for name in unwell)
    assert check(document, "repositories")["found"] == "1 could not be looked at: see the code host"


def test_what_is_not_set_is_named_where_it_is_needed(hub: Hub) -> None:
    hub.config.team("team-a", "acme/api")

    status, document = doctor(hub, GITHUB_TOKEN="", SLACK_WEBHOOK_ENTERPRISE="", SMTP_SERVER="")

    assert status == 1
    assert check(document, "code host")["remedy"] == (
        "Set GITHUB_TOKEN in the environment of the process that runs merge-hub."
    )
    assert "SLACK_WEBHOOK_ENTERPRISE" in check(document, "Slack")["found"]
    assert "SMTP_SERVER" in check(document, "mail")["found"]


@pytest.mark.long
def test_a_token_that_is_refused_and_a_repository_that_is_not_to_be_seen_are_told_apart(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, f"{hub.organization.login}/gone", target="release")

    _, rejected = doctor(hub, GITHUB_TOKEN="sandbox-nobody")
    _, accepted = doctor(hub)

    assert "rejected the token" in check(rejected, "code host")["found"]
    assert check(accepted, f"repository {api.full_name}")["found"] == "it has no branch release"
    assert "does not exist" in check(accepted, f"repository {hub.organization.login}/gone")["found"]


@pytest.mark.long
def test_answers_that_make_no_sense_are_a_defect_and_reach_no_terminal(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)

    with between(hub) as host:
        host.answer = lambda _: b'{"data": {"viewer": {"login": 7}}, "message": "\\u001b[31m[red]", "resources": []}'
        status, document = doctor(hub)

    assert status == 1
    assert (
        check(document, "code host")["status"] == check(document, f"repository {api.full_name}")["status"] == "defect"
    )
    assert "\x1b" not in json.dumps(document, ensure_ascii=False)


@pytest.mark.long
def test_services_that_take_a_connection_and_say_nothing_hold_nobody_up(hub: Hub, silent: str) -> None:
    hub.config.team("team-a", "acme/api")

    began = time.monotonic()
    status, document = doctor(
        hub,
        MERGE_HUB_GITHUB_API_URL=f"http://{silent}",
        SMTP_SERVER=silent,
        SLACK_WEBHOOK_ENTERPRISE=f"https://{silent}/{SECRETS[1]}",
        PREFECT_API_URL=f"http://{silent}/api",
    )

    assert status == 1
    assert {check(document, name)["status"] for name in ("code host", "Slack", "mail", "Prefect")} == {"defect"}
    assert check(document, "git")["status"] == "ok"
    assert time.monotonic() - began < 60


def test_a_bad_configuration_is_refused_before_anything_is_looked_at(tmp_path: Path) -> None:
    told = merge_hub("doctor", "--json", "--config", str(tmp_path / "nowhere"), home=tmp_path / "home")

    assert (told.returncode, json.loads(told.stdout)["error"]["code"]) == (2, "usage")


def test_people_get_one_table_without_colours_where_there_is_no_terminal(hub: Hub) -> None:
    hub.config.team("team-a", "acme/api")
    hub.config.write()

    told = merge_hub("doctor", home=hub.home, **{k: v for k, v in hub.environment.items() if k != "MERGE_HUB_HOME"})

    assert told.returncode == 1
    assert "→ Check the name acme/api in the configuration" in told.stdout
    assert "\x1b" not in told.stdout


def test_every_crash_point_is_listed_with_what_has_happened_and_what_has_not(tmp_path: Path) -> None:
    told = merge_hub("doctor", "--crash-points", "--json", home=tmp_path)
    listed = json.loads(told.stdout)["crash_points"]

    assert [point["name"] for point in listed] == [point.value for point in CrashPoint]
    assert all(point["done"] and point["undone"] for point in listed)
    assert merge_hub("doctor", "--crash-points", home=tmp_path).returncode == 0
