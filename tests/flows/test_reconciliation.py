"""Every commit on a target branch is accounted for, also what people did behind the hub's back."""

import json
import signal
import subprocess
from typing import Any

import pytest

from config.schema import Stage
from tests.flows.hub import Hub
from tests.flows.test_command_line import merge_hub
from tests.flows.test_emergencies import asks
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def api(hub: Hub) -> Repository:
    """The hub has landed #1 there."""
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    repository.pull_request("first")
    hub.run()
    return repository


def reconciled(hub: Hub) -> dict[str, Any]:
    """What is found of the only branch; a second time nothing is recorded, told or found anew."""
    first = hub.reconcile()
    kept = hub.traces()
    again = hub.reconcile()

    assert (again.document, again.problems, hub.traces()) == (first.document, first.problems, kept)
    (found,) = first.document["refs"]
    return dict(found)


def merges(pull: PullRequest, method: str, by: str = "erin") -> str:
    """At the code host, and not by the hub; the commit that the branch is at then."""
    pull.repository.rest("PUT", f"/pulls/{pull.number}/merge", {"merge_method": method}, by=by)
    return tip(pull.repository)


def tip(repository: Repository) -> str:
    found = repository.tip()
    assert found is not None
    return found


def incidents(hub: Hub) -> list[str]:
    return [str(post["blocks"]) for post in hub.organization.posts() if post["channel"] == "#incidents"]


def kinds(found: dict[str, Any]) -> dict[str, str]:
    return {each["commit"]: each["kind"] for each in found["unaccounted"]}


def test_what_the_hub_landed_and_took_from_people_by_the_rules_is_accounted_for(hub: Hub, api: Repository) -> None:
    for name, method in (("merged", "merge"), ("squashed", "squash")):
        merges(api.pull_request(name, approved_by=["bob"]), method)
    api.commit("rebased", {"one.txt": "1\n"})
    api.commit("rebased", {"two.txt": "2\n"})
    merges(api.pull_request("rebased", approved_by=["bob"]), "rebase")
    forwarded = api.pull_request("forwarded", approved_by=["bob"])
    api.point("main", forwarded.head)

    found = reconciled(hub)

    assert found["accounted"] == {"hub": 2, "compliant_human": 2 + 1 + 2 + 1, "robot": 0, "emergency": 0}
    assert (found["unaccounted"], found["rewritten"], found["chain_ok"], found["ref_updates"]) == ([], 0, True, 5)
    assert found["headline"] == "8 of 8 commits on protected branches accounted for"
    assert incidents(hub) == []


def test_what_was_done_behind_its_back_is_found_and_told_once(hub: Hub, api: Repository) -> None:
    direct = api.commit("main", {"direct.txt": "now\n"}, by="erin")
    unseen = merges(api.pull_request("unseen", approved_by=[]), "squash")
    alone = merges(api.pull_request("alone", approved_by=["carol"], committed_by="carol"), "squash")

    found = reconciled(hub)

    assert kinds(found) == {direct: "direct-push", unseen: "unapproved-merge", alone: "unapproved-merge"}
    assert [each["actor"] for each in found["unaccounted"]] == [None, "erin", "erin"]
    assert found["headline"] == "2 of 5 commits on protected branches accounted for; 3 bypasses to be justified"
    assert sorted(each[:7] in " ".join(incidents(hub)) for each in (direct, unseen, alone)) == [True] * 3
    assert len(incidents(hub)) == 3


def test_a_foxtrot_and_a_push_over_hide_nothing(hub: Hub, api: Repository) -> None:
    landed = tip(api)
    own = api.commit("topic", {"own.txt": "1\n"}, onto="main^", by="mallory <m@evil.example>")
    mallory = ("-c", "user.name=mallory", "-c", "user.email=m@evil.example")
    turned = api.git(*mallory, "commit-tree", api.tree(), "-p", own, "-p", landed, "-m", "Merge main").strip()
    api.point("main", turned)
    first = reconciled(hub)

    api.point("main", landed)
    second = reconciled(hub)

    assert kinds(first) == {own: "direct-push", turned: "direct-push"}
    assert (first["commits"], first["accounted"]["hub"], first["chain_ok"]) == (4, 2, True)
    assert (second["commits"], second["rewritten"], second["from"], second["to"]) == (0, 1, turned, landed)
    (rewritten,) = [each for each in second["bypasses"]["open"] if "before" in each]
    assert (rewritten["kind"], rewritten["before"], rewritten["after"]) == ("force-push", turned, landed)
    assert len(incidents(hub)) == 2


