"""Who did what, as the code host resolves it; whoever it cannot resolve is unknown."""

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.model import PullRequest, RepositoryName
from tests.adapters.github.nodes import HEAD, commit, commits, named, page, pull_request, review, user
from tests.adapters.github.scripted import Answer, Scripted

API = RepositoryName("acme/api")
UNRESOLVED = {"user": None, "name": "alice", "email": "alice@elsewhere.example"}
GITHUB = {"user": None, "name": "GitHub", "email": "noreply@github.com"}


@pytest.fixture
def code_host(scripted_code_host: GitHubCodeHost) -> GitHubCodeHost:
    return scripted_code_host


def read(code_host: GitHubCodeHost, scripted: Scripted, **more: object) -> PullRequest:
    scripted.says(Answer(body=named(pull_request(1, **more))))
    return code_host.reread(API, "1", [1])[0]


def contributors(code_host: GitHubCodeHost, scripted: Scripted, written: dict[str, object]) -> tuple[str | None, ...]:
    return read(code_host, scripted, commits=commits(written)).commits[0].contributors


def test_the_author_of_a_deleted_account_is_unknown(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    found = read(code_host, scripted, author=None)

    assert found.author is None


def test_a_bot_cannot_be_taken_for_the_user_of_its_name(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    found = read(code_host, scripted, author={"__typename": "Bot", "login": "dependabot"})

    assert found.author == "dependabot[bot]"


def test_a_bot_that_is_marked_already_is_marked_once(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    found = read(code_host, scripted, author={"__typename": "Bot", "login": "renovate[bot]"})

    assert found.author == "renovate[bot]"


@pytest.mark.parametrize("kind", ["Mannequin", "Organization", "EnterpriseUserAccount"])
def test_who_is_neither_a_user_nor_a_bot_is_unknown(code_host: GitHubCodeHost, scripted: Scripted, kind: str) -> None:
    found = read(code_host, scripted, author={"__typename": kind, "login": "alice"})

    assert found.author is None


def test_logins_are_in_lower_case_everywhere(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    found = read(
        code_host,
        scripted,
        author={"__typename": "User", "login": "Alice"},
        reviews=page(review(author={"__typename": "User", "login": "Bob"})),
        commits=commits(commit(HEAD, user("Carol"))),
    )

    assert (found.author, found.reviews[0].reviewer, found.commits[0].contributors) == ("alice", "bob", ("carol",))


def test_a_review_says_whether_its_author_may_write_and_is_a_bot(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    bot = {"__typename": "Bot", "login": "approver"}
    reviews = page(review(author=bot, authorCanPushToRepository=False))

    found = read(code_host, scripted, reviews=reviews).reviews[0]

    assert (found.reviewer, found.by_bot, found.may_write) == ("approver[bot]", True, False)


def test_a_review_of_a_commit_that_is_gone_is_bound_to_none(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    found = read(code_host, scripted, reviews=page(review(commit=None, author=None)))

    assert (found.reviews[0].commit, found.reviews[0].reviewer) == (None, None)


def test_authors_co_authors_and_the_committer_have_contributed(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    written = commit(HEAD, user("alice"), user("bob"), committer=user("carol"))

    assert contributors(code_host, scripted, written) == ("alice", "bob", "carol")


def test_who_committed_what_they_wrote_is_named_once(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    assert contributors(code_host, scripted, commit(HEAD, user("alice"))) == ("alice",)


@pytest.mark.parametrize("committer", [GITHUB, user("web-flow")])
def test_the_code_host_itself_has_contributed_nothing(
    code_host: GitHubCodeHost, scripted: Scripted, committer: dict[str, object]
) -> None:
    assert contributors(code_host, scripted, commit(HEAD, user("alice"), committer=committer)) == ("alice",)


def test_who_only_calls_themselves_github_is_somebody(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    impostor = GITHUB | {"user": {"login": "mallory"}}

    assert contributors(code_host, scripted, commit(HEAD, user("alice"), committer=impostor)) == ("alice", "mallory")


def test_an_author_whom_the_code_host_cannot_resolve_is_unknown(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    written = commit(HEAD, UNRESOLVED, committer=user("alice"))

    assert contributors(code_host, scripted, written) == (None, "alice")


def test_a_committer_whom_the_code_host_cannot_resolve_is_unknown(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    assert contributors(code_host, scripted, commit(HEAD, user("alice"), committer=UNRESOLVED)) == ("alice", None)


def test_a_commit_without_a_committer_has_an_unknown_one(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    written: dict[str, object] = {"commit": {"oid": HEAD, "authors": page(user("alice")), "committer": None}}

    assert contributors(code_host, scripted, written) == ("alice", None)


def test_a_commit_without_authors_has_an_unknown_one(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    assert contributors(code_host, scripted, commit(HEAD, committer=user("alice"))) == (None, "alice")


def test_more_co_authors_than_are_shown_are_unknown(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    written = commit(HEAD, user("alice"), more_authors="20")

    assert contributors(code_host, scripted, written) == ("alice", None)


def test_a_commit_that_is_listed_twice_does_not_make_the_list_whole(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    twice = commit(HEAD, user("alice"))

    found = read(code_host, scripted, commits=commits(twice, twice))

    assert (len(found.commits), found.commit_count) == (1, 2)
