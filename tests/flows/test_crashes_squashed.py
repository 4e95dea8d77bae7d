"""Deaths where most goes on: two teams, a stack, conflicts, a person who pushes, and pull requests to be closed."""

from collections.abc import Iterator

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.crash_stories import SQUASHED
from tests.flows.dying import Stage, planted, survives
from tests.flows.forked import Forks

OFTEN = {CrashPoint.AFTER_COMMENT}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stage]:
    yield from planted(SQUASHED, tmp_path_factory, forks)


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=[] if point in OFTEN else pytest.mark.long) for point in SQUASHED.points]
)
def test_after_a_death_at_any_point_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stage: Stage, point: CrashPoint
) -> None:
    survives(stage, point)
