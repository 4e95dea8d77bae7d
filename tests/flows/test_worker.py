"""The deployment `repository-merge`, run by a worker of Prefect's as it stands in `deployments/prefect.yaml`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.hub import PROJECT, Hub

PREFECT = [str(Path(sys.executable).parent / "prefect"), "--no-prompt"]
DEPLOYMENT = "repository-merge/repository-merge"


def prefect(hub: Hub, *arguments: str) -> None:
    environment = {**hub.prefect, **hub.environment, "PREFECT_WORKER_QUERY_SECONDS": "1"}
    subprocess.run([*PREFECT, *arguments], cwd=PROJECT, env=environment, check=True)


@pytest.mark.long
def test_what_a_worker_lands_is_told_exported_and_kept_in_the_home(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.write()
    good, bad = api.pull_request("good"), api.pull_request("bad", {"broken": "1\n"})

    prefect(hub, "work-pool", "create", "merge-hub", "--type", "process", "--overwrite")
    prefect(hub, "deploy", "--prefect-file", "deployments/prefect.yaml", "--name", "repository-merge")
    prefect(hub, "deployment", "run", DEPLOYMENT, "--param", f"repository={api.full_name}", "--param", "team=team-a")
    prefect(hub, "worker", "start", "--pool", "merge-hub", "--run-once")

    assert (good.state, bad.state) == ("merged", "open")
    assert [post["channel"] for post in hub.organization.posts()] == ["#deployments", "#incidents", "#audit"]
    assert {path.name.partition("-")[0] for path in (hub.home / "results").iterdir()} >= {"gate", "report"}
    assert any(key.startswith("events/") for key in hub.evidence())
