"""Landings that somebody has stopped: at once, for a time, and with nothing left half done."""

import json
import time
from pathlib import Path

import pytest

from flows import pausing
from tasks.domain.pause import Scope
from tests.flows.hub import Hub, Run

EVERYTHING = Scope()


def pauses(hub: Hub, scope: Scope = EVERYTHING, until: str | None = None) -> bool:
    hub.config.write()
    with hub.entered():
        return bool(
            pausing.pause(scope, "the books are closed", until, stated="command line", owner="erin")["recorded"]
        )


def resumes(hub: Hub, scope: Scope = EVERYTHING) -> bool:
    with hub.entered():
        return bool(pausing.resume(scope, stated="command line", owner="erin")["recorded"])


def test_what_is_paused_is_held_by_name_until_it_is_resumed(hub: Hub) -> None:
    api, web = (hub.organization.repository(name) for name in ("api", "web"))
    hub.config.team("team-a", api)
    hub.config.team("team-b", web)
    one, other = api.pull_request("one"), web.pull_request("other")
    here = Scope(team="team-a")

    assert (pauses(hub, here, "2030-01-01T00:00:00Z"), pauses(hub, here, "2030-01-01T00:00:00Z")) == (True, False)
    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(one, other) == ["held: paused", "merged"]
    assert run.messages(one) == [
        "landings of team team-a are paused until 2030-01-01T00:00:00Z by erin: the books are closed"
    ]
    assert run.pull_request(one)["reasons"][0]["actor"] == "erin"
    assert run.gate_runs(api) == []
    assert hub.traces() == kept
    assert (resumes(hub, here), resumes(hub, here)) == (True, False)
    assert hub.run().told(one) == ["merged"]


def test_a_pause_in_the_middle_of_a_run_stops_its_landings(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    began, goes_on = tmp_path / "began", tmp_path / "goes-on"
    slow = {"name": "slow", "command": f"touch {began}; while test ! -e {goes_on}; do sleep 0.05; done"}
    hub.config.team("team-a", api, gates=[slow])
    one = api.pull_request("one")
    base = api.tip()

    process = hub.start()
    deadline = time.monotonic() + 60
    while not began.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    pauses(hub, Scope(repository=api.full_name))
    goes_on.touch()
    out, err = process.communicate(timeout=120)

    assert process.returncode == 0, err.decode()
    document = json.loads(out)
    run = Run(document["document"], tuple(document["problems"]))
    assert run.told(one) == ["held: paused"]
    assert api.tip() == base
    assert hub.events_of("merge.intent") == []


@pytest.mark.parametrize("stage", ["observe", "merge"])
def test_a_pause_in_a_file_holds_and_ends_by_itself(hub: Hub, stage: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one = api.pull_request("one")
    hub.config.global_["pause"] = {"reason": "migration", "owner": "acme/platform", "until": "2030-01-01T00:00:00Z"}
    held = hub.run(stage=stage)
    hub.config.global_["pause"] = {"reason": "migration", "owner": "acme/platform", "until": "2020-01-01T00:00:00Z"}

    run = hub.run()

    assert held.told(one) == ["held: paused"]
    assert run.told(one) == ["merged"]
