"""A process may die anywhere between a landing and the end of its rollback: the next run finishes it, once."""

from collections.abc import Iterator

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.crash_incidents import BATCHES, NOT_TAKEN_BACK, ROLLED_BACK, TREES
from tests.flows.crash_stories import Story
from tests.flows.dying import Stages, stages_of, survives
from tests.flows.forked import Forks

OFTEN = {("taken-back-squash", CrashPoint.AFTER_ROLLBACK_PUSH), ("built-upon", CrashPoint.AFTER_ROLLBACK_FAILURE)}
STORIES = (*BATCHES, ROLLED_BACK, *NOT_TAKEN_BACK, *TREES)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    yield from stages_of(tmp_path_factory, forks)


@pytest.mark.parametrize(
    ("story", "point"),
    [
        pytest.param(story, point, marks=[] if (story.name, point) in OFTEN else pytest.mark.long)
        for story in STORIES
        for point in story.points
    ],
    ids=str,
)
def test_after_a_death_on_the_way_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: Stages, story: Story, point: CrashPoint
) -> None:
    survives(stages(story), point, and_is_quiet=True)
