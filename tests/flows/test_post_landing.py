"""What has landed is looked at once more: what fails there is an incident, and is taken back if the team wants it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flows.hub import NOT_BROKEN, Hub, Run
from tests.flows.proxy import between
from tests.flows.sweeps import mostly_long
from tests.flows.world import PullRequest, Repository

SMOKE = {"name": "smoke", "command": "test ! -e smoking"}
"""Fails on what brings a file `smoking`, which no gate before the landing minds."""


@pytest.fixture
def api(hub: Hub) -> Repository:
    return hub.organization.repository("api")


def lands(hub: Hub, api: Repository, *, rollback: bool = True, gate: Any = SMOKE, **policies: object) -> None:
    hub.config.team("team-a", api, policies={"rollback_on_gate_failure": rollback, **policies}, post_landing=[gate])


def smoking(api: Repository, name: str = "bad") -> PullRequest:
    """Two commits, of which the first one will not do well."""
    pull_request = api.pull_request(name, {"smoking": "yes\n"}, approved_by=())
    pull_request.push({f"{name}.txt": "more\n"})
    pull_request.approve("bob")
    return pull_request


def alerts(hub: Hub) -> list[str]:
    return [event["data"]["alert"] for event in hub.events_of("alert.raised")]


def incidents(hub: Hub, words: str) -> list[str]:
    """The incidents that were posted with `words`."""
    posts = [json.dumps(post) for post in hub.organization.posts() if "Incident" in json.dumps(post)]
    return [post for post in posts if words in post]


def after_landing(run: Run) -> list[tuple[list[int], str]]:
    return [(row["pull_requests"], row["verdict"]) for row in run.gate_runs() if row["phase"] == "post-landing"]


def rolled_back_comments(pull_request: PullRequest) -> list[str]:
    return [comment for comment in pull_request.comments() if comment.startswith("Rolled back")]


def with_a_push_after(api: Repository, path: str = "by-hand.txt", content: str = "by hand") -> None:
    """Erin pushes as soon as something has landed, once."""
    hook = api.directory / "hooks" / "post-receive"
    hook.write_text(
        "#!/bin/sh\n"
        "test -e pushed && exit 0\ntouch pushed\n"
        f"printf '{content}\\n' > by-hand\n"
        "export GIT_INDEX_FILE=by-hand-index GIT_AUTHOR_NAME=Erin GIT_AUTHOR_EMAIL=erin@example.org\n"
        "export GIT_COMMITTER_NAME=Erin GIT_COMMITTER_EMAIL=erin@example.org\n"
        "git read-tree refs/heads/main\n"
        f"git update-index --add --cacheinfo 100644,$(git hash-object -w by-hand),{path}\n"
        "commit=$(git commit-tree -m 'By hand' -p refs/heads/main $(git write-tree))\n"
        "git update-ref refs/heads/main $commit\n"
    )
    hook.chmod(0o755)


@pytest.mark.parametrize("method", mostly_long(["merge", "squash", "rebase"]))
def test_a_landing_that_fails_afterwards_is_taken_back_and_told_once(hub: Hub, api: Repository, method: str) -> None:
    lands(hub, api, method=method)
    before, bad = api.tip(), smoking(api)

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(bad) == ["failed: rolled-back"]
    assert run.pull_request(bad)["reasons"][0]["actor"] == "alice"
    assert api.tree() == api.tree(before or "")
    assert api.contains(before or "")
    assert after_landing(run) == [([bad.number], "failed"), ([bad.number], "failed")]
    assert alerts(hub) == ["post-landing-failed"]
    assert len(incidents(hub, "gate smoke failed with exit status 1")) == 1
    assert len(rolled_back_comments(bad)) == 1
    assert again.gate_runs() == []
    assert hub.traces() == kept


@pytest.mark.parametrize("method", mostly_long(["rebase", "merge", "squash"]))
def test_a_batch_is_taken_back_as_a_whole_and_what_needs_it_is_held(hub: Hub, api: Repository, method: str) -> None:
    lands(hub, api, method=method, max_prs_per_batch=2)
    before = api.tip()
    good, bad = api.pull_request("good"), smoking(api)
    needing = api.pull_request("needing", depends_on=[f"#{good.number}"])
    other = api.pull_request("other")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(good, bad, other) == ["failed: rolled-back", "failed: rolled-back", "merged"]
    assert run.told(needing) == again.told(needing) == ["held: dependency-rolled-back"]
    assert api.files() == {**api.files(before or ""), "other.txt": "other\n"}
    assert [len(rolled_back_comments(each)) for each in (good, bad, other)] == [1, 1, 0]
    assert hub.traces() == kept


def test_what_is_left_is_not_gated_again_where_it_is_known_to_be_green(hub: Hub, api: Repository) -> None:
    lands(hub, api)
    first = api.pull_request("first")
    hub.run()
    bad = smoking(api)

    run = hub.run()

    assert run.told(bad) == ["failed: rolled-back"]
    assert [row["phase"] for row in run.gate_runs()] == ["gate", "post-landing", "post-landing"]
    assert [event["data"]["proof"] for event in hub.events_of("rollback.intent")] == ["recorded"]
    assert first.state == "merged"


def test_a_team_that_does_not_roll_back_is_told_how_to_do_it_by_hand(hub: Hub, api: Repository) -> None:
    lands(hub, api, rollback=False)
    bad = smoking(api)

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(bad) == ["merged"]
    assert "smoking" in api.files()
    assert len(incidents(hub, f"git revert --no-edit -m 1 {api.tip()}")) == 1
    assert hub.traces() == kept


def test_a_gate_that_passes_when_it_is_asked_again_takes_nothing_back(
    hub: Hub, api: Repository, tmp_path: Path
) -> None:
    marker = tmp_path / "asked"
    lands(hub, api, gate={"name": "smoke", "command": f"test -e {marker} || ! touch {marker}"})
    good = api.pull_request("good")

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(good) == ["merged"]
    assert after_landing(run) == [([good.number], "failed"), ([good.number], "passed")]
    assert alerts(hub) == ["post-landing-unreliable"]
    assert len(incidents(hub, "passed when asked again")) == 1
    assert hub.traces() == kept


def test_a_gate_that_comes_to_no_answer_takes_nothing_back_and_is_asked_until_something_lands(
    hub: Hub, api: Repository
) -> None:
    lands(hub, api, gate={"name": "smoke", "command": "exit 75"})
    good = api.pull_request("good")

    run = hub.run()
    kept = hub.traces()
    again = hub.run()

    assert run.told(good) == ["merged"]
    assert alerts(hub) == ["post-landing-errored"]
    assert after_landing(again) == [([good.number], "errored")]
    assert hub.traces() == kept


def test_what_somebody_took_off_the_branch_is_not_asked_about_any_more(hub: Hub, api: Repository) -> None:
    lands(hub, api, gate={"name": "smoke", "command": "exit 75"})
    before, _ = api.tip(), api.pull_request("good")
    hub.run()
    api.point("main", before or "")

    run = hub.run()

    assert run.problems == ()
    assert run.gate_runs() == []


def test_what_a_person_pushed_on_top_is_kept(hub: Hub, api: Repository) -> None:
    lands(hub, api, gate={"name": "smoke", "command": "test ! -e smoking"})
    bad = smoking(api)
    with_a_push_after(api)

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(bad) == ["failed: rolled-back"]
    assert api.files() == {"README.md": "api\n", "by-hand.txt": "by hand\n"}
    assert hub.traces() == kept


def test_what_was_built_on_it_is_a_conflict_and_nothing_is_pushed(hub: Hub, api: Repository) -> None:
    lands(hub, api)
    bad = smoking(api)
    with_a_push_after(api, "smoking", "differently")

    run = hub.run()
    tip, kept = api.tip(), hub.traces()
    again = hub.run()

    assert run.told(bad) == ["merged"]
    assert "smoking" in api.files()
    assert alerts(hub) == ["post-landing-failed", "rollback-failed"]
    assert len(incidents(hub, "conflicts with what landed later, in smoking")) == 1
    assert (api.tip(), hub.traces()) == (tip, kept)
    assert again.gate_runs() == []


def test_what_a_person_took_back_by_hand_is_seen(hub: Hub, api: Repository) -> None:
    lands(hub, api)
    bad = smoking(api)
    with_a_push_after(api, "smoking", "differently")
    hub.run()
    tip = api.commit("main", {"smoking": None, "bad.txt": None}, by="erin")

    hub.run()
    kept = hub.traces()
    hub.run()

    assert api.tip() == tip
    assert len(hub.events_of("rollback.completed")) == 1
    assert len(rolled_back_comments(bad)) == 1
    assert hub.traces() == kept


def test_a_rollback_onto_something_red_is_not_made(hub: Hub, api: Repository) -> None:
    api.commit("main", {"broken": "yes\n"})
    lands(hub, api)
    mending = api.pull_request("mending", {"broken": None, "smoking": "yes\n"})

    run = hub.run()
    tip, kept = api.tip(), hub.traces()
    again = hub.run()

    assert run.told(mending) == ["merged"]
    assert alerts(hub) == ["post-landing-failed", "rollback-failed"]
    assert len(incidents(hub, "would not be green without it: tests failed")) == 1
    assert (api.tip(), hub.traces()) == (tip, kept)
    assert again.gate_runs() == []


def test_a_merge_of_something_else_by_the_code_host_is_taken_back(hub: Hub, api: Repository) -> None:
    lands(hub, api, landing="api")
    first, second = api.pull_request("first"), api.pull_request("second")

    with between(hub) as host:
        host.before = lambda method, path: (
            api.commit("main", {"slipped-in.txt": "unseen\n"}, by="erin")
            if method == "PUT" and f"/repositories/{api.identifier}/pulls/{first.number}/merge" in path
            else None
        )
        run = hub.run()
    after = hub.run()
    kept = hub.traces()
    hub.run()

    assert (run.error(api) or {})["code"] == "landed-tree-differs"
    assert after.told(second) == ["merged"]
    assert api.files() == {"README.md": "api\n", "slipped-in.txt": "unseen\n", "second.txt": "second\n"}
    assert len(rolled_back_comments(first)) == 1
    assert hub.traces() == kept


def test_where_the_branch_takes_no_push_people_are_told_what_to_type(hub: Hub, api: Repository) -> None:
    lands(hub, api, landing="api")
    bad = smoking(api)
    hook = api.directory / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(bad) == ["merged"]
    assert alerts(hub) == ["post-landing-failed", "rollback-failed"]
    assert len(incidents(hub, f"git revert --no-edit -m 1 {api.tip()}")) == 1
    assert len(incidents(hub, "main is protected")) == 1
    assert hub.traces() == kept


def test_what_needs_something_of_another_repository_that_was_rolled_back_is_held(hub: Hub, api: Repository) -> None:
    web = hub.organization.repository("web")
    policies = {"rollback_on_gate_failure": True}
    hub.config.team("team-a", api, web, policies=policies, gates=(NOT_BROKEN,), post_landing=[SMOKE])
    bad = smoking(api)
    needing = web.pull_request("needing", depends_on=[str(bad)])
    hub.run()

    again = hub.run()

    assert bad.state == "merged"
    assert again.told(needing) == ["held: dependency-rolled-back"]
