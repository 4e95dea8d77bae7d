"""Git over HTTP fails in every way that a network has: its repository is told so, the others land, a rerun heals."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from deployments.sandbox.process import Sandbox
from tests.flows.conftest import hub_in
from tests.flows.hub import Hub
from tests.flows.proxy import between
from tests.flows.world import Repository, World

UNREACHABLE, REJECTED = "git-unreachable", "credentials-rejected"
# By repository: the path that fails, how, and what is told of it.
FAULTS: Mapping[str, tuple[str, Mapping[str, object], str]] = {
    "answers-500": ("info/refs", {"status": 500}, UNREACHABLE),
    "answers-401": ("git-upload-pack", {"status": 401}, REJECTED),
    "hangs-up": ("git-upload-pack", {"drop": True}, UNREACHABLE),
    "push-answers-503": ("git-receive-pack", {"status": 503}, UNREACHABLE),
    "push-answers-403": ("git-receive-pack", {"status": 403}, REJECTED),
    "push-hangs-up": ("git-receive-pack", {"drop": True}, UNREACHABLE),
}
EVERYBODY_KNOWN: dict[str, object] = {
    "apiVersion": "merge-hub/v1",
    "kind": "Policy",
    "metadata": {"name": "people", "owner": "us"},
    "rules": [
        {
            "id": "PEOPLE-001",
            "title": "Everybody is known",
            "check": "approvals",
            "severity": "high",
            "with": {"everybody_known": True},
        }
    ],
}


@pytest.fixture(scope="module")
def http_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    data = tmp_path_factory.mktemp("sandbox-http")
    with Sandbox(data=data, object_store=False, smart_http=True) as sandbox:
        yield World(sandbox, data)


@pytest.fixture
def hub(http_world: World, tmp_path: Path, prefect_environment: dict[str, str]) -> Iterator[Hub]:
    yield hub_in(http_world, tmp_path, prefect_environment)
    http_world.recovers()


def told(hub: Hub, repositories: dict[str, Repository]) -> dict[str, str]:
    """By repository: the code of the error, or `ok`; each error has a message and a remedy."""
    run = hub.run()
    errors = {name: run.error(repository) for name, repository in repositories.items()}
    assert all(error["message"] and error["remedy"] for error in errors.values() if error)
    assert len(run.problems) == sum(1 for error in errors.values() if error)
    return {name: error["code"] if error else "ok" for name, error in errors.items()}


def test_a_git_that_fails_over_http_fails_its_repository_and_heals(hub: Hub) -> None:
    names = [*FAULTS, "cut-in-the-pack", "fine"]
    repositories = {name: hub.organization.repository(name) for name in names}
    hub.config.team("team-a", *repositories.values())
    topics = [repository.pull_request("topic", {"big.txt": "big\n" * 5000}) for repository in repositories.values()]
    tips = {name: repositories[name].tip() for name in names}
    for name, (path, fault, _) in FAULTS.items():
        hub.organization.world.fails(None, f"*/{name}.git/{path}", times=-1, **fault)

    with between(hub, "MERGE_HUB_GIT_URL") as git:
        git.cut = lambda method, path: method == "POST" and path.endswith("/cut-in-the-pack.git/git-upload-pack")
        codes = told(hub, repositories)
    untouched = [name for name in names if repositories[name].tip() == tips[name]]
    hub.organization.world.recovers()
    after = told(hub, repositories)

    expected = {name: code for name, (_, _, code) in FAULTS.items()}
    assert codes == {**expected, "cut-in-the-pack": UNREACHABLE, "fine": "ok"}
    assert untouched == names[:-1]
    assert set(after.values()) == {"ok"}
    assert {topic.state for topic in topics} == {"merged"}
    assert len(hub.events_of("merge.completed")) == len(names)


def test_who_pushed_the_head_last_cannot_approve_it_whoever_wrote_it(hub: Hub) -> None:
    api = hub.organization.repository("pushed")
    hub.config.team("team-a", api)
    hub.config.policies = [EVERYBODY_KNOWN]
    pulls = [api.pull_request(branch, approved_by=[]) for branch in ("by-alice", "by-bob")]
    unknown = api.pull_request("by-nobody-knows-whom")
    for pull, pusher in zip(pulls, ("alice", "bob"), strict=True):
        written = api.commit(f"{pull.branch}-next", {f"{pull.branch}.txt": "more\n"}, onto=pull.branch)
        address = hub.environment["MERGE_HUB_GIT_URL"].format(repository=api.full_name)
        api.git(
            "push", "--quiet", address.replace("://", f"://x:sandbox-{pusher}@"), f"{written}:refs/heads/{pull.branch}"
        )
        pull.approve("bob")

    run = hub.run()

    assert run.told(*pulls, unknown) == [
        "merged",
        "held: approvals-missing approval-not-independent",
        "held: commits-unknown",
    ]
    assert f"bob approved, but pushed {pulls[1].head[:7]} to it" in run.messages(pulls[1])
