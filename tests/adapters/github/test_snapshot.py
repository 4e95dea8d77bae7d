"""What is open in a repository, read whole and with few requests."""

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostRefused, CodeHostUnreachable, RateLimited, RepositoryMissing
from tasks.domain.model import PullRequest, RepositoryName, ReviewState
from tests.adapters.github.world import Repository, World, Written

GRAPHQL = "/api/graphql"


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def only(code_host: GitHubCodeHost, repository: Repository) -> PullRequest:
    (found,) = code_host.snapshot(repository.name, "main").pull_requests
    return found


def test_a_snapshot_names_the_repository_and_the_tip_of_its_target(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    snapshot = code_host.snapshot(repository.name, "main")

    identifier = str(repository.rest("GET", "")["id"])
    found = (snapshot.repository, snapshot.repository_id, snapshot.target, snapshot.base)
    assert found == (repository.name, identifier, "main", repository.tip("main"))


def test_a_repository_without_pull_requests_has_none(code_host: GitHubCodeHost, repository: Repository) -> None:
    assert code_host.snapshot(repository.name, "main").pull_requests == ()


def test_a_pull_request_is_shown_as_it_is(code_host: GitHubCodeHost, repository: Repository) -> None:
    repository.push({"topic": [Written(files={"a.txt": "1"}), Written(files={"src/b.txt": "2"})]})
    number = repository.open(title="Bring «both»", body="Depends-On: #7\r\n", draft=True)
    repository.label(number, "ready", "urgent")

    found = only(code_host, repository)

    shown = repository.rest("GET", f"/pulls/{number}")
    assert (found.number, found.title, found.body) == (number, "Bring «both»", "Depends-On: #7\r\n")
    assert (found.url, found.author) == (shown["html_url"], "alice")
    assert (found.draft, found.open, found.target) == (True, True, "main")
    assert (found.head, found.head_branch) == (repository.tip("topic"), "topic")
    assert (sorted(found.labels), found.retry_requested) == (["ready", "urgent"], None)
    assert ([commit.contributors for commit in found.commits], found.commit_count) == ([("alice",), ("alice",)], 2)
    assert found.commits[-1].sha == found.head
    assert found.created_at.isoformat().replace("+00:00", "Z") == shown["created_at"]


def test_every_open_pull_request_is_there_whatever_its_target(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    repository.push({"release": [Written()]})
    first, closed, other = repository.open("first"), repository.open("closed"), repository.open("other", base="release")
    repository.close(closed)

    found = code_host.snapshot(repository.name, "main").pull_requests

    assert [(one.number, one.target) for one in found] == [(first, "main"), (other, "release")]


def test_a_hundred_and_twenty_pull_requests_are_three_requests(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    branches = [f"topic-{place}" for place in range(120)]
    repository.push({branch: [Written(files={branch: branch})] for branch in branches})
    numbers = [repository.open(branch) for branch in branches]
    world.forget_requests()

    found = code_host.snapshot(repository.name, "main").pull_requests

    assert [one.number for one in found] == numbers
    assert world.requests() == [("POST", GRAPHQL)] * 3


def test_long_lists_of_several_pull_requests_are_one_more_request(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    repository.push({"labels": [Written()], "commits": [Written(files={"one": str(n)}) for n in range(120)]})
    of_commits, of_labels = repository.open("commits"), repository.open("labels")
    repository.label(of_labels, *(f"label-{place}" for place in range(130)))
    world.forget_requests()

    found = {one.number: one for one in code_host.snapshot(repository.name, "main").pull_requests}

    assert world.requests() == [("POST", GRAPHQL)] * 2
    assert (len(found[of_commits].commits), found[of_commits].commit_count) == (120, 120)
    assert len(found[of_labels].labels) == 130


def test_an_approval_behind_a_hundred_reviews_is_read(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    for _ in range(104):
        repository.review(number, "bob", "COMMENT")
    repository.review(number, "carol")
    world.forget_requests()

    found = only(code_host, repository)

    assert (len(found.reviews), found.reviews[-1].reviewer) == (105, "carol")
    assert [method for method, _ in world.requests()] == ["POST", "POST", "GET"]


def test_more_commits_than_the_rest_api_lists_are_read(code_host: GitHubCodeHost, repository: Repository) -> None:
    repository.push({"topic": [Written(files={"one": str(n)}) for n in range(260)]})
    repository.open()

    found = only(code_host, repository)

    assert (len(found.commits), found.commit_count) == (260, 260)


def test_a_review_is_bound_to_the_commit_that_was_reviewed(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    reviewed = repository.tip("topic")
    repository.review(number, "bob")
    repository.push({"topic": [Written()]})
    repository.review(number, "carol", "REQUEST_CHANGES")

    found = only(code_host, repository)

    assert [(one.reviewer, one.state, one.commit) for one in found.reviews] == [
        ("bob", ReviewState.APPROVED, reviewed),
        ("carol", ReviewState.CHANGES_REQUESTED, found.head),
    ]
    assert len({one.identifier for one in found.reviews}) == 2
    assert all(one.submitted_at is not None and one.may_write and not one.by_bot for one in found.reviews)


def test_a_reviewer_who_may_only_read_may_not_write(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.tell(users=[{"login": "visitor", "permissions": {repository.name: "read"}}])
    repository.review(repository.open(), "visitor")

    review = only(code_host, repository).reviews[0]

    assert (review.reviewer, review.may_write) == ("visitor", False)


def test_bots_are_named_so_that_no_user_can_be_taken_for_them(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.tell(users=["renovate[bot]", "approver[bot]", "renovate"])
    number = repository.open(by="renovate[bot]")
    repository.review(number, "approver[bot]")

    found = only(code_host, repository)

    assert found.author == "renovate[bot]"
    assert (found.reviews[0].reviewer, found.reviews[0].by_bot) == ("approver[bot]", True)


def test_whoever_wrote_or_committed_a_commit_has_contributed_to_it(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    together = "Pair on it\n\nCo-authored-by: Bob <bob@example.org>\nCo-authored-by: X <x@elsewhere.example>\n"
    repository.push(
        {
            "topic": [
                Written(author="alice", message=together),
                Written(author="Alice <alice@elsewhere.example>", committer="carol"),
                Written(author="bob", committer="GitHub <noreply@github.com>"),
            ]
        }
    )
    repository.open()

    found = only(code_host, repository)

    assert [set(commit.contributors) for commit in found.commits] == [{"alice", "bob", None}, {None, "carol"}, {"bob"}]


def test_a_retry_is_another_one_each_time_it_is_asked_for(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    repository.label(number, "retry")
    first = only(code_host, repository).retry_requested
    repository.label(number, "other")
    same = only(code_host, repository).retry_requested
    repository.unlabel(number, "retry")
    withdrawn = only(code_host, repository).retry_requested
    repository.label(number, "retry")

    again = only(code_host, repository).retry_requested

    assert (same, withdrawn) == (first, None)
    assert len({first, again, None}) == 3


def test_the_retries_of_all_pull_requests_are_one_more_request(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    for branch in ("one", "two", "three"):
        repository.label(repository.open(branch), "retry")
    world.forget_requests()

    found = code_host.snapshot(repository.name, "main").pull_requests

    assert len({one.retry_requested for one in found} - {None}) == 3
    assert world.requests() == [("POST", GRAPHQL)] * 2


def test_a_retry_behind_a_hundred_other_labels_is_found(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    number = repository.open()
    repository.label(number, "retry", *(f"label-{place}" for place in range(95)))
    for place in range(30):
        repository.label(number, f"passing-{place}")
        repository.unlabel(number, f"passing-{place}")
    world.forget_requests()

    assert only(code_host, repository).retry_requested is not None
    assert world.requests() == [("POST", GRAPHQL)] * 3


def test_a_repository_that_does_not_exist_is_missing(code_host: GitHubCodeHost, world: World) -> None:
    with pytest.raises(RepositoryMissing) as failure:
        code_host.snapshot(RepositoryName("acme/nowhere"), "main")

    assert failure.value.message == "acme/nowhere does not exist, or the token may not see it"


def test_a_branch_that_does_not_exist_is_missing(code_host: GitHubCodeHost, repository: Repository) -> None:
    with pytest.raises(RepositoryMissing) as failure:
        code_host.snapshot(repository.name, "release")

    expected = f"the branch release of {repository.name} does not exist, or the token may not see it"
    assert failure.value.message == expected


def test_an_empty_repository_has_no_branch_to_land_on(code_host: GitHubCodeHost, world: World) -> None:
    with pytest.raises(RepositoryMissing, match="the branch main of"):
        code_host.snapshot(world.empty_repository().name, "main")


def test_a_renamed_repository_is_read_under_its_present_name(code_host: GitHubCodeHost, repository: Repository) -> None:
    number = repository.open()
    before = code_host.snapshot(repository.name, "main")
    repository.rename("renamed-before-reading")

    after = code_host.snapshot(repository.name, "main")

    assert (after.repository, after.repository_id) == ("acme/renamed-before-reading", before.repository_id)
    assert [one.number for one in after.pull_requests] == [number]


def test_a_wrong_owner_is_no_repository_and_asks_nobody(code_host: GitHubCodeHost, world: World) -> None:
    with pytest.raises(RepositoryMissing):
        code_host.snapshot(RepositoryName("nowhere"), "main")

    assert world.requests() == []


def test_a_code_host_that_drops_the_connection_is_unreachable_once(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.fails("POST", GRAPHQL, drop=True)
    with pytest.raises(CodeHostUnreachable):
        code_host.snapshot(repository.name, "main")

    assert code_host.snapshot(repository.name, "main").pull_requests == ()


def test_the_limits_of_the_sandbox_are_limits_here(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.fails("POST", GRAPHQL, rate_limit="primary")
    with pytest.raises(RateLimited, match=r"used up until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"):
        code_host.snapshot(repository.name, "main")

    world.fails("POST", GRAPHQL, rate_limit={"kind": "secondary", "retry_after": 30})
    with pytest.raises(RateLimited, match="asks to wait 30 s"):
        code_host.snapshot(repository.name, "main")


def test_an_answer_that_is_none_is_refused(code_host: GitHubCodeHost, repository: Repository, world: World) -> None:
    world.fails("POST", GRAPHQL, status=200, body=["unexpected"])

    with pytest.raises(CodeHostRefused):
        code_host.snapshot(repository.name, "main")
