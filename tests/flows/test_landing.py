"""Every way to land: the tree on the branch is the one that was gated, and the code host knows what landed."""

import json

import pytest

from tests.flows.hub import Hub


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
@pytest.mark.parametrize("landing", ["fast-forward", "api"])
def test_what_lands_is_the_gated_tree_and_a_rerun_does_nothing(hub: Hub, landing: str, method: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"landing": landing, "method": method})
    one = api.pull_request("one", {"one.txt": "1\n"})
    one.push({"more.txt": "1\n"})
    one.approve("carol")
    api.commit("main", {"main.txt": "1\n"}, by="erin")
    two = api.pull_request("two", {"two.txt": "2\n"})
    bad = api.pull_request("bad", {"broken": "yes\n"})

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(one, two, bad) == ["merged", "merged", "refused: gate-failed"]
    assert {"one.txt", "more.txt", "two.txt", "main.txt"} <= api.files().keys()
    assert "broken" not in api.files()
    for each in (one, two):
        landed = run.pull_request(each)["landed"]
        assert landed["tree"] == landed["gated_tree"] == api.tree(landed["commit"])
        assert landed["method"] == method
    by_host = landing == "api" or method == "merge"
    assert (one.state, two.state, bad.state) == (("merged", "merged") if by_host else ("closed", "closed")) + ("open",)
    assert hub.traces() == kept
    assert again.gate_runs() == []


@pytest.mark.parametrize(
    ("method", "title", "text"),
    [
        ("merge", "Merge pull request #1 from {owner}/topic", "Mend the door\n\nGated-tree: {tree}"),
        ("squash", "Mend the door (#1)", "Gated-tree: {tree}"),
        ("rebase", "Add a hinge", ""),
    ],
)
def test_the_history_that_the_code_host_writes_names_the_pull_request(
    hub: Hub, method: str, title: str, text: str
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"landing": "api", "method": method})
    api.commit("topic", {"hinge.txt": "x\n"}, message="Add a hinge")
    topic = api.pull_request("topic", title="Mend the door")

    landed = hub.run().pull_request(topic)["landed"]
    subject, _, rest = api.git("log", "-1", "--format=%B", "main").strip().partition("\n\n")

    assert subject == title.format(owner=hub.organization.login)
    assert rest == text.format(tree=landed["gated_tree"])


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_what_the_code_host_could_not_see_land_is_told_to_it_once(hub: Hub, method: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"method": method})
    one = api.pull_request("one")
    run = hub.run()
    hub.run()

    (comment,) = one.comments()

    assert comment.startswith(f"Landed on `main` as {run.pull_request(one)['landed']['commit']}.")


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_what_brings_nothing_new_is_merged_without_a_commit(hub: Hub, method: str) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"method": method})
    api.commit("topic", {"same.txt": "x\n"})
    topic = api.pull_request("topic")
    api.commit("main", {"same.txt": "x\n"}, by="erin")

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(topic) == ["merged"]
    assert hub.traces() == kept


def test_a_protected_branch_that_refuses_the_api_merge_is_the_worlds_failure(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"landing": "api"})
    rule = {"required_pull_request_reviews": {"required_approving_review_count": 3}, "enforce_admins": True}
    hub.organization.world.tell(protection={api.full_name: {"main": rule}})
    topic = api.pull_request("topic")

    run = hub.run()

    assert run.told(topic) == ["failed: landing-rejected"]
    assert run.problems == (f"{api.full_name}: failed #{topic.number}",)


def test_what_others_reported_of_a_head_is_kept_with_the_grounds_of_its_landing(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    one = api.pull_request("one")
    api.rest("POST", f"/statuses/{one.head}", {"context": "ci/tests", "state": "failure"})

    run = hub.run()

    (intent,) = hub.events_of("merge.intent")
    name = intent["data"]["grounds"].removeprefix("sha256:")
    (grounds,) = [content for key, content in hub.evidence().items() if key.endswith(name)]
    assert run.told(one) == ["merged"]
    assert json.loads(grounds)["statuses"] == [{"name": "ci/tests", "state": "failure"}]
