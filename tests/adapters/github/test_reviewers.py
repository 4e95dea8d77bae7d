"""What decides whether an approval is worth anything: who pushed the head, and who is asked to review."""

import pytest

from tasks.adapters.github import GitHubCodeHost, pushers
from tasks.domain.errors import CodeHostRefused
from tasks.domain.model import Asked, Login, PullRequest, RepositoryName
from tests.adapters.github.nodes import HEAD, named, page, pull_request, review
from tests.adapters.github.scripted import Answer, Scripted
from tests.adapters.github.world import HUB, Repository, World, Written

API = RepositoryName("acme/api")


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def only(code_host: GitHubCodeHost, repository: Repository) -> PullRequest:
    (found,) = code_host.snapshot(repository.name, "main").pull_requests
    return found


def people(*names: str) -> frozenset[Login]:
    return frozenset(Login(name) for name in names)


def write(repository: Repository, branch: str, *, by: str) -> None:
    """Through the code host, which knows who it was."""
    content = {"message": "Add a file", "content": "eA==", "branch": branch}
    repository.rest("PUT", f"/contents/by-{by}.txt", content, login=by)


def test_who_moved_the_branch_to_its_head_is_known_where_the_code_host_saw_it(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    number = repository.open()
    write(repository, "topic", by="carol")
    repository.review(number, "bob")

    assert only(code_host, repository).last_pusher == "carol"


def test_each_head_has_its_own_pusher_and_all_are_told_in_one_request(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    for branch, by in (("one", "alice"), ("two", "carol"), ("three", "alice")):
        number = repository.open(branch)
        write(repository, branch, by=by)
        repository.review(number, "bob")
    world.forget_requests()

    found = code_host.snapshot(repository.name, "main").pull_requests

    assert [one.last_pusher for one in found] == ["alice", "carol", "alice"]
    assert [method for method, _ in world.requests()] == ["POST", "GET"]


def test_who_pushed_many_heads_is_told_by_the_page_and_once_known_by_one_page_more(
    code_host: GitHubCodeHost, repository: Repository, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushers, "A_PAGE", 2)
    branches = [f"topic-{number}" for number in range(4)]
    repository.push({branch: [Written(files={branch: branch})] for branch in branches})
    for branch in branches:
        write(repository, branch, by="carol")
    numbers = [repository.open(branch) for branch in branches]
    for number in numbers:
        repository.review(number, "bob")
    world.forget_requests()

    found = code_host.snapshot(repository.name, "main").pull_requests
    read = [method for method, _ in world.requests()]
    world.forget_requests()
    write(repository, "topic-1", by="bob")
    again = code_host.reread(repository.name, repository.identifier, numbers[:3])

    assert {one.last_pusher for one in found} == {"carol"}
    assert read.count("GET") == 2
    assert [one.last_pusher for one in again] == ["carol", "bob", "carol"]
    assert [path for method, path in world.requests() if method == "GET"] == [
        f"/api/v3/repos/{repository.name}/activity"
    ]


def test_a_push_by_nobody_knows_whom_takes_the_place_of_the_one_before(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    number = repository.open()
    before = only(code_host, repository).head
    write(repository, "topic", by="carol")
    repository.rest("PATCH", "/git/refs/heads/topic", {"sha": before, "force": True}, login="bob")
    repository.review(number, "bob")

    assert only(code_host, repository).last_pusher == "bob"


def test_nobody_is_asked_who_pushed_what_nobody_has_approved(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    repository.open()
    world.forget_requests()

    assert only(code_host, repository).last_pusher is None
    assert [method for method, _ in world.requests()] == ["POST"]


def test_a_code_host_that_keeps_no_activity_knows_no_pusher(
    scripted_code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    approved = pull_request(reviews=page(review()), headRepository={"nameWithOwner": "acme/api"})
    scripted.says(Answer(body=named(approved)), Answer(404, {"message": "Not Found"}))

    assert scripted_code_host.reread(API, "1", [1])[0].last_pusher is None


@pytest.mark.parametrize(
    "activity",
    [
        pytest.param(
            {"id": 1, "ref": "refs/heads/topic", "after": "b" * 40, "actor": {"login": "bob"}}, id="another head"
        ),
        pytest.param(
            {"id": 1, "ref": "refs/heads/other", "after": HEAD, "actor": {"login": "bob"}}, id="another branch"
        ),
        pytest.param({"id": 1, "ref": "refs/heads/topic", "after": HEAD, "actor": None}, id="nobody"),
    ],
)
def test_a_movement_by_nobody_or_of_something_else_names_no_pusher(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, activity: dict[str, object]
) -> None:
    approved = pull_request(reviews=page(review()), headRepository={"nameWithOwner": "acme/api"})
    scripted.says(Answer(body=named(approved)), Answer(body=[{"id": 1, **activity}]))

    assert scripted_code_host.reread(API, "1", [1])[0].last_pusher is None


@pytest.mark.parametrize("answer", [{}, [{"ref": "refs/heads/topic"}], [None], "what?"])
def test_activity_that_cannot_be_understood_is_refused(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, answer: object
) -> None:
    approved = pull_request(reviews=page(review()), headRepository={"nameWithOwner": "acme/api"})
    scripted.says(Answer(body=named(approved)), Answer(body=answer))

    with pytest.raises(CodeHostRefused, match="the activity of acme/api cannot be understood"):
        scripted_code_host.reread(API, "1", [1])


def test_who_is_asked_to_review_is_read_with_the_members_of_teams(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.tell(teams={"acme/reviewers": ["alice", "bob"]})
    number = repository.open()
    repository.review(number, "carol")
    asked = {"reviewers": ["carol"], "team_reviewers": ["reviewers"]}
    repository.rest("POST", f"/pulls/{number}/requested_reviewers", asked)

    assert only(code_host, repository).asked == (
        Asked("carol", people("carol")),
        Asked("acme/reviewers", people("alice", "bob")),
    )


def test_whoever_has_reviewed_is_asked_no_longer_and_neither_is_their_team(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.tell(teams={"acme/reviewers": ["alice", "bob"]})
    number = repository.open()
    asked = {"reviewers": ["bob"], "team_reviewers": ["reviewers"]}
    repository.rest("POST", f"/pulls/{number}/requested_reviewers", asked)

    repository.review(number, "bob")

    assert only(code_host, repository).asked == ()


@pytest.mark.parametrize(
    ("reviewer", "expected"),
    [
        pytest.param(None, Asked("a team that the token may not see", None), id="kept from the token"),
        pytest.param({"__typename": "Mannequin"}, Asked("somebody who is no user", frozenset()), id="no user"),
        pytest.param({"__typename": "User"}, Asked("somebody who is no user", None), id="a user without name"),
        pytest.param({"__typename": "Team"}, Asked("somebody who is no user", None), id="a team without name"),
        pytest.param({"__typename": "Bot", "login": "Robot"}, Asked("Robot", people("robot[bot]")), id="a bot"),
    ],
)
def test_somebody_asked_whom_nobody_can_tell_stays_unknown(
    scripted_code_host: GitHubCodeHost, scripted: Scripted, reviewer: object, expected: Asked
) -> None:
    scripted.says(Answer(body=named(pull_request(asked=page({"requestedReviewer": reviewer})))))

    assert scripted_code_host.reread(API, "1", [1])[0].asked == (expected,)


def test_the_account_of_the_hub_is_told_from_others_by_the_code_host(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    repository.review(number, "bob")
    world.rest("POST", f"/repos/{repository.name}/pulls/{number}/reviews", {"event": "APPROVE"}, login="app")

    found = only(code_host, repository)

    assert HUB == "sandbox-app"
    assert [(one.reviewer, one.by_hub) for one in found.reviews] == [("bob", False), ("merge-hub[bot]", True)]
