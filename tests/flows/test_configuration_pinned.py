"""A run is judged by the configuration that it began with, and says by which."""

from pathlib import Path

import pytest

from config.loader import load
from tests.flows.hub import Hub, Run
from tests.flows.pause import Pause
from tests.flows.world import Repository

REFUSES_EVERYTHING = {"name": "tests", "command": "false"}


@pytest.fixture
def pause(tmp_path: Path) -> Pause:
    return Pause(tmp_path)


@pytest.fixture
def api(hub: Hub, pause: Pause) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository, gates=[pause.gate])
    return repository


def judged_by(run: Run) -> str:
    return str(run.document["configuration"])


def test_files_that_are_edited_during_a_run_decide_about_the_next_one(hub: Hub, api: Repository, pause: Pause) -> None:
    hub.config.write()
    before = load(hub.config.directory).digest
    one = api.pull_request("one")

    def edit() -> None:
        hub.config.team("team-a", api, gates=[REFUSES_EVERYTHING], filters={"labels": ["ready"]}, stage="gate")
        hub.config.write()

    with pause.doing(edit):
        run = hub.run()
    two = api.pull_request("two")
    after = hub.run()

    assert run.told(one) == ["merged"]
    assert after.told(two) == ["held: label-missing"]
    assert judged_by(run) == before
    assert judged_by(after) == load(hub.config.directory).digest != before


def test_the_grounds_of_a_landing_name_the_configuration(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api)
    topic = api.pull_request("topic")

    run = hub.run()

    assert hub.grounds_of(topic)["configuration"] == judged_by(run)


def test_another_configuration_by_which_everything_comes_out_the_same_writes_nothing_anew(
    hub: Hub, api: Repository
) -> None:
    hub.config.team("team-a", api)
    for name, files in (("good", {"a": "1\n"}), ("bad", {"broken": "1\n"})):
        api.pull_request(name, files)
    api.pull_request("waiting", approved_by=[])

    run = hub.run()
    kept = hub.traces()
    hub.config.global_["execution"] = {"max_workers": 3}
    again = hub.run()

    assert judged_by(again) != judged_by(run)
    assert hub.traces() == kept
