"""A process may die anywhere within a change set: the next run lands the rest of it, or takes all of it back."""

from collections.abc import Iterator

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.crash_incidents import BROKEN_SETS, SETS
from tests.flows.crash_stories import Story
from tests.flows.dying import Stages, stages_of, survives
from tests.flows.forked import Forks


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    yield from stages_of(tmp_path_factory, forks)


@pytest.mark.long
@pytest.mark.parametrize(
    ("story", "point"),
    [(story, point) for story in (*SETS, *BROKEN_SETS) for point in story.points],
    ids=str,
)
def test_after_a_death_within_a_change_set_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: Stages, story: Story, point: CrashPoint
) -> None:
    survives(stages(story), point, and_is_quiet=True)
