"""What has become of named pull requests."""

import pytest

from config.schema import MergeMethod
from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import RepositoryMissing
from tasks.domain.merging import Change
from tests.adapters.github.world import Repository, World, Written

GRAPHQL = "/api/graphql"


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def test_pull_requests_are_in_the_order_asked_for(code_host: GitHubCodeHost, repository: Repository) -> None:
    one, two, three = (repository.open(branch) for branch in ("one", "two", "three"))

    found = code_host.reread(repository.name, repository.identifier, [three, one, two, one])

    assert [pull_request.number for pull_request in found] == [three, one, two, one]


def test_a_pull_request_reads_as_in_the_snapshot(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    repository.label(number, "retry")
    repository.review(number, "bob")

    found = code_host.reread(repository.name, repository.identifier, [number])

    assert found == code_host.snapshot(repository.name, "main").pull_requests


def test_closed_and_merged_ones_are_no_longer_open(code_host: GitHubCodeHost, repository: Repository) -> None:
    still, closed, merged = (repository.open(branch) for branch in ("still", "closed", "merged"))
    repository.close(closed)
    change = Change(merged, repository.tip("merged"), "merged", "title", None)
    code_host.merge(repository.name, repository.identifier, change, MergeMethod.SQUASH, "Land it")

    found = code_host.reread(repository.name, repository.identifier, [still, closed, merged])

    assert [one.open for one in found] == [True, False, False]


def test_a_head_that_moved_is_the_new_one(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    repository.push({"topic": [Written()]})

    assert code_host.reread(repository.name, repository.identifier, [number])[0].head == repository.tip("topic")


def test_fifty_one_pull_requests_are_two_requests(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    branches = [f"topic-{place}" for place in range(51)]
    repository.push({branch: [Written(files={branch: branch})] for branch in branches})
    numbers = [repository.open(branch) for branch in branches]
    world.forget_requests()

    found = code_host.reread(repository.name, repository.identifier, numbers)

    assert [one.number for one in found] == numbers
    assert world.requests() == [("POST", GRAPHQL)] * 2


def test_a_long_list_is_one_more_request(code_host: GitHubCodeHost, repository: Repository, world: World) -> None:
    repository.push({"topic": [Written(files={"one": str(n)}) for n in range(40)]})
    number = repository.open()
    world.forget_requests()

    found = code_host.reread(repository.name, repository.identifier, [number])

    assert len(found[0].commits) == 40
    assert world.requests() == [("POST", GRAPHQL)] * 2


def test_nothing_is_asked_for_nothing(code_host: GitHubCodeHost, repository: Repository, world: World) -> None:
    world.forget_requests()

    assert code_host.reread(repository.name, repository.identifier, []) == ()
    assert world.requests() == []


@pytest.mark.parametrize("number", [99, 0, -1, 2**31])
def test_a_number_that_is_no_pull_request_is_missing(
    code_host: GitHubCodeHost, repository: Repository, number: int
) -> None:
    with pytest.raises(RepositoryMissing):
        code_host.reread(repository.name, repository.identifier, [repository.open(), number])
