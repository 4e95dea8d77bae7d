"""The demo, as a newcomer runs it: one command, one document, nothing left running."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deployments.sandbox.seed.scenarios import Scenario, scenarios

MERGE_HUB = str(Path(sys.executable).parent / "merge-hub")

Verdicts = dict[tuple[str, int], tuple[str, set[str]]]


@pytest.fixture(scope="module")
def demo(prefect_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("demo")
    environment = os.environ | prefect_environment | {"MERGE_HUB_HOME": str(home)}
    finished = subprocess.run(
        [MERGE_HUB, "demo", "--json"], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert finished.returncode == 0, finished.stderr
    document: dict[str, Any] = json.loads(finished.stdout)
    return document


@pytest.fixture(scope="module")
def verdicts(demo: dict[str, Any]) -> Verdicts:
    return {
        (repository["repository"], pull["number"]): (pull["outcome"], {reason["code"] for reason in pull["reasons"]})
        for team in demo["run"]["teams"]
        for repository in team["repositories"]
        for pull in repository["pull_requests"]
    }


def test_the_document_says_where_everything_is(demo: dict[str, Any]) -> None:
    assert set(demo) == {"home", "store", "keys", "dashboard", "run"}
    assert Path(demo["home"]).is_dir()
    assert Path(demo["store"]).is_dir()
    assert Path(demo["dashboard"]).is_file()


def test_what_people_were_told_is_kept(demo: dict[str, Any]) -> None:
    kept = (Path(demo["home"]) / "messages.txt").read_text("utf-8")

    assert ("Slack #deployments" in kept, "Mail to platform-team@acmecorp.com" in kept) == (True, True)


def test_at_least_twenty_pull_requests_of_six_repositories_are_shown(verdicts: Verdicts) -> None:
    assert len(verdicts) >= 20
    assert len({repository for repository, _ in verdicts}) == 6


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: f"{scenario.repository}#{scenario.number}")
def test_every_pull_request_comes_to_what_it_was_made_to_show(scenario: Scenario, verdicts: Verdicts) -> None:
    outcome, codes = verdicts[scenario.repository, scenario.number]

    assert (outcome, scenario.reason is None or scenario.reason in codes) == (scenario.outcome, True), codes


def test_the_log_is_in_the_evidence_whole(demo: dict[str, Any]) -> None:
    segments = sorted((Path(demo["store"]) / "events").glob("*.jsonl"))
    lines = [json.loads(line) for segment in segments for line in segment.read_text("utf-8").splitlines()]

    assert [line["seq"] for line in lines] == list(range(1, demo["run"]["audit"]["size"] + 1))
