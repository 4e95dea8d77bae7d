"""The world fails: one repository is told with a code and a remedy, the others go on, and nothing lands unproven."""

from typing import Any

import pytest

from tasks.domain.errors import AuditLogError
from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long
from tests.flows.world import Repository

FAULTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "unauthorized": ({"status": 401}, {"credentials-rejected"}),
    "primary limit": ({"rate_limit": {"kind": "primary", "reset_in": 1800}}, {"rate-limited"}),
    "secondary limit": ({"rate_limit": {"kind": "secondary", "retry_after": 60}}, {"rate-limited"}),
    "server error": ({"status": 502}, {"code-host-unreachable"}),
    "dropped": ({"drop": True}, {"code-host-unreachable"}),
    "not understood": ({"status": 200, "body": {"hello": "world"}}, {"code-host-refused"}),
}


@pytest.fixture
def api(hub: Hub) -> Repository:
    repository = hub.organization.repository("api")
    hub.config.team("team-a", repository)
    return repository


@pytest.fixture
def by_host(hub: Hub, api: Repository) -> Repository:
    """Every call that the hub can make is made: reading, merging, squashing, closing, a reviewing team."""
    hub.organization.team("security", "bob")
    hub.config.team(
        "team-a",
        api,
        filters={"required_reviewers": [f"{hub.organization.login}/security"]},
        policies={"landing": "api"},
    )
    return api


def calls_of(hub: Hub) -> list[tuple[str, str]]:
    """What the hub asks the code host in an undisturbed run, each call once."""
    hub.organization.world.forget_requests()
    hub.run()
    asked = hub.organization.world.requests()
    return list(dict.fromkeys((each["method"], each["path"]) for each in asked if "/_sandbox" not in each["path"]))


@pytest.mark.parametrize("kind", FAULTS)
def test_a_failing_code_host_fails_with_a_code_and_a_remedy_and_lands_nothing(
    hub: Hub, api: Repository, kind: str
) -> None:
    topic = api.pull_request("topic")
    fault, codes = FAULTS[kind]
    hub.organization.world.fails("POST", "*graphql", times=-1, **fault)

    run = hub.run()
    kept = len(hub.events()), len(hub.organization.posts())
    again = hub.run()
    hub.organization.world.recovers()

    error = run.error(api)
    assert error is not None
    assert {error["code"]} == codes
    assert error["message"]
    assert error["remedy"]
    assert run.repository(api)["status"] == "failed"
    assert run.repository(api)["pull_requests"] == []
    assert len(run.problems) == 1
    assert again.error(api) is not None
    assert (len(hub.events()), len(hub.organization.posts())) == kept
    assert hub.run().told(topic) == ["merged"]


def test_a_limit_says_until_when(hub: Hub, api: Repository) -> None:
    hub.organization.world.fails("POST", "*graphql", times=-1, rate_limit={"kind": "primary", "reset_in": 1800})

    error = hub.run().error(api)

    assert error is not None
    assert any(character.isdigit() for character in error["message"])


@pytest.mark.parametrize("kind", mostly_long(["dropped", "server error"]))
def test_every_call_that_fails_once_is_healed_by_another_try(hub: Hub, by_host: Repository, kind: str) -> None:
    by_host.pull_request("first")
    calls = calls_of(hub)
    outcomes = {}
    for at, (method, path) in enumerate(calls):
        topic = by_host.pull_request(f"topic-{at}")
        path_now = path.replace("/pulls/1/", f"/pulls/{topic.number}/")
        hub.organization.world.fails(method, path_now, times=1, **FAULTS[kind][0])
        hub.run()
        hub.organization.world.recovers()
        hub.run()
        outcomes[method, path] = topic.state

    assert set(outcomes.values()) == {"merged"}
    completed = [event["subject"]["pull_request"] for event in hub.events_of("merge.completed")]
    assert sorted(completed) == sorted(set(completed))
    assert len(completed) == len(calls) + 1


@pytest.mark.parametrize("method", mostly_long(["squash", "merge"]))
def test_a_call_that_always_fails_fails_the_repository_and_heals_when_the_world_does(hub: Hub, method: str) -> None:
    failing, fine = (hub.organization.repository(name) for name in ("failing", "fine"))
    hub.config.team("team-a", failing, fine, policies={"method": method})
    topic, other = failing.pull_request("topic"), fine.pull_request("other")
    failing.directory.rename(failing.directory.with_suffix(".away"))

    run = hub.run()
    failing.directory.with_suffix(".away").rename(failing.directory)
    after = hub.run()

    error = run.error(failing)
    assert error is not None
    assert error["remedy"]
    assert run.told(other) == ["merged"]
    assert after.told(topic) == ["merged"]


@pytest.mark.parametrize("kind", mostly_long(FAULTS))
def test_a_code_host_that_takes_no_merge_fails_the_repository_and_the_next_run_lands(
    hub: Hub, api: Repository, kind: str
) -> None:
    hub.config.team("team-a", api, policies={"landing": "api"})
    topic = api.pull_request("topic")
    hub.organization.world.fails("PUT", f"*/repositories/{api.identifier}/*", times=-1, **FAULTS[kind][0])

    run = hub.run()
    hub.organization.world.recovers()
    after = hub.run()

    error = run.error(api)
    assert error is not None
    assert {error["code"]} == FAULTS[kind][1]
    assert run.told(topic) == ["failed: repository-failed"]
    assert after.told(topic) == ["merged"]
    assert len(hub.events_of("merge.completed")) == 1


