"""`repository-merge`, as it is deployed: one repository, by itself, and everything that a run owes to people."""

import json
from typing import Any

import pytest

from tests.flows.hub import Hub
from tests.flows.world import Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


def posts_to(hub: Hub, channel: str) -> list[Any]:
    return [post for post in hub.organization.posts() if post["channel"] == channel]


def exported(hub: Hub) -> int:
    """The last event that the evidence store has, by the names of what is in it."""
    return max(
        int(key.removesuffix(".jsonl").rpartition("-")[2]) for key in hub.evidence() if key.startswith("events/")
    )


def test_a_run_of_one_repository_leaves_nothing_to_a_run_of_all(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api)
    good, bad = api.pull_request("good"), api.pull_request("bad", {"broken": "1\n"})

    run = hub.run_alone(api)
    alone = hub.traces()
    hub.run_alone(api)
    again = hub.traces()
    hub.run()

    assert run.told(good, bad) == ["merged", "refused: gate-failed"]
    assert len(posts_to(hub, "#deployments")) == 1
    assert len(hub.organization.mails()) == 1
    assert exported(hub) == len(hub.events())
    assert (again, hub.traces()) == (alone, alone)
    assert (hub.home / "runs" / run.document["run_id"] / "run.json").exists()


def test_a_red_base_is_told_where_incidents_are_told(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api)
    api.commit("main", {"broken": "1\n"})
    topic = api.pull_request("topic")

    run = hub.run_alone(api)

    assert run.told(topic) == ["held: base-red"]
    assert [event["data"]["alert"] for event in hub.events_of("alert.raised")] == ["base-red"]
    assert len(posts_to(hub, "#incidents")) == 1


def test_a_failure_of_the_world_is_recorded_told_and_fails_the_run(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, target="release")

    run = hub.run_alone(api)
    error = run.error(api)

    assert error is not None
    assert [error["message"] in problem for problem in run.problems] == [True]
    assert [event["data"]["alert"] for event in hub.events_of("alert.raised")] == ["repository-failed"]
    assert any(api.full_name in json.dumps(post) for post in posts_to(hub, "#incidents"))
    assert exported(hub) == len(hub.events())


def test_no_other_repository_is_touched(hub: Hub, api: Repository) -> None:
    web = hub.organization.repository("web")
    hub.config.team("team-a", api, web)
    mine, other = api.pull_request("mine"), web.pull_request("other")

    run = hub.run_alone(api)

    assert run.told(mine) == ["merged"]
    assert [each["repository"] for team in run.document["teams"] for each in team["repositories"]] == [api.full_name]
    assert other.state == "open"


def test_what_gates_and_reports_came_to_is_kept_in_the_home_whatever_prefect_s_own_storage_is(
    hub: Hub, api: Repository
) -> None:
    hub.config.team("team-a", api)
    api.pull_request("topic")

    hub.run_alone(api)

    kept = {path.name.partition("-")[0] for path in (hub.home / "results").iterdir()}
    assert kept == {"gate", "report"}
