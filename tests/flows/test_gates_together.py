"""Gates that see all of a change set: the candidates of its repositories, side by side."""

from pathlib import Path
from typing import Any

from tasks.crash_points import CrashPoint
from tests.flows.hub import NOT_BROKEN, Hub
from tests.flows.test_change_set_landings import dies, hook
from tests.flows.world import Repository

IN_SET = "Change-set: pay-1"

AGREE: dict[str, Any] = {
    "name": "contract",
    "together": True,
    "command": 'cd "$MERGE_HUB_CHANGE_SET" && cat */*/version | sort -u | wc -l | grep -qx 1',
}
"""Green where all that it sees name the same version, and red on a set of which the two sides do not agree."""


def two_repositories(hub: Hub, *gates: dict[str, Any]) -> tuple[Repository, Repository]:
    """The gates are those of the first; the second has its own, which sees nothing of others."""
    api, web = (hub.organization.repository(name, {"version": "1\n"}) for name in ("api", "web"))
    hub.config.team("team-a", api, gates=gates or (NOT_BROKEN, AGREE))
    hub.config.team("team-b", web)
    return api, web


def seen(hub: Hub, gate: str = "contract") -> list[tuple[str, int]]:
    """The answers of a gate, and how many others it saw."""
    told = [event for event in hub.events_of("gate.finished") if event["subject"]["gate"] == gate]
    return [(event["data"]["verdict"], len(event["subject"].get("companions", []))) for event in told]


def test_a_set_lands_where_a_gate_finds_that_its_repositories_agree(hub: Hub) -> None:
    api, web = two_repositories(hub)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"version": "2\n"}, body=IN_SET)

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(one, two) == ["merged", "merged"]
    assert seen(hub) == [("passed", 1)]
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_where_a_set_does_not_agree_nothing_of_it_lands_until_one_side_is_mended(hub: Hub) -> None:
    api, web = two_repositories(hub)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"version": "3\n"}, by="bob", approved_by=["alice"], body=IN_SET)

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    refusal = f"gate contract failed with exit status 1 on change set pay-1 as a whole, #1 with {two}"
    assert run.told(one, two) == ["refused: gate-failed", "held: change-set-waiting"]
    assert run.messages(one) == [refusal]
    assert run.messages(two) == [f"change set pay-1 waits for {one} by alice, which is refused: {refusal}"]
    assert len([row for row in run.gate_runs() if row["gate"] == "contract" and row["pull_requests"]]) == 2
    assert again.told(one, two) == run.told(one, two)
    assert again.gate_runs() == []
    assert hub.traces() == kept

    two.push({"version": "2\n"})
    two.approve("alice")

    assert hub.run().told(one, two) == ["merged", "merged"]


def test_a_flake_of_what_sees_the_whole_set_refuses_nobody(hub: Hub, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    flaky: dict[str, Any] = {**AGREE, "command": f"test -e {asked} || {{ touch {asked}; exit 1; }}; {AGREE['command']}"}
    api, web = two_repositories(hub, dict(NOT_BROKEN), flaky)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"version": "2\n"}, body=IN_SET)

    run = hub.run()
    again = hub.run()

    assert run.told(one, two) == ["merged", "merged"]
    assert seen(hub) == [("failed", 1), ("passed", 1)]
    assert again.gate_runs() == []


def test_retry_on_any_member_asks_what_sees_the_whole_set_again(hub: Hub) -> None:
    api, web = two_repositories(hub, AGREE)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"version": "3\n"}, body=IN_SET)
    hub.run()

    two.label("retry")
    run = hub.run()
    again = hub.run()

    assert run.told(one, two) == ["refused: gate-failed", "held: change-set-waiting"]
    assert [row["verdict"] for row in run.gate_runs(api)].count("failed") == 2
    assert again.gate_runs() == []


