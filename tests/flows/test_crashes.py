"""A process may die anywhere: the next run finishes what it began, and nobody can tell from what is left."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deployments.sandbox.process import Sandbox
from tasks.crash_points import VARIABLE, CrashPoint
from tests.flows.conftest import hub_in
from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository, World

ABOUT_MESSAGES = ("message.intended", "message.sent", "message.failed", "message.unknown")

OFTEN = {
    CrashPoint.AFTER_INTENT,
    CrashPoint.AFTER_PUSH,
    CrashPoint.AFTER_OUTCOME_RECORDS,
    CrashPoint.AFTER_MESSAGE_INTENT,
}
"""The points at which most can go wrong; the others are looked at where there is more time."""

UNCLEAR = {CrashPoint.AFTER_MESSAGE_INTENT, CrashPoint.AFTER_MESSAGE_SENT}
"""Behind these nobody knows whether a message arrived, which the next run tells, and fails for it; once."""


def story(hub: Hub, **policies: object) -> tuple[Repository, list[PullRequest]]:
    """One repository in which something comes to every kind of end."""
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"max_prs_per_batch": 2, **policies})
    return api, [
        api.pull_request("one"),
        api.pull_request("bad", {"broken": "yes\n"}),
        api.pull_request("two", depends_on=["#1"]),
        api.pull_request("waiting", approved_by=[]),
        api.pull_request("clash-1", {"clash.txt": "1\n"}),
        api.pull_request("clash-2", {"clash.txt": "2\n"}),
    ]


def left(hub: Hub, api: Repository) -> dict[str, Any]:
    """What must be the same however often a process died: the branch, the pull requests, the facts."""
    facts = [
        event for event in hub.events() if event["type"] not in ABOUT_MESSAGES and event["type"] != "report.generated"
    ]
    return {
        "host": api.shown(),
        "facts": sorted((event["type"], event["id"]) for event in facts),
        "work": hub.leftovers(),
    }


@pytest.fixture(scope="module")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, prefect_environment: dict[str, str]
) -> Callable[[str], dict[str, Any]]:
    """What runs leave that nothing happens to, by method: in a sandbox of its own, where the same names are free."""

    @cache
    def by(method: str) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("undisturbed")
        with Sandbox(data=folder / "data", object_store=False) as sandbox:
            world = World(sandbox, folder / "data")
            hub = hub_in(world, folder, prefect_environment, "acme")
            api, _ = story(hub, method=method)
            hub.run()
            hub.run()
            return left(hub, api)

    return by


@pytest.fixture
def own_hub(tmp_path: Path, prefect_environment: dict[str, str]) -> Iterator[Hub]:
    with Sandbox(data=tmp_path / "data", object_store=False) as sandbox:
        yield hub_in(World(sandbox, tmp_path / "data"), tmp_path, prefect_environment, "acme")


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=[] if point in OFTEN else pytest.mark.long) for point in CrashPoint]
)
def test_after_a_death_at_any_point_a_rerun_leaves_what_an_undisturbed_run_leaves(
    own_hub: Hub, undisturbed: Callable[[str], dict[str, Any]], point: CrashPoint
) -> None:
    method = "squash" if point in {CrashPoint.AFTER_LANDING_RECORD, CrashPoint.AFTER_CLOSING} else "merge"
    api, _ = story(own_hub, method=method)

    with own_hub.start(**{VARIABLE: point.value}) as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, said.decode()
    rerun = own_hub.run()
    kept = own_hub.traces()
    again = own_hub.run()

    assert len(rerun.problems) == (point in UNCLEAR)
    assert again.problems == ()
    assert left(own_hub, api) == undisturbed(method)
    assert own_hub.traces() == kept
    assert again.gate_runs() == []
    assert told_at_most_once(own_hub)


@pytest.mark.parametrize("point", mostly_long([CrashPoint.AFTER_LANDING_RECORD, CrashPoint.AFTER_PUSH]))
def test_who_conflicted_with_one_ahead_is_not_blamed_after_a_death_behind_its_landing(
    hub: Hub, point: CrashPoint
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    ahead, behind = (api.pull_request(name, {"clash.txt": f"{name}\n"}) for name in ("ahead", "behind"))

    with hub.start(**{VARIABLE: point.value}) as process:
        process.communicate(timeout=120)
    run = hub.run()

    assert run.told(behind) == ["held: conflict-ahead"]
    assert ahead.state == "merged"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_after_deaths_at_random_moments_reruns_leave_what_an_undisturbed_run_leaves(
    own_hub: Hub, undisturbed: Callable[[str], dict[str, Any]], seed: int
) -> None:
    moments = random.Random(seed)  # noqa: S311 -- a seed, so that a failure can be had again
    api, _ = story(own_hub)
    for _ in range(3):
        with own_hub.start() as process:
            time.sleep(moments.uniform(2.5, 8.0))
            process.kill()
    own_hub.run()
    own_hub.run()

    assert left(own_hub, api) == undisturbed("merge")
    assert told_at_most_once(own_hub)


def told_at_most_once(hub: Hub) -> bool:
    """Whether no two messages tell of the same thing to the same channel."""
    keys = [(event["subject"]["channel"], event["data"]["key"]) for event in hub.events_of("message.intended")]
    posts, mails = hub.organization.posts(), hub.organization.mails()
    return len(keys) == len(set(keys)) and len(posts) + len(mails) <= len(keys)