def test_a_push_over_and_back_is_found_though_the_branch_is_where_it_was(hub: Hub, api: Repository) -> None:
    landed = tip(api)
    reconciled(hub)
    api.point("main", api.git("rev-parse", "main^").strip())
    api.rest("GET", "")
    api.point("main", landed)

    found = reconciled(hub)

    assert (found["from"], found["to"], found["commits"], found["rewritten"]) == (landed, landed, 0, 1)
    assert [each["kind"] for each in found["bypasses"]["open"]] == ["force-push"]


def test_robots_are_known_by_their_account_and_others_only_say_so(hub: Hub, api: Repository) -> None:
    api.world.tell(users=[{"login": "release-bot", "permission": "write", "orgs": [hub.organization.login]}])
    hub.config.global_["robots"] = ["Release-Bot"]
    released = merges(api.pull_request("release", approved_by=[]), "squash", by="release-bot")
    spoofed = api.commit("spoof", {"spoofed.txt": "1\n"}, by="release-bot")
    api.rest("PATCH", "/git/refs/heads/main", {"sha": spoofed}, by="dave")

    found = reconciled(hub)

    assert (found["accounted"]["robot"], kinds(found)) == (1, {spoofed: "direct-push"})
    assert [(each["actor"], each["authors"]) for each in found["unaccounted"]] == [("dave", ["release-bot"])]
    assert released not in kinds(found)


def test_what_the_code_host_landed_for_the_hub_and_what_was_taken_back_is_the_hub_s(
    hub: Hub, organization_that_takes_back: Repository
) -> None:
    hub.run()
    found = reconciled(hub)

    assert len(hub.events_of("rollback.completed")) == 1
    assert (found["unaccounted"], found["accounted"]["hub"], found["chain_ok"]) == ([], found["commits"], True)


@pytest.fixture
def organization_that_takes_back(hub: Hub) -> Repository:
    """By `landing: api`, where the gate after the landing fails on what it brought."""
    repository = hub.organization.repository("api")
    looks = {"name": "smoke", "command": "test ! -e bad-once-landed"}
    policies = {"landing": "api", "rollback_on_gate_failure": True}
    hub.config.team("team-a", repository, policies=policies, post_landing=[looks])
    repository.pull_request("good")
    repository.pull_request("worse", {"bad-once-landed": "yes\n"})
    return repository


def test_a_second_person_justifies_what_was_pushed_and_it_is_accounted_for(hub: Hub, api: Repository) -> None:
    direct = api.commit("main", {"direct.txt": "now\n"}, by="erin")
    before = reconciled(hub)
    hub.run()
    later = tip(api)

    refused = justifies(hub, api, direct, "erin")
    unknown = justifies(hub, api, later[:4], "bob")
    told = justifies(hub, api, direct[:12], "bob")
    again = justifies(hub, api, direct, "carol")
    found = reconciled(hub)

    assert [each.returncode for each in (refused, unknown, told, again)] == [2, 2, 0, 0]
    assert "a second person is needed" in refused.stderr
    assert [json.loads(each.stdout)["recorded"] for each in (told, again)] == [True, False]
    assert before["headline"] == "2 of 3 commits on protected branches accounted for; 1 bypass to be justified"
    assert found["headline"] == "3 of 3 commits on protected branches accounted for"
    assert [each["justified"]["by"] for each in found["bypasses"]["justified"]] == ["bob"]
    assert [event["data"]["by"] for event in hub.events_of("bypass.justified")] == ["bob"]


