"""Who is in a team."""

import pytest

from tasks.adapters.github import GitHubCodeHost
from tests.adapters.github.world import World


@pytest.fixture(autouse=True)
def teams(world: World) -> None:
    world.tell(
        orgs=["acme", "partner"],
        teams={"acme/platform": ["alice", "Bob"], "partner/design": ["carol"], "acme/empty": []},
    )
    world.forget_requests()


def test_each_spelling_of_a_team_has_its_members(code_host: GitHubCodeHost, world: World) -> None:
    names = ["platform", "acme/platform", "@acme/platform", "@Acme/Platform", "partner/design", "@partner/design"]

    found = code_host.groups("acme", names)

    ours, theirs = {"alice", "bob"}, {"carol"}
    assert found == dict(zip(names, [ours, ours, ours, ours, theirs, theirs], strict=True))
    assert len(world.requests()) == 1


@pytest.mark.parametrize(
    "name", ["alice", "acme/nobody", "@acme/nobody", "design", "alice/platform", "nowhere/platform", "acme"]
)
def test_a_name_that_is_no_team_is_absent(code_host: GitHubCodeHost, name: str) -> None:
    assert set(code_host.groups("acme", [name, "platform"])) == {"platform"}


@pytest.mark.parametrize("name", ["", "@", "/", "@alice", "acme/", "/platform", "@/platform", "a/b/c"])
def test_a_name_that_can_be_no_team_is_absent_and_never_asked_for(
    code_host: GitHubCodeHost, world: World, name: str
) -> None:
    assert code_host.groups("acme", [name]) == {}
    assert world.requests() == []


def test_an_empty_team_is_a_team(code_host: GitHubCodeHost) -> None:
    assert code_host.groups("acme", ["empty"]) == {"empty": frozenset()}


def test_a_user_who_is_no_organization_has_no_teams(code_host: GitHubCodeHost) -> None:
    assert code_host.groups("alice", ["platform"]) == {}


def test_a_team_of_more_than_two_hundred_is_read_to_its_end(code_host: GitHubCodeHost, world: World) -> None:
    everybody = [f"person-{place}" for place in range(230)]
    world.tell(teams={"acme/everybody": everybody, "acme/platform": ["alice"]})
    world.forget_requests()

    found = code_host.groups("acme", ["everybody", "platform"])

    assert found == {"everybody": set(everybody), "platform": {"alice", "bob"}}
    assert len(world.requests()) == 3
