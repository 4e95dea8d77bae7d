"""Batches: few runs find every culprit, and what is good lands in the same run, as it was gated."""

import pytest

from tests.flows.hub import Hub
from tests.flows.world import Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api", {"shared.txt": "\n".join("abcdefghij") + "\n"})
    hub.config.team("team-a", repository)
    return repository


def test_twenty_five_pull_requests_land_in_three_batches_of_ten_at_most(hub: Hub, api: Repository) -> None:
    every = [api.pull_request(f"topic-{number:02}") for number in range(25)]

    run = hub.run()

    assert run.told(*every) == ["merged"] * 25
    assert sum(len(group) for group in run.evaluated) == 25
    assert (len(run.evaluated), max(len(group) for group in run.evaluated)) == (3, 10)
    assert {each.state for each in every} == {"merged"}


def test_culprits_are_found_by_few_runs_and_the_rest_lands_in_the_same_run(hub: Hub, api: Repository) -> None:
    names = ["one", "two", "bad-1", "three", "four", "bad-2", "five"]
    every = [api.pull_request(name, {"broken" if "bad" in name else name: f"{name}\n"}) for name in names]

    run = hub.run()

    assert [each.branch for each in every if run.outcome(each) != "merged"] == ["bad-1", "bad-2"]
    assert len({row["candidate"] for row in run.gate_runs() if row["purpose"] == "search"}) <= 8
    assert "broken" not in api.files()


def test_two_that_fail_only_together_do_not_both_land(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "! test -e one -a -e two"}])
    one, between, two = (api.pull_request(name, {name: "x\n"}) for name in ("one", "between", "two"))

    run = hub.run()
    again = hub.run()

    assert run.told(one, between, two) == ["merged", "merged", "refused: interaction"]
    assert run.messages(two) == [
        f"gate tests failed with exit status 1, merged after #{one.number} #{between.number}, and passed without"
    ]
    assert again.told(two) == ["refused: interaction"]
    assert again.gate_runs() == []


def test_what_depends_on_a_culprit_is_held(hub: Hub, api: Repository) -> None:
    bad = api.pull_request("bad", {"broken": "yes\n"})
    on_bad = api.pull_request("on-bad", depends_on=[f"#{bad.number}"])
    further = api.pull_request("further", depends_on=[f"#{on_bad.number}"])
    other = api.pull_request("other")

    run = hub.run()

    assert run.told(bad, on_bad, further, other) == [
        "refused: gate-failed",
        "held: dependency-held",
        "held: dependency-held",
        "merged",
    ]
    assert run.messages(further) == [f"needs #{on_bad.number} landed first, and that waits for #{bad.number}"]


def test_a_chain_lands_in_its_order_whatever_the_numbers(hub: Hub, api: Repository) -> None:
    last = api.pull_request("last", depends_on=["#2"])
    middle = api.pull_request("middle", depends_on=["#3"])
    first = api.pull_request("first")

    run = hub.run()

    assert run.evaluated == [[first.number, middle.number, last.number]]


def test_a_conflict_with_one_ahead_is_held_and_stays_held_with_the_same_record(hub: Hub, api: Repository) -> None:
    ahead = api.pull_request("ahead", {"shared.txt": "ahead\n"})
    behind = api.pull_request("behind", {"shared.txt": "behind\n"})

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(ahead, behind) == ["merged", "held: conflict-ahead"]
    assert run.messages(behind) == [
        f"conflicts with #{ahead.number}, which goes first, in shared.txt: rebase it onto what lands"
    ]
    assert again.messages(behind) == run.messages(behind)
    assert hub.traces() == kept


def test_one_behind_lands_in_the_same_run_if_the_one_ahead_fails(hub: Hub, api: Repository) -> None:
    ahead = api.pull_request("ahead", {"shared.txt": "ahead\n", "broken": "yes\n"})
    behind = api.pull_request("behind", {"shared.txt": "behind\n"})
    on_behind = api.pull_request("on-behind", depends_on=[f"#{behind.number}"])

    run = hub.run()

    assert run.told(ahead, behind, on_behind) == ["refused: gate-failed", "merged", "merged"]


def test_a_conflict_with_the_base_is_refused_and_not_gated(hub: Hub, api: Repository) -> None:
    api.commit("topic", {"README.md": "mine\n"})
    api.commit("main", {"README.md": "theirs\n"})
    topic = api.pull_request("topic")

    run = hub.run()

    assert run.messages(topic) == ["conflicts with the target branch in README.md"]
    assert run.gate_runs() == []


def test_a_stack_lands_when_the_lower_one_has_the_smaller_number(hub: Hub, api: Repository) -> None:
    lower = api.pull_request("lower", {"lower.txt": "x\n"})
    api.commit("upper", {"upper.txt": "x\n"}, onto="lower")
    upper = api.pull_request("upper")

    run = hub.run()

    assert run.told(lower, upper) == ["merged", "merged"]
    assert {lower.state, upper.state} == {"merged"}


def test_a_stack_lands_when_the_upper_one_has_the_smaller_number(hub: Hub, api: Repository) -> None:
    api.commit("lower", {"lower.txt": "x\n"})
    api.commit("upper", {"upper.txt": "x\n"}, onto="lower")
    upper, lower = api.pull_request("upper"), api.pull_request("lower")

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(upper, lower) == ["merged", "merged"]
    assert {lower.state, upper.state} == {"merged"}
    assert hub.traces() == kept


def test_the_lower_of_a_stack_lands_in_a_batch_before_the_upper_one(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, policies={"max_prs_per_batch": 1})
    api.commit("lower", {"lower.txt": "x\n"})
    api.commit("upper", {"upper.txt": "x\n"}, onto="lower")
    upper, lower = api.pull_request("upper"), api.pull_request("lower")

    run = hub.run()

    assert run.told(upper, lower) == ["merged", "merged"]
    assert [event["subject"]["pull_request"] for event in hub.events_of("merge.completed")] == [2, 1]


def test_the_upper_of_a_stack_brings_nothing_along_that_is_held(hub: Hub, api: Repository) -> None:
    api.commit("lower", {"lower.txt": "x\n"})
    api.commit("upper", {"upper.txt": "x\n"}, onto="lower")
    upper, lower = api.pull_request("upper"), api.pull_request("lower", approved_by=[])

    run = hub.run()

    assert run.told(upper, lower) == ["held: dependency-held", "held: approvals-missing"]
    assert {lower.state, upper.state} == {"open"}


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_the_lower_of_a_stack_cannot_land_inside_the_upper_one_against_its_reviewers(
    hub: Hub, api: Repository, method: str
) -> None:
    """The upper one brings the commits of the lower one along: those are its own, and its approvals are for all."""
    hub.config.team("team-a", api, policies={"method": method})
    api.commit("lower", {"lower.txt": "x\n"}, by="bob")
    api.commit("upper", {"upper.txt": "x\n"}, onto="lower", by="alice")
    upper = api.pull_request("upper", by="alice", approved_by=["bob"])

    run = hub.run()

    assert run.told(upper) == ["held: approvals-missing approval-not-independent"]
