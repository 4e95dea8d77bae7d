"""Two runs over the same organization at the same time: each pull request lands once, and is told of once."""

import json
from pathlib import Path

import pytest

from tests.flows.hub import Hub, Run
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository, policies={"max_prs_per_batch": 2})
    return repository


def several(api: Repository) -> tuple[list[PullRequest], PullRequest]:
    return [api.pull_request(f"topic-{at}") for at in range(5)], api.pull_request("bad", {"broken": "yes\n"})


def both(one: Hub, other: Hub) -> list[Run]:
    runs = []
    for process in [one.start(), other.start()]:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
        document = json.loads(out)
        runs.append(Run(document["document"], tuple(document["problems"])))
    return runs


def test_two_processes_with_one_home_land_everything_once(hub: Hub, api: Repository) -> None:
    good, bad = several(api)

    runs = both(hub, hub)
    hub.run()
    kept = hub.traces()
    hub.run()

    assert [run.problems for run in runs] == [(), ()]
    assert {each.state for each in good} == {"merged"}
    assert bad.state == "open"
    completed = [event["subject"]["pull_request"] for event in hub.events_of("merge.completed")]
    assert sorted(completed) == [each.number for each in good]
    assert sorted(api.files()) == sorted(["README.md", *(f"{each.branch}.txt" for each in good)])
    assert hub.traces() == kept


@pytest.mark.long
def test_two_processes_with_different_homes_overwrite_nothing(hub: Hub, api: Repository, tmp_path: Path) -> None:
    good, bad = several(api)
    home = tmp_path / "other-home"
    elsewhere = {"MERGE_HUB_HOME": str(home)}
    other = Hub(hub.organization, home, hub.config, {**hub.environment, **elsewhere}, hub.prefect)

    runs = both(hub, other)
    hub.run()
    other.run()

    assert [run.problems for run in runs] == [(), ()]
    assert {each.state for each in good} == {"merged"}
    assert bad.state == "open"
    assert sorted(api.files()) == sorted(["README.md", *(f"{each.branch}.txt" for each in good)])
    landed = [merge for merge in api.git("log", "--merges", "--format=%s", "main").splitlines() if merge]
    assert len(landed) == len(set(landed)) == len(good)
