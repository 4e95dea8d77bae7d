"""Deaths while checkpoints are shown to somebody outside."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tasks.crash_points import CrashPoint
from tests.flows.crash_stories import OF_ANCHORING, Story
from tests.flows.crash_table import WITH_ANCHORS
from tests.flows.dying import Stages, stages_of, survives
from tests.flows.forked import Forks
from tests.flows.hub import Configuration
from tests.flows.world import Organization
from tests.tasks.authority import Authority, needs_openssl, serving


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    yield from stages_of(tmp_path_factory, forks)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with serving(tmp_path_factory.mktemp("outside") / "authority") as serves:
        yield serves


@needs_openssl
@pytest.mark.long
@pytest.mark.parametrize("point", OF_ANCHORING)
@pytest.mark.parametrize("story", WITH_ANCHORS, ids=str)
def test_after_a_death_while_a_checkpoint_is_shown_a_rerun_leaves_what_an_undisturbed_run_leaves(
    stages: Stages, authority: Authority, story: Story, point: CrashPoint
) -> None:
    def configure(config: Configuration, organization: Organization) -> None:
        story.configure(config, organization)
        copies = {"type": "local", "path": str(config.directory.parent / "copies")}
        anchor = {"authority": authority.address, "certificates": str(authority.certificates)}
        config.global_["audit"] = {"copies": copies, "sealing": {"anchor": anchor}}

    survives(stages(replace(story, configure=configure)), point)