def test_a_pass_beside_one_candidate_is_none_beside_another(hub: Hub) -> None:
    api, web = two_repositories(hub)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"version": "2\n"}, by="bob", approved_by=["alice"], body=IN_SET)

    before = hub.run(stage="gate")
    two.push({"version": "3\n"})
    two.approve("alice")
    run = hub.run()

    assert before.told(one, two) == ["held: stage-gate", "held: stage-gate"]
    assert run.told(one, two) == ["refused: gate-failed", "held: change-set-waiting"]
    assert seen(hub)[:2] == [("passed", 1), ("failed", 1)]


def test_what_sees_the_whole_set_does_not_run_where_another_gate_is_red(hub: Hub) -> None:
    api, web = two_repositories(hub)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"broken": "yes\n"}, body=IN_SET)

    assert hub.run().told(one, two) == ["held: change-set-waiting", "refused: gate-failed"]
    assert seen(hub) == []


def test_a_set_that_a_death_left_in_the_middle_is_finished_beside_what_has_landed(hub: Hub) -> None:
    api, web = two_repositories(hub)
    two = web.pull_request("two", {"version": "2\n"}, body=IN_SET)
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET, depends_on=[two])

    dies(hub, CrashPoint.AFTER_PUSH)
    hub.run()
    kept = hub.traces()
    again = hub.run()

    assert [one.state, two.state] == ["merged", "merged"]
    assert seen(hub) == [("passed", 1)]
    assert again.gate_runs() == []
    assert hub.traces() == kept


def test_outside_of_a_set_a_gate_sees_its_own_repository_only(hub: Hub) -> None:
    alone = 'test "$(ls -d "$MERGE_HUB_CHANGE_SET"/*/*)" = "$PWD" && test -e "$MERGE_HUB_CHANGE_SET"/*/api/version'
    api, _ = two_repositories(hub, {**AGREE, "command": alone})
    one = api.pull_request("one", {"version": "2\n"})

    assert hub.run().told(one) == ["merged"]
    assert seen(hub) == [("passed", 0)]


def test_no_gate_sees_what_another_one_wrote_into_a_companion_or_a_link_back_to_where_it_came_from(hub: Hub) -> None:
    beside = 'cd "$MERGE_HUB_CHANGE_SET"/*/web && test ! -e mark && test -z "$(git remote)" && touch mark && sleep 0.2'
    gates = [{**AGREE, "name": name, "command": beside} for name in ("first", "second")]
    api, web = two_repositories(hub, *gates)
    members = [api.pull_request("one", body=IN_SET), web.pull_request("two", body=IN_SET)]

    assert hub.run().told(*members) == ["merged", "merged"]


def test_what_has_landed_is_seen_as_it_landed(hub: Hub) -> None:
    """While the first is pushed, its branch is moved by others: it lands as another tree than was announced."""
    api, web = (hub.organization.repository(name, {"version": "1\n"}) for name in ("api", "web"))
    hub.config.team("team-a", api)
    hub.config.team("team-b", web, gates=[NOT_BROKEN, AGREE])
    one = api.pull_request("one", {"version": "2\n"}, body=IN_SET)
    two = web.pull_request("two", {"version": "2\n"}, body=IN_SET, depends_on=[one])
    moved_once(api)

    run = hub.run()

    (_, last) = [event for event in hub.events_of("gate.finished") if event["subject"]["gate"] == "contract"]
    assert run.told(one, two) == ["merged", "merged"]
    assert last["subject"]["companions"] == [[api.identifier, api.tree()]]


def moved_once(repository: Repository) -> None:
    """By somebody else, at the moment of the first push, which is declined for it."""
    other = repository.commit("elsewhere", {"other.txt": "x\n"})
    unset = "unset GIT_DIR GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES"
    move = f"git --git-dir={repository.directory} update-ref refs/heads/main {other}"
    hook(repository, f"{unset}; test -e moved || {{ {move}; touch moved; exit 1; }}")
