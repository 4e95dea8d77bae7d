"""How long a result holds is its gate's `cache:`: a gate that turns red for every tree blames nobody, and heals."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.flows.hub import Hub
from tests.flows.pause import wait_for
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository


class Audit:
    """A gate whose result is no function of the tree: it turns red when an advisory is published."""

    def __init__(self, folder: Path) -> None:
        self._advisory = folder / "advisory"

    def cached(self, cache: str) -> dict[str, object]:
        return {"name": "audit", "command": f"test ! -e {self._advisory} && test ! -e broken", "cache": cache}

    def turns_red(self) -> None:
        self._advisory.touch()

    def heals(self) -> None:
        self._advisory.unlink()


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path)


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


def a_second_passes(hub: Hub) -> None:
    """Since the last record, which is longer ago than any `1s`."""
    last = datetime.fromisoformat(hub.events()[-1]["time"])
    wait_for(lambda: datetime.now(UTC) - last > timedelta(seconds=1))


def landed_one_then_red(hub: Hub, api: Repository, audit: Audit, cache: str) -> PullRequest:
    """An innocent pull request, on a base that an earlier run found green, while the gate is red for every tree."""
    hub.config.team("team-a", api, gates=[audit.cached(cache)])
    api.pull_request("first")
    assert hub.run().evaluated == [[1]]
    a_second_passes(hub)
    audit.turns_red()
    return api.pull_request("innocent")


def test_what_has_expired_is_kept_no_longer_than_the_next_run(hub: Hub, api: Repository, audit: Audit) -> None:
    hub.config.team("team-a", api, gates=[audit.cached("1s"), {"name": "unit", "command": "true", "cache": "1d"}])
    api.pull_request("first")
    hub.run()
    a_second_passes(hub)
    hub.run()

    assert (len(hub.events_of("gate.finished")), len(expirations(hub))) == (2, 1)


def expirations(hub: Hub) -> list[str]:
    kept = [json.loads(file.read_bytes()) for file in (hub.home / "results").iterdir()]
    return sorted(each["metadata"]["expiration"] for each in kept if each["metadata"]["expiration"] is not None)


@pytest.mark.parametrize("cache", mostly_long(["never", "1s"]))
def test_nobody_is_refused_on_a_green_base_of_long_ago(hub: Hub, api: Repository, audit: Audit, cache: str) -> None:
    innocent = landed_one_then_red(hub, api, audit, cache)

    run = hub.run()

    assert run.told(innocent) == ["held: base-red"]
    assert run.evaluated == [[innocent.number], []]


@pytest.mark.parametrize("cache", mostly_long(["never", "1s"]))
def test_whoever_was_held_by_a_gate_that_heals_lands(hub: Hub, api: Repository, audit: Audit, cache: str) -> None:
    innocent = landed_one_then_red(hub, api, audit, cache)
    hub.run()
    a_second_passes(hub)
    audit.heals()

    assert hub.run().told(innocent) == ["merged"]


@pytest.mark.parametrize("cache", mostly_long(["never", "1s"]))
def test_a_red_base_of_long_ago_is_gated_again_and_found_the_same_is_no_news(
    hub: Hub, api: Repository, audit: Audit, cache: str
) -> None:
    innocent = landed_one_then_red(hub, api, audit, cache)
    hub.run()
    kept = hub.traces()
    a_second_passes(hub)

    again = hub.run()

    assert again.told(innocent) == ["held: base-red"]
    assert again.evaluated == [[innocent.number], []]
    assert hub.traces() == kept


def test_a_green_and_a_red_base_hold_for_the_lifetime(hub: Hub, api: Repository, audit: Audit) -> None:
    hub.config.team("team-a", api, gates=[audit.cached("1h")])
    api.pull_request("first")
    hub.run()
    bad = api.pull_request("bad", {"broken": "yes\n"})
    refused = hub.run()
    api.commit("main", {"broken": "yes\n"})
    held = api.pull_request("held")
    red, again = hub.run(), hub.run()

    assert (refused.told(bad), refused.evaluated) == (["refused: gate-failed"], [[bad.number]])
    assert red.told(held) == again.told(held) == ["held: base-red"]
    assert red.evaluated == [[held.number], []]
    assert again.gate_runs() == []


@pytest.mark.parametrize("cache", mostly_long(["never", "1s"]))
def test_a_refusal_outlives_the_lifetime(hub: Hub, api: Repository, audit: Audit, cache: str) -> None:
    hub.config.team("team-a", api, gates=[audit.cached(cache)])
    bad, good = api.pull_request("bad", {"broken": "yes\n"}), api.pull_request("good")
    run = hub.run()
    kept = hub.traces()
    a_second_passes(hub)

    again = hub.run()

    assert run.told(bad, good) == ["refused: gate-failed", "merged"]
    assert again.told(bad) == ["refused: gate-failed"]
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_a_gate_whose_tools_are_named_anew_runs_anew(hub: Hub, api: Repository, audit: Audit) -> None:
    hub.config.team("team-a", api, gates=[{**audit.cached("1d"), "environment": "tools 1"}], stage="gate")
    bad = api.pull_request("bad", {"broken": "yes\n"})
    fine = api.pull_request("fine")
    groups = []
    for tools in ("tools 1", "tools 1", "tools 2"):
        hub.config.team("team-a", api, gates=[{**audit.cached("1d"), "environment": tools}], stage="gate")
        groups.append([row["pull_requests"] for row in hub.run().gate_runs() if not row["cached"]])

    first, again, renamed = groups
    assert [bad.number] in first
    assert [fine.number] in first
    assert again == []
    assert renamed == first
