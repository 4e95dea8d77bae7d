from typing import Any

import pytest


def test_putting_on_an_unknown_label_makes_it(repo: Any) -> None:
    number = repo.pull()

    repo.alice.post(f"{repo.path}/issues/{number}/labels", {"labels": ["ready to merge"]})

    assert [label["name"] for label in repo.alice.get(f"{repo.path}/labels")] == ["ready to merge"]
    assert [label["name"] for label in repo.show(number)["labels"]] == ["ready to merge"]


def test_a_bare_list_of_labels_is_taken_too(repo: Any) -> None:
    labels = repo.alice.post(f"{repo.path}/issues/{repo.pull()}/labels", ["one", "two"])

    assert [label["name"] for label in labels] == ["one", "two"]


def test_labels_can_be_replaced_and_taken_off(repo: Any) -> None:
    path = f"{repo.path}/issues/{repo.pull()}/labels"
    repo.alice.post(path, ["one", "two"])
    repo.alice.put(path, {"labels": ["two", "three four"]})

    left = repo.alice.delete(f"{path}/three%20four")

    assert [label["name"] for label in left] == ["two"]
    assert repo.alice.refused("DELETE", f"{path}/one") == (
        404,
        {
            "message": "Label does not exist",
            "documentation_url": "https://docs.github.com/rest",
            "status": "404",
        },
    )


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "labels", "name"),
        ("PATCH", "labels/bug", "new_name"),
        ("POST", "issues/1/labels", "labels"),
        ("PUT", "issues/1/labels", "labels"),
    ],
)
def test_a_label_has_at_most_fifty_characters(repo: Any, method: str, path: str, name: str) -> None:
    repo.pull()
    repo.alice.post(f"{repo.path}/labels", {"name": "bug"})
    most, more = "\N{SNOWMAN}" * 50, "\N{SNOWMAN}" * 51
    given = {"labels": [more]} if name == "labels" else {name: more}
    fitting = {"labels": [most]} if name == "labels" else {name: most}

    status, document = repo.alice.refused(method, f"{repo.path}/{path}", given)

    assert status == 422
    assert document["errors"] == [
        {
            "resource": "Label",
            "field": "name",
            "code": "custom",
            "message": "name is too long (maximum is 50 characters)",
        }
    ]
    assert repo.alice.ask(method, f"{repo.path}/{path}", fitting).status_code < 300


@pytest.mark.parametrize("listing", ["pulls", "issues"])
def test_what_is_listed_is_open_closed_or_all(repo: Any, listing: str) -> None:
    status, _ = repo.alice.refused("GET", f"{repo.path}/{listing}?state=bogus")

    assert status == 422


def test_a_label_that_exists_cannot_be_created_again(repo: Any) -> None:
    repo.alice.post(f"{repo.path}/labels", {"name": "bug", "color": "ff0000"})

    status, document = repo.alice.refused("POST", f"{repo.path}/labels", {"name": "BUG"})

    assert (status, document["errors"]) == (422, [{"resource": "Label", "field": "name", "code": "already_exists"}])


def test_the_timeline_tells_every_time_a_label_was_set(repo: Any) -> None:
    number = repo.pull()
    path = f"{repo.path}/issues/{number}/labels"
    repo.bob.post(path, ["retry"])
    repo.bob.delete(f"{path}/retry")
    repo.bob.post(path, ["retry"])

    timeline = repo.alice.get(f"{repo.path}/issues/{number}/timeline")

    told = [(entry["event"], entry["actor"]["login"]) for entry in timeline if "label" in entry]
    assert told == [("labeled", "bob"), ("unlabeled", "bob"), ("labeled", "bob")]
    assert len({entry["id"] for entry in timeline if "label" in entry}) == 3


def test_setting_a_label_twice_is_one_event(repo: Any) -> None:
    number = repo.pull()
    for _ in range(2):
        repo.alice.post(f"{repo.path}/issues/{number}/labels", ["ready"])

    events = repo.alice.get(f"{repo.path}/issues/{number}/timeline")

    assert [entry["event"] for entry in events].count("labeled") == 1


def test_the_timeline_holds_commits_reviews_and_comments(repo: Any) -> None:
    number = repo.pull()
    repo.bob.post(f"{repo.path}/pulls/{number}/reviews", {"event": "APPROVE"})
    repo.bob.post(f"{repo.path}/issues/{number}/comments", {"body": "Nice"})

    events = {entry["event"] for entry in repo.alice.get(f"{repo.path}/issues/{number}/timeline")}

    assert events == {"committed", "reviewed", "commented"}


def test_comments_can_be_written_changed_and_deleted(repo: Any) -> None:
    path = f"{repo.path}/issues/{repo.pull()}/comments"
    comment = repo.bob.post(path, {"body": "First"})["id"]
    repo.bob.patch(f"{repo.path}/issues/comments/{comment}", {"body": "Second"})
    changed = [one["body"] for one in repo.alice.get(path)]

    repo.bob.delete(f"{repo.path}/issues/comments/{comment}")

    assert (changed, repo.alice.get(path)) == (["Second"], [])


def test_a_comment_needs_a_body(repo: Any) -> None:
    status, document = repo.bob.refused("POST", f"{repo.path}/issues/{repo.pull()}/comments", {})

    assert (status, document["errors"]) == (
        422,
        [{"resource": "IssueComment", "field": "body", "code": "missing_field"}],
    )


def test_issues_and_pull_requests_share_their_numbers(repo: Any) -> None:
    issue = repo.alice.post(f"{repo.path}/issues", {"title": "Broken", "labels": ["bug"]})
    number = repo.pull()

    listed = repo.alice.get(f"{repo.path}/issues")

    assert (issue["number"], number) == (1, 2)
    assert [(item["number"], "pull_request" in item) for item in listed] == [(2, True), (1, False)]
    assert repo.alice.get(f"{repo.path}/issues/2")["pull_request"]["merged_at"] is None


def test_an_issue_is_closed_by_somebody(repo: Any) -> None:
    number = repo.alice.post(f"{repo.path}/issues", {"title": "Broken"})["number"]

    closed = repo.bob.patch(f"{repo.path}/issues/{number}", {"state": "closed"})

    assert (closed["state"], closed["closed_by"]["login"]) == ("closed", "bob")


def test_search_finds_by_qualifiers(repo: Any) -> None:
    number = repo.pull()
    repo.alice.post(f"{repo.path}/issues/{number}/labels", ["ready to merge"])
    repo.alice.post(f"{repo.path}/issues", {"title": "Broken"})

    found = repo.alice.get("/search/issues", q=f'repo:{repo.name} is:pr is:open label:"ready to merge"')

    assert (found["total_count"], [item["number"] for item in found["items"]]) == (1, [number])


def test_search_refuses_a_qualifier_it_does_not_know(repo: Any) -> None:
    answer = repo.alice.ask("GET", "/search/issues", params={"q": f"repo:{repo.name} involves:bob"})

    assert answer.status_code == 501
