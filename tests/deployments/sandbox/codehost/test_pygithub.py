from collections.abc import Iterator
from typing import Any

import pytest
from github import Auth, Github, GithubException, GithubIntegration, UnknownObjectException
from github.Repository import Repository


def client(server: Any, token: str) -> Github:
    return Github(
        auth=Auth.Token(token),
        base_url=server.api_url,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


@pytest.fixture
def alice(repo: Any) -> Iterator[Github]:
    with client(repo.alice.server, "sandbox-alice") as entered:
        yield entered


@pytest.fixture
def bob(repo: Any) -> Iterator[Github]:
    with client(repo.alice.server, "sandbox-bob") as entered:
        yield entered


@pytest.fixture
def web(alice: Github, repo: Any) -> Repository:
    return alice.get_repo(repo.name)


def test_the_journey_of_a_pull_request(alice: Github, bob: Github, repo: Any) -> None:
    made = alice.get_organization(repo.organization).create_repo("api", auto_init=True)
    made.create_git_ref("refs/heads/topic", made.get_branch("main").commit.sha)
    made.create_file("a.txt", "Add a", "a\n", branch="topic")
    pull = made.create_pull(base="main", head="topic", title="Add a", body="Because")
    pull.add_to_labels("ready")
    pull.create_review_request(reviewers=["bob"], team_reviewers=["core"])
    seen = bob.get_repo(made.full_name).get_pull(pull.number)
    seen.create_review(event="APPROVE", body="Good")
    made.get_commit(pull.head.sha).create_status("success", context="gate")
    made.create_check_run("build", pull.head.sha, status="completed", conclusion="success")

    merged = seen.merge(merge_method="squash", sha=pull.head.sha)

    pull.update()
    assert merged.merged
    assert (pull.is_merged(), pull.merged_by.login, pull.merge_commit_sha) == (True, "bob", merged.sha)
    assert [review.state for review in pull.get_reviews()] == ["APPROVED"]
    assert [file.filename for file in pull.get_files()] == ["a.txt"]
    assert [label.name for label in pull.get_labels()] == ["ready"]
    assert made.get_commit(pull.head.sha).get_combined_status().state == "success"
    assert [status.context for status in made.get_commit(pull.head.sha).get_statuses()] == ["gate"]
    assert made.get_commit(pull.head.sha).get_check_runs().totalCount == 1
    assert made.get_contents("a.txt").decoded_content == b"a\n"  # type: ignore[union-attr]


def test_self_approval_raises(web: Repository, repo: Any) -> None:
    pull = web.get_pull(repo.pull())

    with pytest.raises(GithubException) as raised:
        pull.create_review(event="APPROVE")

    assert raised.value.status == 422
    assert raised.value.data["errors"] == ["Can not approve your own pull request"]


def test_a_moved_head_raises(web: Repository, repo: Any) -> None:
    pull = web.get_pull(repo.pull())

    with pytest.raises(GithubException) as raised:
        pull.merge(sha="0" * 40)

    assert raised.value.status == 409


def test_lists_go_through_all_pages(web: Repository, repo: Any) -> None:
    for number in range(35):
        web.create_issue(f"Issue {number}")

    assert len(list(web.get_issues())) == 35
    assert web.get_issues().totalCount == 35


def test_branches_references_commits_and_comparison(web: Repository, repo: Any) -> None:
    repo.pull()

    compared = web.compare("main", "topic-1")

    assert (compared.ahead_by, compared.status) == (1, "ahead")
    assert web.get_git_ref("heads/topic-1").object.sha == compared.commits[0].sha
    assert web.get_git_commit(compared.commits[0].sha).message == "Write topic-1.txt"
    assert web.get_branch("main").protected is False
    assert [ref.ref for ref in web.get_git_matching_refs("heads/top")] == ["refs/heads/topic-1"]
    assert web.get_commits(sha="topic-1").totalCount == 2


def test_labels_comments_and_the_timeline(web: Repository, repo: Any) -> None:
    issue = web.get_issue(repo.pull())
    issue.add_to_labels("one", "two")
    issue.remove_from_labels("one")
    comment = issue.create_comment("Hello")
    comment.edit("Goodbye")

    assert [label.name for label in issue.get_labels()] == ["two"]
    assert [one.body for one in issue.get_comments()] == ["Goodbye"]
    assert {event.event for event in issue.get_timeline()} == {"labeled", "unlabeled", "commented", "committed"}


def test_protection_is_set_and_read(web: Repository) -> None:
    branch = web.get_branch("main")
    branch.edit_protection(required_approving_review_count=2, contexts=["gate"], strict=True)

    protection = branch.get_protection()

    assert protection.required_pull_request_reviews.required_approving_review_count == 2
    assert protection.required_status_checks.contexts == ["gate"]


def test_teams_users_and_permissions(alice: Github, web: Repository, repo: Any) -> None:
    team = alice.get_organization(repo.organization).get_team_by_slug("core")

    assert [member.login for member in team.get_members()] == ["alice", "bob"]
    assert team.has_in_members(alice.get_user("bob"))
    assert web.get_collaborator_permission("bob") == "write"
    assert alice.get_user().login == "alice"
    assert alice.get_rate_limit().rate.limit == 15000


def test_drafts_and_graphql(alice: Github, web: Repository, repo: Any) -> None:
    pull = web.get_pull(repo.pull())
    pull.convert_to_draft()
    pull.mark_ready_for_review()

    _, answer = alice.requester.graphql_query("query($l: String!) { user(login: $l) { login } }", {"l": "bob"})

    assert answer["data"]["user"]["login"] == "bob"


def test_a_renamed_repository_is_followed(alice: Github, web: Repository, repo: Any) -> None:
    web.edit(name="renamed")

    assert alice.get_repo(repo.name).full_name == f"{repo.organization}/renamed"


def test_what_is_missing_raises(alice: Github, web: Repository) -> None:
    with pytest.raises(UnknownObjectException):
        web.get_pull(4711)


def test_an_installation_of_the_app_can_work(repo: Any) -> None:
    server = repo.alice.server
    key = repo.alice.server.private_key
    integration = GithubIntegration(auth=Auth.AppAuth(1, key), base_url=server.api_url)
    installation = integration.get_repo_installation(*repo.name.split("/"))

    with integration.get_github_for_installation(installation.id) as entered:
        viewer = entered.get_repo(repo.name).get_issue(repo.pull()).create_comment("From the App").user

    integration.close()
    assert (viewer.login, viewer.type) == ("merge-hub[bot]", "Bot")
