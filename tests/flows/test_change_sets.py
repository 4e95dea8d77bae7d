"""Pull requests that land together or not at all: in one repository, in several, under several teams."""

import pytest

from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long
from tests.flows.world import Repository

IN_SET = "Change-set: pay-1"


def two_repositories(hub: Hub) -> tuple[Repository, Repository]:
    api, web = (hub.organization.repository(name) for name in ("api", "web"))
    hub.config.team("team-a", api)
    hub.config.team("team-b", web)
    return api, web


def test_a_set_lands_in_the_repositories_of_two_teams_what_is_needed_first(hub: Hub) -> None:
    api, web = two_repositories(hub)
    needing = api.pull_request("needing", body=IN_SET, depends_on=[f"{web.full_name}#1"])
    needed = web.pull_request("needed", body=IN_SET)
    after = web.pull_request("after", depends_on=[f"#{needed.number}"])
    beside = api.pull_request("beside")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(needing, needed, after, beside) == ["merged"] * 4
    assert [pull["subject"]["pull_request"] for pull in hub.events_of("merge.completed")] == [2, 1, 1, 2]
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_one_member_that_is_not_approved_keeps_every_other_and_each_is_told_who(hub: Hub) -> None:
    api, web = two_repositories(hub)
    ready = api.pull_request("ready", body=IN_SET)
    waiting = web.pull_request("waiting", by="bob", body=IN_SET, approved_by=[])
    beside = web.pull_request("beside")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(ready, waiting, beside) == [
        "held: change-set-waiting",
        "held: approvals-missing",
        "merged",
    ]
    (message,) = run.messages(ready)
    assert message.startswith(f"change set pay-1 waits for {waiting} by bob, which is held: 0 of 1 ")
    assert again.told(ready, waiting) == run.told(ready, waiting)
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_one_member_that_is_red_keeps_every_other(hub: Hub) -> None:
    api, web = two_repositories(hub)
    good = api.pull_request("good", body=IN_SET)
    bad = web.pull_request("bad", {"broken": "yes\n"}, by="bob", approved_by=["alice"], body=IN_SET)

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(good, bad) == ["held: change-set-waiting", "refused: gate-failed"]
    assert again.gate_runs() == []
    assert hub.traces() == kept

    bad.push({"broken": None})
    bad.approve("alice")

    assert hub.run().told(good, bad) == ["merged", "merged"]


def test_a_circle_within_a_set_lands_as_one_batch(hub: Hub) -> None:
    """The first of them alone is red: they are gated as they land, and only so."""
    api = hub.organization.repository("api")
    gate = {"name": "pair", "command": "test ! -e one.txt || test -e two.txt"}
    hub.config.team("team-a", api, gates=[gate])
    one = api.pull_request("one", body=IN_SET, depends_on=["#2"])
    two = api.pull_request("two", body=IN_SET, depends_on=["#1"])

    run = hub.run()

    assert run.told(one, two) == ["merged", "merged"]
    assert run.evaluated == [[one.number, two.number]]


def test_members_of_one_repository_that_are_red_together_are_refused_together(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one = api.pull_request("one", body=IN_SET)
    bad = api.pull_request("bad", {"broken": "yes\n"}, body=IN_SET)
    other = api.pull_request("other")
    before = api.tip()

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(one, bad, other) == [
        "refused: gate-failed change-set-waiting",
        "refused: gate-failed change-set-waiting",
        "merged",
    ]
    assert run.messages(one)[0].endswith("on #1 #2, which are one change set")
    assert len(api.history(before or "")) == 1
    assert again.gate_runs() == []
    assert hub.traces() == kept

    bad.label("retry")
    assert hub.run().evaluated == [[one.number, bad.number]]


def test_a_cycle_across_repositories_within_a_set_lands(hub: Hub) -> None:
    api, web = two_repositories(hub)
    one = api.pull_request("one", body=IN_SET, depends_on=[f"{web.full_name}#1"])
    two = web.pull_request("two", body=IN_SET, depends_on=[one])

    assert hub.run().told(one, two) == ["merged", "merged"]


def test_a_run_of_one_repository_says_which_others_the_set_needs(hub: Hub) -> None:
    api, web = two_repositories(hub)
    here = api.pull_request("here", body=IN_SET)
    there = web.pull_request("there", body=IN_SET)

    run = hub.run(repository=api)

    (message,) = run.messages(here)
    assert f"waits for {there}" in message
    assert f"{web.full_name} is no part of this run" in message


def test_a_set_that_needs_what_does_not_land_is_held(hub: Hub) -> None:
    api, web = two_repositories(hub)
    draft = web.pull_request("draft", draft=True)
    one = api.pull_request("one", body=IN_SET, depends_on=[draft])
    two = web.pull_request("two", body=IN_SET)

    assert hub.run().told(one, two) == ["held: dependency-open", "held: change-set-waiting"]


def test_a_name_that_cannot_be_read_holds_its_pull_request_alone(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    strange = api.pull_request("strange", body="Change-set: no such name")
    member = api.pull_request("member", body=IN_SET)

    assert hub.run().told(strange, member) == ["held: change-set-unreadable", "merged"]


@pytest.mark.parametrize("stage", mostly_long(["gate", "observe"]))
def test_below_the_stage_of_landing_nothing_of_a_set_lands(hub: Hub, stage: str) -> None:
    api, web = two_repositories(hub)
    members = [api.pull_request("one", body=IN_SET), web.pull_request("two", body=IN_SET)]

    run = hub.run(stage=stage)

    assert run.told(*members) == [f"held: stage-{stage}"] * 2
