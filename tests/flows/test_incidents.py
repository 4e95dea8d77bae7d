"""What the code host says cannot be believed, or the branch is not what was landed: nothing goes on unseen."""

import json
from typing import Any

import pytest

from tests.flows.hub import Hub, Run
from tests.flows.proxy import between
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


@pytest.fixture
def web(hub: Hub) -> Repository:
    return hub.organization.repository("web")


def counts_one_more(answer: bytes) -> bytes:
    """The list of commits is shorter than the number that stands beside it, as for a pull request of very many."""
    return json.dumps(_counting_more(json.loads(answer))).encode()


def _counting_more(value: Any) -> Any:
    if isinstance(value, list):
        return [_counting_more(each) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _counting_more(each) for name, each in value.items()}
    return changed | {"totalCount": value["totalCount"] + 1} if "totalCount" in value else changed


def told_of(hub: Hub, pull_request: PullRequest) -> list[str]:
    events = hub.events_of("change.evaluated")
    mine = [event for event in events if event["subject"]["pull_request"] == pull_request.number]
    return [reason["code"] for event in mine for reason in event["data"]["reasons"]]


def test_a_list_of_commits_that_is_not_whole_counts_no_approval(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api)
    topic = api.pull_request("topic")

    with between(hub) as host:
        host.answer = counts_one_more
        run = hub.run()
    after = hub.run()

    assert run.told(topic) == ["held: commits-unknown"]
    assert run.messages(topic) == ["1 of 2 commits are listed, so contributors cannot be told from approvers"]
    assert after.told(topic) == ["merged"]


def test_a_merge_that_the_code_host_made_of_something_else_is_an_incident_and_stops_its_repository(
    hub: Hub, api: Repository, web: Repository
) -> None:
    hub.config.team("team-a", api, web, policies={"landing": "api"})
    first, second, other = api.pull_request("first"), api.pull_request("second"), web.pull_request("other")

    with between(hub) as host:
        host.before = lambda method, path: (
            api.commit("main", {"slipped-in.txt": "unseen\n"}, by="erin")
            if method == "PUT" and f"/repositories/{api.identifier}/pulls/{first.number}/merge" in path
            else None
        )
        run = hub.run()
    landed_first, states, mark = api.tip(), [first.state, second.state], len(hub.events())
    told = alarms(hub, run, api)
    after = hub.run()

    assert told == "landed-tree-differs"
    assert run.told(other) == ["merged"]
    assert states == ["merged", "open"]
    assert api.files(landed_first or "")["slipped-in.txt"] == "unseen\n"
    assert told_of(hub, first) == ["tree-differs"]
    assert [event["subject"]["pull_request"] for event in hub.events_of("merge.completed")] == [
        other.number,
        second.number,
    ]
    assert after.told(second) == ["merged"]
    (given_up,) = [event for event in hub.events()[mark:] if event["type"] == "merge.failed"]
    assert "landed as" in given_up["data"]["message"]


def test_a_branch_that_is_turned_back_after_the_push_is_an_incident_and_the_next_run_lands(
    hub: Hub, api: Repository, web: Repository
) -> None:
    hub.config.team("team-a", api, web)
    topic, other, base = api.pull_request("topic"), web.pull_request("other"), api.tip()
    hook = api.directory / "hooks" / "post-receive"
    hook.write_text(f"#!/bin/sh\ngit update-ref refs/heads/main {base}\n")
    hook.chmod(0o755)

    run = hub.run()
    hook.unlink()
    told = alarms(hub, run, api)
    codes = told_of(hub, topic)
    after = hub.run()

    assert told == "landed-tree-differs"
    assert run.told(other) == ["merged"]
    assert codes == ["tree-differs"]
    assert after.told(topic) == ["merged"]
    assert api.contains(topic.head)
    assert len(hub.events_of("merge.completed")) == 2


def alarms(hub: Hub, run: Run, repository: Repository) -> str:
    """The code of what failed, which is on record as critical and was told in the incident channel."""
    error = run.error(repository)
    assert error is not None
    assert error["remedy"].startswith("Nothing more lands")
    alerts = {event["data"]["alert"]: event["data"]["severity"] for event in hub.events_of("alert.raised")}
    assert alerts == {"landed-tree-differs": "critical", "repository-failed": "high"}
    posts = [json.dumps(post) for post in hub.organization.posts() if post["channel"] == "#incidents"]
    assert any("what landed is not what was gated" in post for post in posts)
    return error["code"]
