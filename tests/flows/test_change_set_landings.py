"""What becomes of a change set when the world changes between one repository's landing and the next one's."""

import signal
from collections.abc import Callable

import pytest

from tasks.crash_points import VARIABLE, CrashPoint
from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository

IN_SET = "Change-set: pay-1"


class Set:
    """Three repositories of two teams, of which each needs the one before: api, then docs, then web."""

    def __init__(self, hub: Hub, *, compensate: bool = True) -> None:
        self.hub = hub
        self.api, self.docs, self.web = (hub.organization.repository(name) for name in ("api", "docs", "web"))
        hub.config.team("team-a", self.api, self.docs)
        hub.config.team("team-b", self.web)
        hub.config.global_["change_sets"] = {"compensate": compensate}
        self.first = self.api.pull_request("first", body=IN_SET)
        self.second = self.docs.pull_request("second", body=IN_SET, depends_on=[self.first])
        self.third = self.web.pull_request("third", body=IN_SET, depends_on=[self.second])
        self.before = {each.name: each.tree() for each in self.repositories}

    @property
    def repositories(self) -> tuple[Repository, ...]:
        return self.api, self.docs, self.web

    @property
    def members(self) -> tuple[PullRequest, ...]:
        return self.first, self.second, self.third

    def is_untouched(self) -> bool:
        """Whether every target branch holds what it held before."""
        return {each.name: each.tree() for each in self.repositories} == self.before

    def facts(self) -> list[str]:
        """What is on record of the set, each fact once."""
        told = [event["type"] for event in self.hub.events() if event["type"].startswith("set.")]
        return list(dict.fromkeys(told))

    def alerts(self) -> list[str]:
        return [event["data"]["alert"] for event in self.hub.events_of("alert.raised")]


def refuses_pushes(repository: Repository) -> Callable[[], None]:
    """As a protected branch does; returns what ends it."""
    return hook(repository, "echo protected >&2; exit 1")


def hook(repository: Repository, script: str) -> Callable[[], None]:
    path = repository.directory / "hooks" / "pre-receive"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path.unlink


def test_what_has_landed_is_taken_back_when_a_later_member_cannot_land(hub: Hub) -> None:
    sets = Set(hub)
    refuses_pushes(sets.web)
    beside = sets.api.pull_request("beside")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(*sets.members) == [
        "failed: rolled-back",
        "failed: rolled-back",
        "held: change-set-reverted",
    ]
    assert run.told(beside) == ["merged"]
    assert sets.docs.tree() == sets.before["docs"]
    assert "first.txt" not in sets.api.files()
    assert "beside.txt" in sets.api.files()
    assert sets.facts() == ["set.intent", "set.broken", "set.compensated"]
    assert sets.alerts() == ["change-set-broken"]
    reverts = [event["repository"]["name"] for event in hub.events_of("rollback.completed")]
    assert reverts == [sets.docs.full_name, sets.api.full_name]
    assert again.told(sets.third) == ["held: change-set-reverted"]
    assert hub.traces() == kept


def test_without_compensation_people_are_told_the_plan_and_the_next_run_finishes(hub: Hub) -> None:
    sets = Set(hub, compensate=False)
    mend = refuses_pushes(sets.web)

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(*sets.members) == ["merged", "merged", "failed: landing-rejected"]
    assert sets.alerts() == ["change-set-broken"]
    (alert,) = hub.events_of("alert.raised")
    assert alert["data"]["remedy"].endswith(f"in this order: {sets.docs.full_name} #1, then {sets.api.full_name} #1")
    assert again.told(sets.third) == ["failed: landing-rejected"]
    assert hub.traces() == kept

    mend()
    finished = hub.run()
    kept = hub.traces()
    hub.run()

    assert finished.told(sets.third) == ["merged"]
    assert sets.facts()[-1] == "set.completed"
    assert hub.traces() == kept


