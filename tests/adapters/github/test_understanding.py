"""What an answer must hold to be believed."""

from datetime import UTC, datetime

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostRefused
from tasks.domain.model import Reference, RepositoryName
from tests.adapters.github.nodes import (
    HEAD,
    commit,
    commits,
    continued,
    named,
    page,
    pull_request,
    review,
    shas,
    user,
)
from tests.adapters.github.scripted import Answer, Scripted

API = RepositoryName("acme/api")


@pytest.fixture
def code_host(scripted_code_host: GitHubCodeHost) -> GitHubCodeHost:
    return scripted_code_host


def refusal(code_host: GitHubCodeHost) -> str:
    with pytest.raises(CodeHostRefused) as failure:
        code_host.reread(API, "1", [1])
    return failure.value.message


@pytest.mark.parametrize(
    ("more", "place"),
    [
        pytest.param({"headRefOid": "main"}, "headRefOid", id="a head that is no commit"),
        pytest.param({"headRefOid": HEAD + "\n"}, "headRefOid", id="a head with something after it"),
        pytest.param({"state": "LIMBO"}, "state", id="an unknown state"),
        pytest.param({"createdAt": "2026-01-02T03:04:05"}, "createdAt", id="a time without its offset"),
        pytest.param({"createdAt": 1}, "createdAt", id="a number for a time"),
        pytest.param({"isDraft": None}, "isDraft", id="neither a draft nor none"),
        pytest.param({"labels": None}, "labels", id="no labels, which is not an empty list"),
        pytest.param({"reviews": None}, "reviews", id="no reviews, which is not an empty list"),
        pytest.param({"reviews": page(None)}, "reviews.nodes.0", id="a review that is kept from us"),
        pytest.param({"reviews": page(review(state="MAYBE"))}, "reviews.nodes.0.state", id="an unknown verdict"),
        pytest.param(
            {"reviews": page(review(authorCanPushToRepository=None))},
            "reviews.nodes.0.authorCanPushToRepository",
            id="a reviewer who may or may not write",
        ),
        pytest.param({"retargeted": None}, "retargeted", id="a target since nobody knows when"),
        pytest.param({"asked": None}, "asked", id="nobody asked, which is not an empty list"),
        pytest.param(
            {"reviews": page(review(viewerDidAuthor=None))},
            "reviews.nodes.0.viewerDidAuthor",
            id="a reviewer who may or may not be the hub",
        ),
        pytest.param({"commits": page()}, "commits.totalCount", id="commits without their count"),
        pytest.param({"number": "1"}, "number", id="a text for a number"),
        pytest.param({"author": {"login": "alice"}}, "author.__typename", id="an author of no kind"),
    ],
)
def test_a_malformed_pull_request_is_refused_and_never_guessed(
    code_host: GitHubCodeHost, scripted: Scripted, more: dict[str, object], place: str
) -> None:
    scripted.says(Answer(body=named(pull_request(1, **more))))

    assert refusal(code_host).startswith(f"the code host's answer for acme/api#1 cannot be understood: {place}: ")


