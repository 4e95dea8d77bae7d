"""What has landed is looked at once more: what fails there is an incident, and is taken back if the team wants it."""

import json
from typing import Any

import pytest

from tests.flows.hub import Hub, Run
from tests.flows.sweeps import mostly_long
from tests.flows.world import Repository

SMOKE = {"name": "smoke", "command": "test ! -e smoking"}
"""Fails on what brings a file `smoking`, which no gate before the landing minds."""


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


def lands(hub: Hub, api: Repository, *, rollback: bool = True, gate: Any = SMOKE, **policies: object) -> None:
    hub.config.team("team-a", api, policies={"rollback_on_gate_failure": rollback, **policies}, post_landing=[gate])


def alerts(hub: Hub) -> list[str]:
    return [event["data"]["alert"] for event in hub.events_of("alert.raised")]


def incidents(hub: Hub, words: str) -> list[str]:
    """The incidents that were posted with `words`."""
    posts = [json.dumps(post) for post in hub.organization.posts() if post["text"].startswith("Incident")]
    return [post for post in posts if words in post]


def phases(run: Run) -> list[tuple[str, str, str]]:
    return [(row["phase"], row["gate"], row["verdict"]) for row in run.gate_runs()]


@pytest.mark.parametrize("method", mostly_long(["merge", "squash", "rebase"], often=3))
def test_a_landing_that_fails_afterwards_is_taken_back_and_told_once(hub: Hub, api: Repository, method: str) -> None:
    lands(hub, api, method=method)
    before = api.tip()
    bad = api.pull_request("bad", {"smoking": "yes\n"})
    bad.push({"more.txt": "more\n"})
    bad.approve("bob")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(bad) == ["failed: rolled-back"]
    assert api.tree() == api.tree(before or "")
    assert ("post-landing", "smoke", "failed") in phases(run)
    assert alerts(hub) == ["post-landing-failed"]
    assert len(incidents(hub, "smoke failed with exit status 1")) == 1
    assert sum("Rolled back: gate smoke failed" in comment for comment in bad.comments()) == 1
    assert again.gate_runs() == []
    assert hub.traces() == kept
