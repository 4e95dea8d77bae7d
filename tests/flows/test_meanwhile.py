"""The world moves while a run is under way: what was approved and gated lands, or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.hub import Hub
from tests.flows.pause import Pause
from tests.flows.world import PullRequest, Repository


@pytest.fixture
def pause(tmp_path: Path) -> Pause:
    return Pause(tmp_path)


@pytest.fixture
def api(hub: Hub, pause: Pause) -> Repository:
    repository = hub.organization.repository("api")
    filters = {"labels": ["ready"], "exclude_labels": ["wip"]}
    hub.config.team("team-a", repository, gates=[pause.gate], filters=filters)
    return repository


def push(pull_request: PullRequest) -> None:
    pull_request.push({"more.txt": "more\n"})


def push_and_approve(pull_request: PullRequest) -> None:
    push(pull_request)
    pull_request.approve("bob")


def force_push_and_back(pull_request: PullRequest) -> None:
    head = pull_request.head
    push(pull_request)
    pull_request.repository.point(pull_request.branch, head)


def dismiss(pull_request: PullRequest) -> None:
    pull_request.dismiss(pull_request.reviews()[0]["id"])


def ask_for_changes(pull_request: PullRequest) -> None:
    pull_request.approve("carol", "REQUEST_CHANGES")


def ask_again(pull_request: PullRequest) -> None:
    path = f"/pulls/{pull_request.number}/requested_reviewers"
    pull_request.repository.rest("POST", path, {"reviewers": ["bob"]})


def remove_label(pull_request: PullRequest) -> None:
    pull_request.unlabel("ready")


def set_excluded_label(pull_request: PullRequest) -> None:
    pull_request.label("wip")


def retarget(pull_request: PullRequest) -> None:
    pull_request.repository.commit("release", {"release.txt": "1\n"})
    pull_request.edit(base="release")


def make_draft(pull_request: PullRequest) -> None:
    pull_request.redraft(draft=True)


def close(pull_request: PullRequest) -> None:
    pull_request.close()


def add_dependency(pull_request: PullRequest) -> None:
    pull_request.edit(body="Depends-on: #4711")


def postpone(pull_request: PullRequest) -> None:
    pull_request.edit(body="Not-before: 2999-01-01")


def drop_dependency(pull_request: PullRequest) -> None:
    pull_request.edit(body="")


def delete_branch(pull_request: PullRequest) -> None:
    pull_request.repository.git("update-ref", "-d", f"refs/heads/{pull_request.branch}")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (push, "held: changed-meanwhile approvals-missing approval-stale"),
        (push_and_approve, "held: changed-meanwhile"),
        (dismiss, "held: approvals-missing"),
        (ask_for_changes, "held: changes-requested"),
        (ask_again, "held: approvals-missing approval-asked-again"),
        (remove_label, "held: label-missing"),
        (set_excluded_label, "held: label-excluded"),
        (retarget, "held: target-other approvals-missing approval-stale"),
        (make_draft, "held: draft"),
        (close, "held: changed-meanwhile"),
        (add_dependency, "held: changed-meanwhile"),
        (postpone, "held: not-before"),
    ],
)
def test_what_changes_during_the_gates_does_not_land_and_others_do(
    hub: Hub, api: Repository, pause: Pause, change: Callable[[PullRequest], None], expected: str
) -> None:
    first, changed, last = (api.pull_request(name, labels=["ready"]) for name in ("first", "changed", "last"))
    on_changed = api.pull_request("on-changed", labels=["ready"], depends_on=[f"#{changed.number}"])

    with pause.doing(lambda: change(changed)):
        run = hub.run()

    assert run.told(changed) == [expected]
    assert run.told(first, last, on_changed) == ["merged", "merged", "held: dependency-held"]
    assert not api.contains(changed.head)


def test_a_dependency_that_is_no_longer_declared_is_a_change_too(hub: Hub, api: Repository, pause: Pause) -> None:
    first = api.pull_request("first", labels=["ready"])
    changed = api.pull_request("changed", labels=["ready"], depends_on=[f"#{first.number}"])

    with pause.doing(lambda: drop_dependency(changed)):
        run = hub.run()

    assert run.told(first, changed) == ["merged", "held: changed-meanwhile"]
    assert hub.run().told(changed) == ["merged"]


def test_a_head_pushed_after_its_approval_lands_once_it_is_approved_itself(
    hub: Hub, api: Repository, pause: Pause
) -> None:
    pushed, other = (api.pull_request(name, labels=["ready"]) for name in ("pushed", "other"))
    push(pushed)

    with pause.doing(lambda: None):
        run = hub.run()
    before = api.files()
    pushed.approve("bob")

    assert run.told(pushed, other) == ["held: approvals-missing approval-stale", "merged"]
    assert "more.txt" not in before
    assert hub.run().told(pushed) == ["merged"]


def test_a_head_that_went_away_and_came_back_is_what_was_gated(hub: Hub, api: Repository, pause: Pause) -> None:
    pull_request = api.pull_request("topic", labels=["ready"])

    with pause.doing(lambda: force_push_and_back(pull_request)):
        run = hub.run()

    assert run.told(pull_request) == ["merged"]


def test_a_pull_request_that_moved_lands_in_the_next_run(hub: Hub, api: Repository, pause: Pause) -> None:
    pull_request = api.pull_request("topic", labels=["ready"])
    with pause.doing(lambda: push_and_approve(pull_request)):
        hub.run()

    run = hub.run()

    assert run.told(pull_request) == ["merged"]
    assert api.files()["more.txt"] == "more\n"


@pytest.mark.parametrize("landing", ["fast-forward", "api"])
def test_what_a_person_pushes_to_the_target_is_kept_and_gated_with_what_lands_on_it(
    hub: Hub, api: Repository, pause: Pause, landing: str
) -> None:
    hub.config.team("team-a", api, gates=[pause.gate], policies={"landing": landing})
    pull_request = api.pull_request("topic")

    with pause.doing(lambda: api.commit("main", {"hotfix.txt": "now\n"}, by="erin")):
        run = hub.run()

    assert run.told(pull_request) == ["merged"]
    assert api.files() == {"README.md": "api\n", "hotfix.txt": "now\n", "topic.txt": "topic\n"}
    landed = run.pull_request(pull_request)["landed"]
    assert landed["tree"] == landed["gated_tree"] == api.tree()
    assert landed["tree"] in {row["tree"] for row in run.gate_runs()}


def test_a_person_who_pushes_at_the_moment_of_landing_is_not_overwritten(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api)
    other = api.commit("hotfix", {"hotfix.txt": "now\n"}, by="erin")
    pull_request = api.pull_request("topic")
    hook = api.directory / "hooks" / "pre-receive"
    # Once, and outside of the quarantine in which git runs the hook.
    hook.write_text(
        f"#!/bin/sh\ntest -e done && exit 0\ntouch done\nunset GIT_QUARANTINE_PATH\n"
        f"git update-ref refs/heads/main {other}\n"
    )
    hook.chmod(0o755)

    run = hub.run()

    assert run.told(pull_request) == ["merged"]
    assert api.contains(other)
    assert len(hub.events_of("merge.failed")) == 1
    assert len(hub.events_of("merge.completed")) == 1


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_what_is_aimed_elsewhere_at_the_moment_of_landing_is_closed_all_the_same(
    hub: Hub, api: Repository, pause: Pause, method: str
) -> None:
    hub.config.team("team-a", api, policies={"method": method})
    topic = api.pull_request("topic")
    hook = api.directory / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\n{pause.gate['command']}\n")
    hook.chmod(0o755)

    with pause.doing(lambda: retarget(topic)):
        run = hub.run()
    hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(topic) == ["merged"]
    assert [comment.splitlines()[0] for comment in topic.comments()] == [f"Landed on `main` as {api.tip()}."]
    assert topic.state == "closed"
    assert hub.traces() == kept


def test_a_target_that_keeps_moving_is_left_to_the_next_run(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api)
    pull_request = api.pull_request("topic")
    hook = api.directory / "hooks" / "pre-receive"
    hook.write_text(
        "#!/bin/sh\nunset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n"
        "export GIT_AUTHOR_NAME=e GIT_AUTHOR_EMAIL=e@e.e\n"
        "export GIT_COMMITTER_NAME=e GIT_COMMITTER_EMAIL=e@e.e\nold=$(git rev-parse refs/heads/main)\n"
        "new=$(echo again | git commit-tree -p $old $old^{tree})\ngit update-ref refs/heads/main $new\n"
    )
    hook.chmod(0o755)

    run = hub.run()
    hook.unlink()

    assert run.told(pull_request) == ["held: base-moving"]
    assert hub.run().told(pull_request) == ["merged"]


def test_a_deleted_branch_of_a_pull_request_lands_nothing(hub: Hub, api: Repository, pause: Pause) -> None:
    pull_request, other = (api.pull_request(name, labels=["ready"]) for name in ("topic", "other"))
    head = pull_request.head

    with pause.doing(lambda: delete_branch(pull_request)):
        run = hub.run()

    assert run.outcome(pull_request) in {"held", "merged"}
    assert (run.outcome(pull_request) == "merged") == api.contains(head)
    assert run.told(other) == ["merged"]


def test_an_approval_by_somebody_who_left_the_team_meanwhile_counts_no_longer(
    hub: Hub, api: Repository, pause: Pause
) -> None:
    team = f"{hub.organization.login}/security"
    hub.organization.team("security", "bob", "carol")
    hub.config.team("team-a", api, gates=[pause.gate], filters={"required_reviewers": [team]})
    by_bob, by_carol = api.pull_request("by-bob"), api.pull_request("by-carol", approved_by=["carol"])

    with pause.doing(lambda: hub.organization.leaves("security", "bob")):
        run = hub.run()

    assert run.told(by_bob, by_carol) == ["held: reviewer-missing", "merged"]
    assert run.messages(by_bob) == [f"the approval of {team} for this head is missing"]
    assert not api.contains(by_bob.head)
    assert hub.grounds_of(by_carol)["groups"] == {team: ["carol"]}


@pytest.mark.parametrize("landing", ["fast-forward", "api"])
def test_what_is_opened_again_meanwhile_is_waited_for(hub: Hub, api: Repository, pause: Pause, landing: str) -> None:
    hub.config.team("team-a", api, gates=[pause.gate], policies={"landing": landing})
    other = hub.organization.repository("other").pull_request("other", approved_by=[])
    other.close()
    closing = api.pull_request("closing", body=f"Closes: {other}")
    free = api.pull_request("free")

    with pause.doing(lambda: other.edit(state="open")):
        run = hub.run()

    assert run.told(closing, free) == ["held: dependency-open", "merged"]
    assert run.messages(closing) == [f"needs {other} landed first, which is open"]
