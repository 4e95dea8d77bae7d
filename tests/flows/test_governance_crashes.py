"""A process may die behind what people decided: it holds, once, whether or not they say it again."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.flows.crash_governance import SCENES, Scene
from tests.flows.dying import Stage, Stages, left, stages_of, unlike
from tests.flows.forked import Forks
from tests.flows.signers import NEEDS_OPENSSH
from tests.flows.sweeps import mostly_long

pytestmark = NEEDS_OPENSSH


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    yield from stages_of(tmp_path_factory, forks)


def performed(stage: Stage, scene: Scene, *, dies: bool) -> dict[str, Any]:
    """What is left, once nothing changes any more."""
    with stage.performance() as mortal:
        hub = mortal.hub
        scene.begin(hub)
        task = scene.task(hub)
        if dies:
            mortal.dies(scene.point, *task)
        if scene.again or not dies:
            assert mortal.ends(*task) == 0, mortal.said
        hub.run()
        kept = hub.traces()
        hub.run()

        assert hub.traces() == kept, "the second rerun did something"
        return left(hub, exact=False)


@pytest.mark.parametrize("scene", mostly_long(SCENES), ids=str)
def test_after_a_death_behind_a_decision_it_holds_as_if_nobody_had_died(stages: Stages, scene: Scene) -> None:
    stage = stages(scene.story)

    difference = unlike(performed(stage, scene, dies=True), performed(stage, scene, dies=False))

    assert not difference, difference