def test_half_a_character_is_refused_before_a_file_has_to_hold_it(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    scripted.says(Answer(body=named(pull_request(title="\ud800"))))

    assert refusal(code_host).endswith("it is no JSON object")


def test_a_pull_request_that_is_not_in_the_answer_is_not_taken_for_a_closed_one(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    scripted.says(Answer(body=named()))

    assert refusal(code_host).startswith("the code host's answer for acme/api#1 cannot be understood")


def test_another_pull_request_than_was_asked_for_is_not_taken_for_it(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    scripted.says(Answer(body={"data": {"repository": {"databaseId": 1, "n1": pull_request(2)}}}))

    assert refusal(code_host) == "the code host's answer for acme/api#1 cannot be understood: it is about #2"


def test_who_looks_in_the_second_in_which_the_target_changes_has_seen_the_old_one(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    changed = {"nodes": [{"createdAt": "2026-01-05T00:00:00Z"}]}
    scripted.says(Answer(body=named(pull_request(retargeted=changed))))

    assert code_host.reread(API, "1", [1])[0].target_since == datetime(2026, 1, 5, 0, 0, 1, tzinfo=UTC)


def test_a_list_that_ends_before_its_count_stays_shorter_than_it(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    listed = commits(*[commit(sha, user("alice")) for sha in shas(25)], count=300, cursor="25")
    rest = commits(*[commit(sha, user("alice")) for sha in shas(50)[25:]], count=300)
    scripted.says(Answer(body=named(pull_request(commits=listed))), Answer(body=continued(commits=rest)))

    found = code_host.reread(API, "1", [1])[0]

    assert (len(found.commits), found.commit_count) == (50, 300)


def test_pages_of_two_heads_are_not_mixed(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    pushed = "b" * 40
    first = commits(commit(HEAD, user("alice")), count=2, cursor="1")
    second = commits(commit(pushed, user("mallory")), count=2)
    anew = pull_request(headRefOid=pushed, commits=commits(commit(pushed, user("mallory"))))
    scripted.says(
        Answer(body=named(pull_request(commits=first))),
        Answer(body=continued(head=pushed, commits=second)),
        Answer(body=named(anew)),
    )

    found = code_host.reread(API, "1", [1])[0]

    assert (found.head, [one.contributors for one in found.commits]) == (pushed, [("mallory",)])


def test_a_head_that_keeps_moving_is_not_followed_for_ever(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    first = commits(commit(HEAD, user("alice")), count=2, cursor="1")
    begun, moved = named(pull_request(commits=first)), continued(head="b" * 40, commits=first)
    scripted.says(Answer(body=begun), Answer(body=moved), Answer(body=begun), Answer(body=moved))

    assert refusal(code_host) == "acme/api#1 changed while it was read"


@pytest.mark.parametrize("cursor", ["1", None])
def test_a_list_without_end_is_refused(code_host: GitHubCodeHost, scripted: Scripted, cursor: str | None) -> None:
    endless = {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": cursor}}
    scripted.says(
        Answer(body=named(pull_request(labels=page(cursor="1")))),
        Answer(body=continued(labels=endless)),
    )

    assert refusal(code_host).endswith("acme/api#1 cannot be understood: its labels go on without end")


def test_a_list_that_is_left_out_of_its_continuation_is_refused(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(body=named(pull_request(labels=page(cursor="1")))), Answer(body=continued()))

    assert refusal(code_host).endswith("acme/api#1 cannot be understood: its labels are missing")


def test_an_answer_about_no_repository_is_refused(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(body={"data": {"repository": None}}))

    assert refusal(code_host) == "the code host's answer for acme/api cannot be understood: it holds no repository"


def test_a_pull_request_without_a_state_is_not_taken_for_a_missing_one(
    code_host: GitHubCodeHost, scripted: Scripted
) -> None:
    scripted.says(Answer(body={"data": {"r0": {"r0n1": {"__typename": "PullRequest"}}}}))

    with pytest.raises(CodeHostRefused, match="a pull request has no state"):
        code_host.related([Reference(API, 1)])


def test_a_team_without_end_is_refused(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    scripted.says(Answer(body={"data": {"t0": {"team": {"members": page({"login": "bob"}, cursor="again")}}}}))

    with pytest.raises(CodeHostRefused, match="its members go on without end"):
        code_host.groups("acme", ["platform"])


def test_comments_without_end_are_refused(code_host: GitHubCodeHost, scripted: Scripted) -> None:
    comments = page({"body": "", "author": None}, cursor="again")
    found = {"databaseId": 1, "pullRequest": {"state": "OPEN", "comments": comments}}
    scripted.says(Answer(body={"data": {"viewer": {"login": "merge-hub[bot]"}, "repository": found}}))

    with pytest.raises(CodeHostRefused, match="its comments go on without end"):
        code_host.close(API, "1", 1, "Rolled back.")
