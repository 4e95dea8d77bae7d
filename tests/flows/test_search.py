"""How gates are spent: on what is not known, on nobody's word alone, and ahead of time where there is room."""

from pathlib import Path

import pytest

from tasks.crash_points import VARIABLE, CrashPoint
from tests.flows.hub import NOT_BROKEN, Hub
from tests.flows.world import Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


def flaky(marker: Path) -> dict[str, object]:
    """A gate that fails the first time that it is asked, whatever it is asked about."""
    return {"name": "flaky", "command": f"test -e {marker} || {{ touch {marker}; exit 1; }}"}


def test_a_flake_refuses_nobody_and_is_told_apart(hub: Hub, api: Repository, tmp_path: Path) -> None:
    hub.config.team("team-a", api, gates=[NOT_BROKEN, flaky(tmp_path / "asked")])
    every = [api.pull_request(name) for name in ("one", "two", "three")]

    run = hub.run()

    assert run.told(*every) == ["merged"] * 3
    assert hub.events_of("gate.refused") == []


def test_a_flake_on_the_one_that_is_left_is_asked_again_on_the_same_tree(
    hub: Hub, api: Repository, tmp_path: Path
) -> None:
    hub.config.team("team-a", api, gates=[NOT_BROKEN, flaky(tmp_path / "asked")])
    api.commit("main", {"base.txt": "1\n"})
    alone = api.pull_request("alone")

    run = hub.run()
    again = hub.run()

    (search,) = run.repository(api)["searches"]
    rows = [(row["gate"], row["purpose"], row["verdict"]) for row in run.gate_runs() if row["gate"] == "flaky"]
    assert run.told(alone) == ["merged"]
    assert ("flaky", "confirmation", "passed") in rows
    assert (search["flakes"], search["apart"]["confirmation"]) == (1, 1)
    assert (again.gate_runs(), again.repository(api)["searches"]) == ([], [])


def test_a_gate_that_may_not_be_asked_again_is_taken_at_its_word(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, gates=[{**NOT_BROKEN, "retries": 0}])
    bad = api.pull_request("bad", {"broken": "yes\n"})

    run = hub.run()

    assert run.told(bad) == ["refused: gate-failed"]
    assert [row["purpose"] for row in run.gate_runs()] == ["search", "base"]


def test_two_that_are_good_alone_are_told_apart_from_a_bad_one_where_others_call_them_good(
    hub: Hub, api: Repository
) -> None:
    hub.config.team("team-a", api, gates=[{"name": "tests", "command": "! test -e one -a -e two && ! test -e broken"}])
    one, two = (api.pull_request(name, {name: "x\n"}) for name in ("one", "two"))
    bad = api.pull_request("bad", {"broken": "x\n"})
    for pull in (one, two, bad):
        api.rest("POST", f"/statuses/{pull.head}", {"state": "success", "context": "ci"})

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(one, two, bad) == ["merged", "refused: interaction", "refused: gate-failed"]
    assert run.messages(two) == [
        f"gate tests failed with exit status 1, merged after #{one.number}, and passed without"
    ]
    assert run.messages(bad) == ["gate tests failed with exit status 1"]
    assert again.messages(two) == run.messages(two)
    assert hub.traces() == kept


def test_gates_that_can_change_nothing_any_more_are_stopped(hub: Hub, api: Repository) -> None:
    slow = {"name": "slow", "command": "sleep 60; false"}
    hub.config.team("team-a", api, gates=[slow, NOT_BROKEN])
    api.commit("main", {"broken": "yes\n"})
    topic = api.pull_request("topic")

    run = hub.run()

    assert run.told(topic) == ["held: base-red"]
    assert {(row["gate"], row["verdict"]) for row in run.gate_runs()} == {("tests", "failed"), ("slow", "skipped")}
    assert {event["data"]["verdict"] for event in hub.events_of("gate.finished")} == {"failed"}


def test_every_gate_comes_to_its_end_where_that_is_asked_for(hub: Hub, api: Repository) -> None:
    slow = {"name": "slow", "command": "sleep 0.5; false", "retries": 0}
    hub.config.team("team-a", api, gates=[slow, {**NOT_BROKEN, "retries": 0}])
    api.pull_request("topic", {"broken": "yes\n"})

    run = hub.run(all_gates=True)

    assert {(row["gate"], row["verdict"]) for row in run.gate_runs() if row["purpose"] == "search"} == {
        ("tests", "failed"),
        ("slow", "failed"),
    }


def test_with_slots_to_spare_the_same_land_and_what_will_be_needed_is_gated_ahead_of_time(
    hub: Hub, api: Repository
) -> None:
    hub.config.team("team-a", api, policies={"max_prs_per_batch": 3})
    hub.config.global_["execution"] = {"max_workers": 4}
    every = [
        api.pull_request(f"topic-{at}", {"broken" if at in {2, 7} else f"{at}.txt": f"{at}\n"}) for at in range(10)
    ]

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert [each.branch for each in every if run.outcome(each) != "merged"] == ["topic-2", "topic-7"]
    assert {"speculation", "search"} <= {row["purpose"] for row in run.gate_runs()}
    assert max(len(row["pull_requests"]) for row in run.gate_runs()) <= 3
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_what_was_red_before_a_death_is_not_gated_again_but_to_confirm_it(hub: Hub, api: Repository) -> None:
    bad = api.pull_request("bad", {"broken": "yes\n"})

    with hub.start(**{VARIABLE: CrashPoint.AFTER_GATE_RECORDS.value}) as process:
        process.communicate(timeout=120)
    run = hub.run()

    assert run.told(bad) == ["refused: gate-failed"]
    assert [(row["purpose"], row["cached"]) for row in run.gate_runs()] == [
        ("search", True),
        ("base", False),
        ("confirmation", False),
    ]
