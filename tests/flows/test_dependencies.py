"""Pull requests of several repositories that wait for one another."""

import pytest

from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long


@pytest.mark.parametrize(("needed_in", "needing_in"), mostly_long([("omega", "alpha"), ("alpha", "omega")]))
def test_what_waits_for_another_repository_lands_in_the_same_run(hub: Hub, needed_in: str, needing_in: str) -> None:
    one, other = (hub.organization.repository(name) for name in (needed_in, needing_in))
    hub.config.team("team-a", one)
    hub.config.team("team-b", other)
    needed = one.pull_request("needed")
    needing = other.pull_request("needing", depends_on=[needed])
    after = other.pull_request("after", depends_on=[f"#{needing.number}"])

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(needed, needing, after) == ["merged", "merged", "merged"]
    assert [row["pull_requests"] for row in run.gate_runs(other)] == [[needing.number, after.number]]
    assert hub.traces() == kept
    assert again.gate_runs() == []


def test_what_waits_for_a_chain_through_three_repositories_lands_in_the_same_run(hub: Hub) -> None:
    a, b, c = (hub.organization.repository(name) for name in ("a", "b", "c"))
    hub.config.team("team-a", a, b, c)
    bottom = c.pull_request("bottom")
    middle = b.pull_request("middle", depends_on=[bottom])
    top = a.pull_request("top", depends_on=[middle])

    run = hub.run()

    assert run.told(top, middle, bottom) == ["merged", "merged", "merged"]


def test_a_cycle_across_repositories_is_refused_on_all_sides_with_every_member_named(hub: Hub) -> None:
    a, b, c = (hub.organization.repository(name) for name in "abc")
    hub.config.team("team-a", a, b, c)
    one = a.pull_request("one", depends_on=[f"{b.full_name.upper()}#1"])
    two = b.pull_request("two", depends_on=[f"{c.full_name}#1"])
    three = c.pull_request("three", depends_on=[one])
    other, waiting = b.pull_request("other"), c.pull_request("waiting", depends_on=[one])

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(one, two, three) == ["refused: dependency-cycle"] * 3
    assert run.messages(two) == [f"depends on itself: {one} → #1 → {three} → {one}"]
    assert run.told(other, waiting) == ["merged", "held: dependency-open"]
    assert hub.traces() == kept


def test_a_cycle_is_refused_and_what_waits_for_it_is_held(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one, two = api.pull_request("one", depends_on=["#2"]), api.pull_request("two", depends_on=["#1"])
    waiting = api.pull_request("waiting", depends_on=["#2"])
    other = api.pull_request("other")

    run = hub.run()

    assert run.told(one, two, waiting, other) == [
        "refused: dependency-cycle",
        "refused: dependency-cycle",
        "held: dependency-held",
        "merged",
    ]


def test_a_dependency_that_landed_in_an_earlier_run_is_met(hub: Hub) -> None:
    a, b = (hub.organization.repository(name) for name in ("a", "b"))
    hub.config.team("team-a", a, b)
    needed = a.pull_request("needed")
    hub.run()
    needing = b.pull_request("needing", depends_on=[needed])

    assert hub.run().told(needing) == ["merged"]


@pytest.mark.parametrize("method", mostly_long(["squash", "rebase"]))
def test_a_dependency_that_the_code_host_calls_closed_but_we_landed_is_met(hub: Hub, method: str) -> None:
    a, b = (hub.organization.repository(name) for name in ("a", "b"))
    hub.config.team("team-a", a, b, policies={"method": method})
    needed = a.pull_request("needed")
    needing = b.pull_request("needing", depends_on=[needed])
    beside = a.pull_request("beside", depends_on=[f"#{needed.number}"], approved_by=[])

    run = hub.run()
    beside.approve("bob")
    later = hub.run()

    assert run.told(needed, needing) == ["merged", "merged"]
    assert later.told(beside) == ["merged"]


def test_one_repository_may_be_run_alone(hub: Hub) -> None:
    a, b = (hub.organization.repository(name) for name in ("a", "b"))
    hub.config.team("team-a", a, b)
    here, there = a.pull_request("here"), b.pull_request("there")

    run = hub.run(repository=a)

    assert run.told(here) == ["merged"]
    assert there.state == "open"