def test_what_landed_before_its_repository_failed_is_told_as_merged_and_what_was_decided_as_decided(
    hub: Hub, api: Repository
) -> None:
    hub.config.team("team-a", api, policies={"landing": "api"})
    first, second, third = (api.pull_request(branch) for branch in ("first", "second", "third"))
    draft = api.pull_request("draft", draft=True)
    hub.organization.world.fails("PUT", f"*/pulls/{second.number}/merge", times=-1, status=502)

    run = hub.run()
    hub.organization.world.recovers()
    after = hub.run()

    assert run.told(first, second, third, draft) == [
        "merged",
        "failed: repository-failed",
        "failed: repository-failed",
        "held: draft",
    ]
    repository = run.repository(api)
    assert (repository["status"], repository["base_after"] != repository["base_before"]) == ("failed", True)
    assert [row["pull_requests"] for row in repository["gate_runs"]] == [[first.number]]
    assert after.told(second, third, draft) == ["merged", "merged", "held: draft"]


@pytest.mark.parametrize("kind", mostly_long(["dropped", "server error", "unauthorized"]))
def test_a_landing_that_cannot_be_told_to_the_code_host_is_told_to_it_by_the_next_run(
    hub: Hub, api: Repository, kind: str
) -> None:
    hub.config.team("team-a", api, policies={"method": "squash"})
    topic = api.pull_request("topic")
    hub.organization.world.fails("PATCH", f"*/repositories/{api.identifier}/pulls/*", times=-1, **FAULTS[kind][0])

    run = hub.run()
    hub.organization.world.recovers()
    after = hub.run()

    assert run.error(api) is not None
    assert run.told(topic) == ["merged"]
    assert after.told(topic) == ["merged"]
    assert topic.state == "closed"
    assert len(topic.comments()) == 1
    assert len(hub.events_of("merge.completed")) == 1


def test_a_repository_that_does_not_exist_stops_no_other(hub: Hub) -> None:
    fine = hub.organization.repository("fine")
    missing = f"{hub.organization.login}/missing"
    hub.config.team("team-a", missing, fine)
    other = fine.pull_request("other")

    run = hub.run()

    failed = next(each for each in run.document["teams"][0]["repositories"] if each["repository"] == missing)
    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "repository-missing"
    assert failed["error"]["remedy"]
    assert run.told(other) == ["merged"]
    assert "#incidents" in [post["channel"] for post in hub.organization.posts()]


def test_a_target_branch_that_does_not_exist_is_the_worlds_failure(hub: Hub, api: Repository) -> None:
    hub.config.team("team-a", api, target="release")
    api.pull_request("topic")

    error = hub.run().error(api)

    assert error is not None
    assert error["code"] == "repository-missing"


def test_nothing_lands_where_evidence_cannot_be_written(hub: Hub, api: Repository) -> None:
    topic, base = api.pull_request("topic"), api.tip()
    hub.home.mkdir(parents=True)
    (hub.home / "evidence").write_text("a file where the store would be")

    run = hub.run()

    error = run.error(api)
    assert error is not None
    assert error["code"].startswith("evidence")
    assert error["remedy"]
    assert len(run.problems) == 2
    assert (api.tip(), topic.state) == (base, "open")
    assert hub.events_of("merge.intent") == []


def test_nothing_lands_where_the_audit_log_takes_nothing(hub: Hub, api: Repository) -> None:
    topic, base = api.pull_request("topic"), api.tip()
    hub.home.mkdir(parents=True)
    (hub.home / "audit.db").write_bytes(b"this is no database, and never was one" * 100)

    with pytest.raises(AuditLogError, match="is not a database"):
        hub.run()

    assert (api.tip(), topic.state) == (base, "open")


def test_a_disk_that_takes_no_gate_output_blames_nobody(hub: Hub, api: Repository) -> None:
    topic = api.pull_request("topic")
    hub.home.mkdir(parents=True)
    (hub.home / "work").write_text("a file where the checkouts would be")

    run = hub.run()
    (hub.home / "work").unlink()

    error = run.error(api)
    assert error is not None
    assert error["code"] == "gate-output-unwritable"
    assert error["remedy"]
    assert hub.run().told(topic) == ["merged"]


def test_a_chat_that_is_down_undoes_nothing_and_is_told_later(hub: Hub, api: Repository) -> None:
    topic = api.pull_request("topic")
    hub.organization.world.ask("POST", "/_sandbox/slack/script", [{"status": 500}] * 6)

    run = hub.run()
    before = len(hub.organization.posts())
    hub.run()

    assert run.told(topic) == ["merged"]
    assert len(run.problems) == 2
    assert before == 0
    assert [post["channel"] for post in hub.organization.posts()] == ["#deployments", "#audit"]


def test_the_one_that_fails_is_told_of_at_once_and_not_again(hub: Hub, api: Repository) -> None:
    api.pull_request("topic")
    api.directory.rename(api.directory.with_suffix(".away"))

    hub.run()
    told = len(hub.organization.posts()), len(hub.organization.mails())
    hub.run()
    hub.run()
    api.directory.with_suffix(".away").rename(api.directory)

    assert (len(hub.organization.posts()), len(hub.organization.mails())) == told
    assert told[0] > 0
