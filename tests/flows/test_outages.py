"""Where people are told and evidence is kept goes down for good, or the disk is full: nothing lands unproven."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.domain.errors import EvidenceUnreachable
from tests.flows.hub import PROJECT, Hub
from tests.flows.sweeps import mostly_long
from tests.flows.world import Repository

NOBODY = "127.0.0.1:9"


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def told(hub: Hub) -> tuple[int, int]:
    return len(hub.organization.posts()), len(hub.organization.mails())


def test_chat_and_mail_that_stay_down_stop_no_landing_and_are_made_up_for_once(hub: Hub, api: Repository) -> None:
    topic, working = api.pull_request("topic"), dict(hub.environment)
    hub.environment |= {"SMTP_SERVER": NOBODY, "SLACK_WEBHOOK_ENTERPRISE": f"http://{NOBODY}/services/secret-hook"}

    run = hub.run()
    silence = told(hub)
    hub.environment |= working
    after = hub.run()
    caught_up = told(hub)
    hub.run()

    assert run.told(topic) == ["merged"]
    assert len(run.problems) >= 2
    assert "secret-hook" not in " ".join(run.problems)
    assert silence == (0, 0)
    assert after.problems == ()
    assert min(caught_up) > 0
    assert told(hub) == caught_up


def test_a_log_does_not_begin_while_nobody_can_tell_whether_the_store_has_one(hub: Hub, api: Repository) -> None:
    topic, base = api.pull_request("topic"), api.tip()
    storage = {"type": "s3", "bucket": "evidence", "region": "us-east-1"}
    hub.config.global_["audit"] = {"storage": storage}
    hub.environment |= {
        "AWS_ENDPOINT_URL_S3": f"http://{NOBODY}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "hidden-secret",
    }

    with pytest.raises(EvidenceUnreachable):
        hub.run()
    assert (api.tip(), topic.state) == (base, "open")
    assert hub.events() == []


def test_a_store_of_evidence_that_stays_away_lets_nothing_land(hub: Hub, api: Repository) -> None:
    hub.run()
    topic, base = api.pull_request("topic"), api.tip()
    storage = {"type": "s3", "bucket": "evidence", "region": "us-east-1"}
    hub.config.global_["audit"] = {"enabled": True, "storage": storage}
    hub.environment |= {
        "AWS_ENDPOINT_URL_S3": f"http://{NOBODY}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "hidden-secret",
    }

    run = hub.run()
    again = hub.run()
    landed = api.tip(), topic.state
    del hub.config.global_["audit"]
    after = hub.run()

    errors = [run.error(api), again.error(api)]
    assert [error and error["code"] for error in errors] == ["evidence-unreachable"] * 2
    assert all(error and error["remedy"] for error in errors)
    assert "hidden-secret" not in json.dumps(run.document)
    assert landed == (base, "open")
    assert after.told(topic) == ["merged"]


def run_on_a_full_disk(hub: Hub, place: Path, size: str) -> subprocess.CompletedProcess[str]:
    """A run in which `place` is a disk of its own that has room for no more than `size`."""
    place.mkdir(parents=True)
    mount = f"mount -t tmpfs -o size={size} none {shlex.quote(str(place))}"
    command = f"{mount} && exec {shlex.quote(sys.executable)} -m tests.flows.hub_process merge"
    hub.config.write()
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "/bin/sh", "-c", command],
        cwd=PROJECT,
        env={**hub.environment, **hub.prefect},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def may_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(folder)]
    command = ["unshare", "--user", "--map-root-user", "--mount", *mount]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("place", "size"), mostly_long([("work", "512k"), ("", "160k")]))
def test_a_disk_that_is_full_blames_nobody_and_lands_nothing(
    hub: Hub, api: Repository, tmp_path: Path, place: str, size: str
) -> None:
    if not may_mount(tmp_path):
        pytest.skip("no disk of its own can be mounted here: user namespaces are not allowed")
    noise = {"name": "tests", "command": "head -c 2000000 /dev/zero | tr '\\0' x; test ! -e broken"}
    hub.config.team("team-a", api, gates=[noise])
    topic, base = api.pull_request("topic", {"topic.txt": "x" * 100_000}), api.tip()

    finished = run_on_a_full_disk(hub, hub.home / place, size)
    landed = api.tip(), topic.state
    after = hub.run()

    told = finished.stdout or finished.stderr
    assert "No space left on device" in told or "disk is full" in told
    assert '"code": "gate-output-unwritable"' in told or place != "work"
    assert '"outcome": "merged"' not in told
    assert landed == (base, "open")
    assert after.told(topic) == ["merged"]
