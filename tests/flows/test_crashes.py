"""A process may die anywhere: the next run finishes what it began, and nobody can tell from what is left."""

import random
import signal
import time
from collections.abc import Iterator

import pytest

from tasks.crash_points import VARIABLE, CrashPoint
from tests.flows.crash_stories import (
    MERGED,
    pushes_at_the_first_landing,
)
from tests.flows.crash_table import stories_by_point
from tests.flows.dying import Stage, left, planted, survives
from tests.flows.forked import Forks
from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long

OFTEN = {
    CrashPoint.AFTER_INTENT,
    CrashPoint.AFTER_PUSH,
    CrashPoint.AFTER_OUTCOME_RECORDS,
    CrashPoint.AFTER_MESSAGE_INTENT,
}
"""The points at which most can go wrong; the others are looked at where there is more time."""

SCENARIOS = 3


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stage]:
    yield from planted(MERGED, tmp_path_factory, forks)


def test_every_point_is_died_at_in_three_stories_at_least() -> None:
    rare = {point: sorted(names) for point, names in stories_by_point().items() if len(names) < SCENARIOS}

    assert not rare


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=[] if point in OFTEN else pytest.mark.long) for point in MERGED.points]
)
def test_after_a_death_at_any_point_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stage: Stage, point: CrashPoint
) -> None:
    survives(stage, point, and_is_quiet=True)


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

    assert process.returncode == -signal.SIGKILL
    assert run.told(behind) == ["held: conflict-ahead"]
    assert ahead.state == "merged"


@pytest.mark.parametrize("point", mostly_long([CrashPoint.AFTER_PUSH, CrashPoint.AFTER_LANDING_FAILURE]))
def test_a_landing_that_was_declined_before_a_death_is_recorded_as_declined_and_done_anew(
    hub: Hub, point: CrashPoint
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    api.commit("hotfix", {"hotfix.txt": "now\n"}, by="erin")
    pushes_at_the_first_landing(api, "hotfix")
    topic = api.pull_request("topic")

    with hub.start(**{VARIABLE: point.value}) as process:
        process.communicate(timeout=120)
    run = hub.run()
    kept = hub.traces()
    hub.run()

    (failed,) = hub.events_of("merge.failed")
    assert process.returncode == -signal.SIGKILL
    assert run.told(topic) == ["merged"]
    assert failed["data"]["message"].startswith("the target branch was expected at")
    assert hub.traces() == kept


@pytest.mark.long
@pytest.mark.parametrize("seed", range(12))
def test_after_deaths_at_random_moments_reruns_leave_what_an_undisturbed_run_leaves(
    stage: Stage, prefect_environment: dict[str, str], seed: int
) -> None:
    moments = random.Random(seed)  # noqa: S311 -- a seed, so that a failure can be had again
    with stage.performance() as mortal:
        mortal.hub.prefect = prefect_environment
        for _ in range(3):
            with mortal.hub.start() as process:
                time.sleep(moments.uniform(2.5, 8.0))
                process.kill()
        mortal.hub.run()
        mortal.hub.run()

        assert left(mortal.hub) == stage.undisturbed()