def justifies(hub: Hub, api: Repository, commit: str, by: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    reason = ("--reason", "The hub was down, incident 4711.", "--by", by)
    return merge_hub("bypass", "justify", api.full_name, commit, *reason, "--json", home=hub.home, **environment)


def test_the_command_says_it_in_a_table_and_fails_while_something_is_open(hub: Hub, api: Repository) -> None:
    environment = {name: value for name, value in hub.environment.items() if name != "MERGE_HUB_HOME"}
    reconciled(hub)
    well = merge_hub("reconcile", home=hub.home, **environment, **hub.prefect)
    direct = api.commit("main", {"direct.txt": "now\n"}, by="erin")
    open_ = merge_hub("reconcile", home=hub.home, **environment, **hub.prefect)
    listed = merge_hub("bypass", "list", "--json", home=hub.home, **environment)

    assert (well.returncode, open_.returncode, listed.returncode) == (0, 1, 0), open_.stderr
    assert well.stdout.endswith("2 of 2 commits on protected branches accounted for\n")
    assert direct[:7] in open_.stdout
    assert [each["commit"] for each in json.loads(listed.stdout)["open"]] == [direct]


def test_a_landing_whose_end_nobody_saw_is_closed_and_is_no_bypass(hub: Hub, api: Repository) -> None:
    api.pull_request("second")
    dying = hub.start(MERGE_HUB_CRASH_AT="after-push")
    dying.communicate(timeout=120)

    found = reconciled(hub)

    assert dying.returncode == -signal.SIGKILL
    assert (found["accounted"]["hub"], found["unaccounted"], found["open_intents"]) == (4, [], [])
    assert len(hub.events_of("merge.completed")) == 2


def test_a_team_that_only_observes_is_looked_at_and_nothing_is_recorded(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, stage="observe")
    direct = api.commit("main", {"direct.txt": "now\n"}, by="erin")
    before = hub.events()

    found = hub.reconcile().document["refs"][0]

    assert list(kinds(dict(found))) == [direct]
    assert hub.events() == before
    assert incidents(hub) == []


def test_a_branch_that_was_deleted_and_made_anew_is_found(hub: Hub, api: Repository) -> None:
    landed = tip(api)
    reconciled(hub)
    api.git("update-ref", "-d", "refs/heads/main")
    api.rest("GET", "")
    gone = hub.reconcile()
    api.point("main", landed)

    found = reconciled(hub)

    assert gone.document["refs"][0]["status"] == "failed"
    assert "main" in gone.problems[0]
    assert sorted(each["kind"] for each in found["bypasses"]["open"]) == ["deletion", "re-creation"]
    assert (found["commits"], found["chain_ok"]) == (0, True)


def test_what_was_declared_an_emergency_and_merged_by_somebody_else_is_one(hub: Hub, api: Repository) -> None:
    hub.config.global_["emergency"] = {}
    hub.config.write()
    urgent, alone = (api.pull_request(name, approved_by=[]) for name in ("urgent", "alone"))
    for pull, who in ((urgent, "bob"), (alone, "erin")):
        asks(hub, "declare", str(pull), "--reason", "Logins fail.", "--by", who)
    merges(urgent, "squash")
    refused = merges(alone, "squash")

    found = reconciled(hub)

    assert (found["accounted"]["emergency"], kinds(found)) == (1, {refused: "unapproved-merge"})


def test_what_the_code_host_landed_for_a_run_that_has_yet_to_tell_is_no_bypass(hub: Hub) -> None:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository, policies={"landing": "api"})
    repository.pull_request("first")
    hub.start(MERGE_HUB_CRASH_AT="after-push").communicate(timeout=120)

    found = looked_at(hub, repository)

    assert (found["accounted"]["hub"], found["unaccounted"]) == (2, [])
    assert [each["pull_request"] for each in found["open_intents"]] == [1]


def looked_at(hub: Hub, repository: Repository) -> dict[str, Any]:
    """Without ending what other runs began."""
    from prefect import flow  # noqa: PLC0415 -- Prefect is imported only where it runs

    from flows import wiring  # noqa: PLC0415
    from tasks.discovery import discover  # noqa: PLC0415
    from tasks.reconciliation import reconcile  # noqa: PLC0415

    @flow
    def look() -> dict[str, Any]:
        with (
            wiring.begin_run(Stage.MERGE) as run,
            wiring.connect("team-a", repository.full_name, "merge", run.run_id) as (rules, services),
        ):
            return dict(reconcile(rules, discover(rules, services), services))

    with hub.entered():
        return look()
