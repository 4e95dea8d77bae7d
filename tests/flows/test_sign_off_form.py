"""The form for signatures as Prefect shows it: a deployed run is suspended, and goes on once somebody has signed."""

from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.sorting import FlowRunSort
from prefect.flow_runs import resume_flow_run

from tests.flows.hub import Hub
from tests.flows.signers import NEEDS_OPENSSH, awaited, signer
from tests.flows.test_worker import prefect

pytestmark = [NEEDS_OPENSSH, pytest.mark.long]


def run_of(hub: Hub) -> Any:
    """The latest one that waits: the server knows hundreds of others, and tells of so many at a time."""
    deployed = FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(is_null_=False))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=deployed, sort=FlowRunSort.EXPECTED_START_TIME_DESC)
    return next(each for each in runs if each.parameters.get("wait_for_signatures"))


def test_a_deployed_run_waits_for_a_signature_and_lands_once_it_has_it(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": [{"role": "platform-lead"}]})
    dave = signer(hub, tmp_path, "dave", "platform-lead")
    hub.config.write()
    one = api.pull_request("one")
    prefect(hub, "work-pool", "create", "merge-hub", "--type", "process", "--overwrite")
    prefect(hub, "deploy", "--prefect-file", "deployments/prefect.yaml", "--name", "enterprise-merge")
    parameters = ("--param", "team=all", "--param", "wait_for_signatures=true")
    prefect(hub, "deployment", "run", "enterprise-merge/enterprise-merge", *parameters)
    prefect(hub, "worker", "start", "--pool", "merge-hub", "--run-once")

    suspended = run_of(hub)
    assert (suspended.state.name, one.state) == ("Suspended", "open")
    (plan,) = awaited(hub)
    resume_flow_run(suspended.id, run_input={"signature": dave.signature(plan["plan"], "platform-lead")})
    prefect(hub, "worker", "start", "--pool", "merge-hub", "--run-once")

    assert (run_of(hub).state.name, one.state) == ("Completed", "merged")
