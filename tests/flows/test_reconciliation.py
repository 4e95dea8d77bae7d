"""Every commit on a target branch is accounted for, also what people did behind the hub's back."""

from typing import Any

import pytest

from tests.flows.hub import Hub
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
