"""What bodies refer to, in this repository and in others."""

import pytest

from config.schema import MergeMethod
from tasks.adapters.github import GitHubCodeHost
from tasks.domain.merging import Change
from tasks.domain.model import Reference, RelatedState, RepositoryName
from tests.adapters.github.world import Repository, World


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def to(repository: Repository, number: int) -> Reference:
    return Reference(repository.name, number)


def test_each_reference_has_its_state(code_host: GitHubCodeHost, repository: Repository, world: World) -> None:
    still, closed, merged = (repository.open(branch) for branch in ("still", "closed", "merged"))
    repository.close(closed)
    change = Change(merged, repository.tip("merged"), "merged", "title", None)
    code_host.merge(repository.name, repository.identifier, change, MergeMethod.SQUASH, "Land it")
    issue = int(repository.rest("POST", "/issues", {"title": "An issue"})["number"])
    world.forget_requests()

    found = code_host.related([to(repository, number) for number in (still, closed, merged, issue, 99)])

    assert found == {
        to(repository, still): RelatedState.OPEN,
        to(repository, closed): RelatedState.CLOSED,
        to(repository, merged): RelatedState.MERGED,
        to(repository, issue): RelatedState.ISSUE,
        to(repository, 99): RelatedState.MISSING,
    }
    assert len(world.requests()) == 1


def test_a_repository_that_cannot_be_seen_spoils_no_other(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    other = world.repository()
    here, there = to(repository, repository.open()), to(other, other.open())
    nowhere = Reference(RepositoryName("acme/nowhere"), 1)
    world.forget_requests()

    found = code_host.related([here, nowhere, there])

    expected = {here: RelatedState.OPEN, nowhere: RelatedState.MISSING, there: RelatedState.OPEN}
    assert found == expected
    assert len(world.requests()) == 1


def test_the_bodies_of_open_pull_requests_are_told_and_of_nothing_else(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    still, closed = (repository.open(branch) for branch in ("still", "closed"))
    repository.rest("PATCH", f"/pulls/{still}", {"body": "Depends-on: #2"})
    repository.close(closed)
    issue = int(repository.rest("POST", "/issues", {"title": "An issue", "body": "text"})["number"])
    nowhere = Reference(RepositoryName("acme/nowhere"), 1)
    world.forget_requests()

    found = code_host.bodies([*(to(repository, number) for number in (still, closed, issue, 99)), nowhere])

    assert found == {to(repository, still): "Depends-on: #2"}
    assert len(world.requests()) == 1


def test_a_renamed_repository_is_found_under_its_old_name(code_host: GitHubCodeHost, repository: Repository) -> None:
    reference = to(repository, repository.open())
    repository.rename("renamed-and-referred-to")

    assert code_host.related([reference]) == {reference: RelatedState.OPEN}


@pytest.mark.parametrize(
    ("repository", "number"),
    [
        ("acme/api", 0),
        ("acme/api", -1),
        ("acme/api", 2**31),
        ("acme/api", 10**40),
        ("acme", 1),
        ("acme/api/pull", 1),
        ("/", 1),
        ("acme/..", 1),
    ],
)
def test_what_cannot_exist_is_missing_and_never_asked_for(
    code_host: GitHubCodeHost, world: World, repository: str, number: int
) -> None:
    reference = Reference(RepositoryName(repository), number)

    assert code_host.related([reference]) == {reference: RelatedState.MISSING}
    assert world.requests() == []


def test_a_hostile_name_is_only_a_name(code_host: GitHubCodeHost, world: World) -> None:
    reference = Reference(RepositoryName('acme/x") { id } viewer { login '), 1)

    assert code_host.related([reference]) == {reference: RelatedState.MISSING}


def test_a_hundred_and_fifty_references_are_two_requests(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.forget_requests()

    found = code_host.related(to(repository, number) for number in range(1, 151))

    assert set(found.values()) == {RelatedState.MISSING}
    assert len(world.requests()) == 2


def test_no_references_are_no_request(code_host: GitHubCodeHost, world: World) -> None:
    assert code_host.related([]) == {}
    assert world.requests() == []
