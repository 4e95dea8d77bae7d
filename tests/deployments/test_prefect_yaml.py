"""What is deployed: names, schedules and parameters are a promise to those who hold on to them."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.utilities.callables import parameter_schema

ROOT = Path(__file__).parent.parent.parent
DEPLOYED: dict[str, Any] = {
    each["name"]: each for each in yaml.safe_load((ROOT / "deployments/prefect.yaml").read_text("utf-8"))["deployments"]
}


def flow_of(deployment: dict[str, Any]) -> Any:
    path, _, name = deployment["entrypoint"].partition(":")
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    return getattr(module, name)


def test_every_flow_is_deployed_under_its_name() -> None:
    assert {name: flow_of(deployment).name for name, deployment in DEPLOYED.items()} == {
        "enterprise-merge": "enterprise-merge",
        "repository-merge": "repository-merge",
        "pause-landings": "pause-landings",
        "metrics-report": "metrics-report",
        "storage-posture": "storage-posture",
        "reconciliation": "reconciliation",
        "compliance-report": "compliance-report",
    }


def test_pull_requests_land_every_six_hours() -> None:
    assert DEPLOYED["enterprise-merge"]["schedules"] == [
        {
            "slug": "every-six-hours",
            "cron": "0 */6 * * *",
            "timezone": "UTC",
            "parameters": {"team": "all", "stage": "merge"},
        }
    ]


def test_compliance_is_reviewed_weekly_assessed_monthly_and_policies_quarterly() -> None:
    schedules = DEPLOYED["compliance-report"]["schedules"]

    assert {each["slug"]: (each["cron"], each["parameters"]["period"]) for each in schedules} == {
        "weekly-compliance-review": ("0 6 * * 1", "last-week"),
        "monthly-security-assessment": ("0 6 1 * *", "last-month"),
        "quarterly-policy-review": ("0 6 1 1,4,7,10 *", "last-quarter"),
    }


def choices(deployment: str, parameter: str) -> list[str]:
    schema = parameter_schema(flow_of(DEPLOYED[deployment])).model_dump()
    return list(schema["properties"][parameter]["enum"])


@pytest.mark.parametrize(
    "deployment",
    ["enterprise-merge", "repository-merge", "pause-landings", "metrics-report", "reconciliation", "compliance-report"],
)
def test_a_person_chooses_the_team_from_those_that_are_configured(deployment: str) -> None:
    assert choices(deployment, "team") == ["all", "team-a", "team-b", "team-c"]


@pytest.mark.parametrize("deployment", ["enterprise-merge", "repository-merge"])
def test_a_person_chooses_how_far_to_go(deployment: str) -> None:
    assert choices(deployment, "stage") == ["observe", "gate", "merge"]


def test_one_repository_must_be_named_and_nothing_else() -> None:
    assert parameter_schema(flow_of(DEPLOYED["repository-merge"])).required == ["repository"]


def test_of_each_deployment_one_run_goes_on_at_a_time_and_later_ones_wait() -> None:
    limits = [deployment["concurrency_limit"] for deployment in DEPLOYED.values()]

    assert limits == [{"limit": 1, "collision_strategy": "ENQUEUE"}] * len(DEPLOYED)


def test_runs_tell_nobody_that_they_are_there() -> None:
    told = [deployment["work_pool"]["job_variables"]["env"] for deployment in DEPLOYED.values()]

    assert told == [{"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}] * len(DEPLOYED)


def test_no_parameter_could_hold_a_secret() -> None:
    names = {name for each in DEPLOYED.values() for name in parameter_schema(flow_of(each)).properties}

    assert names == {
        "team",
        "repository",
        "stage",
        "days",
        "all_gates",
        "period",
        "since",
        "wait_for_signatures",
        "action",
        "owner",
        "reason",
        "until",
    }


@pytest.mark.long
def test_one_command_deploys_everything(tmp_path: Path) -> None:
    environment = os.environ | {
        "PREFECT_HOME": str(tmp_path),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    environment.pop("PREFECT_API_URL", None)
    prefect = [str(Path(sys.executable).parent / "prefect"), "--no-prompt"]
    pool = [*prefect, "work-pool", "create", "merge-hub", "--type", "process", "--overwrite"]
    subprocess.run(pool, check=True, env=environment, cwd=ROOT, capture_output=True)
    deploy = [*prefect, "deploy", "--prefect-file", "deployments/prefect.yaml", "--all"]
    subprocess.run(deploy, check=True, env=environment, cwd=ROOT, capture_output=True)
    listing = subprocess.run(
        [*prefect, "deployment", "ls", "--output", "json"],
        check=True,
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert {each["name"] for each in json.loads(listing.stdout)} == set(DEPLOYED)