def test_a_set_that_is_what_it_was_once_more_lands_without_what_was_in_it_in_between(hub: Hub) -> None:
    sets = Set(hub)
    mend = refuses_pushes(sets.api)
    sets.third.edit(body="")
    sets.third.redraft(draft=True)
    hub.run()
    sets.third.edit(body=IN_SET)
    sets.third.redraft(draft=False)
    hub.run()
    sets.third.edit(body="")
    sets.third.redraft(draft=True)
    mend()

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(*sets.members) == ["merged", "merged", "held: draft"]
    assert again.told(sets.third) == ["held: draft"]
    assert sets.alerts() == []
    assert hub.traces() == kept


def test_what_lands_by_itself_once_its_set_was_given_up_is_no_part_of_it(hub: Hub) -> None:
    sets = Set(hub)
    mend = refuses_pushes(sets.api)
    hub.run()
    for each in sets.members:
        each.edit(body="")
    sets.second.redraft(draft=True)
    mend()

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(sets.first, sets.second) == ["merged", "held: draft"]
    assert sets.alerts() == []
    assert hub.traces() == kept


def test_a_head_that_moves_between_two_landings_has_the_set_taken_back(hub: Hub) -> None:
    sets = Set(hub)
    other = sets.web.commit("elsewhere", {"other.txt": "x\n"})
    unset = "unset GIT_DIR GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES"
    hook(sets.api, f"{unset}; git --git-dir={sets.web.directory} update-ref refs/heads/third {other}")

    run = hub.run()

    assert run.told(*sets.members) == ["failed: rolled-back", "failed: rolled-back", "held: change-set-reverted"]
    assert sets.is_untouched()


def test_a_repository_that_fails_between_two_landings_has_the_set_taken_back(hub: Hub) -> None:
    sets = Set(hub)
    gone = sets.web.directory.with_suffix(".gone")
    hook(sets.docs, f"mv {sets.web.directory} {gone} 2>/dev/null || true")

    run = hub.run()
    gone.rename(sets.web.directory)
    kept = hub.run()

    assert run.error(sets.web) is not None
    assert run.told(sets.first, sets.second) == ["failed: rolled-back", "failed: rolled-back"]
    assert sets.is_untouched()
    assert kept.told(sets.third) == ["held: change-set-reverted"]


POINTS = [
    CrashPoint.AFTER_LANDING_RECORD,
    CrashPoint.AFTER_PUSH,
    CrashPoint.AFTER_SET_INTENT,
    CrashPoint.AFTER_SET_COMPLETED,
]


@pytest.mark.parametrize("point", mostly_long(POINTS))
def test_a_set_that_a_death_left_in_the_middle_is_finished_by_the_next_run(hub: Hub, point: CrashPoint) -> None:
    sets = Set(hub)

    dies(hub, point)
    hub.run()
    kept = hub.traces()
    again = hub.run()

    assert [each.state for each in sets.members] == ["merged"] * 3
    assert sets.facts() == ["set.intent", "set.completed"]
    assert again.gate_runs() == []
    assert hub.traces() == kept


LATER = [
    CrashPoint.AFTER_SET_BROKEN,
    CrashPoint.AFTER_ROLLBACK_RECORD,
    CrashPoint.AFTER_LANDING_RECORD,
    CrashPoint.AFTER_ROLLBACK_PUSH,
]


@pytest.mark.parametrize("point", mostly_long(LATER))
def test_a_set_that_cannot_be_finished_after_a_death_is_taken_back_by_the_next_run(hub: Hub, point: CrashPoint) -> None:
    sets = Set(hub)
    refuses_pushes(sets.web)

    dies(hub, point)
    hub.run()
    kept = hub.traces()
    hub.run()

    assert sets.is_untouched()
    assert sets.facts() == ["set.intent", "set.broken", "set.compensated"]
    assert hub.traces() == kept


def dies(hub: Hub, point: CrashPoint) -> None:
    with hub.start(**{VARIABLE: point.value}) as process:
        _, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, said.decode()
