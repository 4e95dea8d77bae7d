"""The demo, as a newcomer runs it: one command, one document, nothing left running."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.sandbox.seed.scenarios import Scenario, scenarios
from flows.demonstration import CONFIGURATION
from tests.domain.independent import KNOWN_CHECKS, verdict

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


def verify(store: Path, keys: list[str]) -> "subprocess.CompletedProcess[str]":
    given = [argument for key in keys for argument in ("--key", key)]
    command = [MERGE_HUB, "verify", str(store), *given, "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_evidence_verifies_by_the_printed_keys_and_not_once_a_byte_is_changed(
    demo: dict[str, Any], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(demo["store"], tmp_path / "copy"))
    sound = verify(copy, demo["keys"])
    log = next(copy.glob("evidence/sha256/*/*"))
    log.chmod(0o644)
    log.write_bytes(log.read_bytes() + b"!")
    spoilt = verify(copy, demo["keys"])

    assert (sound.returncode, spoilt.returncode) == (0, 1), sound.stderr + spoilt.stderr
    assert json.loads(sound.stdout)["root"] == demo["run"]["audit"]["root"]
    assert str(log.relative_to(copy)) in [each["file"] for each in json.loads(spoilt.stdout)["exceptions"]]


def test_the_log_is_in_the_evidence_whole(demo: dict[str, Any]) -> None:
    lines = events_in(Path(demo["store"]))

    assert [line["seq"] for line in lines] == list(range(1, demo["run"]["audit"]["size"] + 1))


def events_in(store: Path) -> list[dict[str, Any]]:
    segments = sorted((store / "events").glob("*.jsonl"))
    return [json.loads(line) for segment in segments for line in segment.read_text("utf-8").splitlines()]


def facts_of(decided: dict[str, Any], store: Path) -> dict[str, Any]:
    """As they are kept, of the one pull request that the decision is about."""
    digest = decided["data"]["facts"].removeprefix("sha256:")
    facts: dict[str, Any] = json.loads((store / "evidence" / "sha256" / digest[:2] / digest).read_bytes())
    about = [pull for pull in facts["pull_requests"] if pull["number"] == decided["subject"]["pull_request"]]
    return {**facts, "pull_requests": about}


def test_somebody_else_comes_to_the_recorded_verdicts(demo: dict[str, Any]) -> None:
    store = Path(demo["store"])
    files = (CONFIGURATION / "policies").glob("*.yml")
    rules = {rule["id"]: rule for file in files for rule in yaml.safe_load(file.read_text())["rules"]}
    team_a = yaml.safe_load((CONFIGURATION / "teams" / "team-a.yml").read_text())["policies"]["rules"]
    own = {"team-a": {rule["id"]: rule for rule in team_a}}
    recorded, found = [], []
    for decided in (event for event in events_in(store) if event["type"] == "policy.decided"):
        for said in decided["data"]["rules"]:
            rule = own.get(decided["team"], {}).get(said["id"], rules[said["id"]])
            if rule["check"] in KNOWN_CHECKS:
                recorded.append((said["id"], said["enforcement"], said["result"]))
                found.append((rule["id"], rule.get("enforcement", "block"), verdict(rule, facts_of(decided, store))))

    assert (len(recorded) > 50, found) == (True, recorded)


STRICTER: list[dict[str, Any]] = [
    {"id": "NEW-001", "check": "approvals", "with": {"min": 2}},
    {"id": "NEW-002", "check": "approvals", "with": {"from_people": ["carol", "erin", "team-lead-a"]}},
    {"id": "NEW-003", "check": "labels", "with": {"none_of": ["Team-B"]}},
    {"id": "NEW-004", "check": "change_size", "with": {"max_lines": 5, "ignore": ["tests/"]}},
    {"id": "NEW-005", "check": "change_size", "with": {"max_files": 1}},
]


def test_somebody_else_comes_to_what_replay_says_of_stricter_rules(
    demo: dict[str, Any], prefect_environment: dict[str, str], tmp_path: Path
) -> None:
    store = Path(demo["store"])
    policy = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": {"name": "stricter", "owner": "us"}}
    rules = [{**rule, "title": "T", "severity": "high"} for rule in STRICTER]
    (tmp_path / "stricter.yml").write_text(json.dumps({**policy, "rules": rules}))
    where = {"MERGE_HUB_HOME": demo["home"], "MERGE_HUB_CONFIG_DIR": str(CONFIGURATION)}

    replayed = subprocess.run(
        [MERGE_HUB, "replay", "--policies", str(tmp_path), "--json"],
        env=os.environ | prefect_environment | where,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    flips = json.loads(replayed.stdout)["flips"]
    refused = {(flip["rule"], flip["repository"], flip["pull_request"]) for flip in flips if flip["to"] == "block"}
    expected = {
        (rule["id"], decided["repository"]["name"], decided["subject"]["pull_request"])
        for decided in events_in(store)
        if decided["type"] == "policy.decided"
        for rule in STRICTER
        if verdict(rule, facts_of(decided, store)) != "pass"
    }
    assert {rule for rule, _, _ in expected} == {rule["id"] for rule in STRICTER}
    assert {each for each in refused if each[0] != "decision"} == expected
