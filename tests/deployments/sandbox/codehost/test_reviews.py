from typing import Any


def reviews(repo: Any, number: int) -> str:
    return f"{repo.path}/pulls/{number}/reviews"


def test_an_approval_is_of_the_head_at_its_time(repo: Any) -> None:
    number = repo.pull()
    head = repo.head("topic-1")

    review = repo.bob.post(reviews(repo, number), {"event": "APPROVE"})
    repo.write("more.txt", "m", "topic-1")

    listed = repo.alice.get(reviews(repo, number))
    assert (review["state"], review["user"]["login"]) == ("APPROVED", "bob")
    assert [(one["id"], one["commit_id"]) for one in listed] == [(review["id"], head)]


def test_nobody_approves_their_own_pull_request(repo: Any) -> None:
    status, document = repo.alice.refused("POST", reviews(repo, repo.pull()), {"event": "APPROVE"})

    assert (status, document["errors"]) == (422, ["Can not approve your own pull request"])


def test_nobody_requests_changes_of_themselves(repo: Any) -> None:
    status, _ = repo.alice.refused("POST", reviews(repo, repo.pull()), {"event": "REQUEST_CHANGES", "body": "No"})

    assert status == 422


def test_requesting_changes_needs_a_reason(repo: Any) -> None:
    status, _ = repo.bob.refused("POST", reviews(repo, repo.pull()), {"event": "REQUEST_CHANGES"})

    assert status == 422


def test_an_unknown_event_is_invalid(repo: Any) -> None:
    status, _ = repo.bob.refused("POST", reviews(repo, repo.pull()), {"event": "LOOKS_GOOD"})

    assert status == 422


def test_a_pending_review_is_seen_by_its_author_alone_until_submitted(repo: Any) -> None:
    number = repo.pull()
    pending = repo.bob.post(reviews(repo, number), {"body": "Hm"})
    seen = [len(person.get(reviews(repo, number))) for person in (repo.alice, repo.bob)]

    submitted = repo.bob.post(f"{reviews(repo, number)}/{pending['id']}/events", {"event": "COMMENT"})

    assert (pending["state"], seen, submitted["state"]) == ("PENDING", [0, 1], "COMMENTED")
    assert len(repo.alice.get(reviews(repo, number))) == 1


def test_a_pending_review_can_be_deleted_and_a_submitted_one_cannot(repo: Any) -> None:
    number = repo.pull()
    pending = repo.bob.post(reviews(repo, number), {"body": "Hm"})["id"]
    repo.bob.delete(f"{reviews(repo, number)}/{pending}")
    submitted = repo.bob.post(reviews(repo, number), {"event": "APPROVE"})["id"]

    status, _ = repo.bob.refused("DELETE", f"{reviews(repo, number)}/{submitted}")

    assert status == 422


def test_a_dismissed_approval_stays_in_the_list(repo: Any) -> None:
    number = repo.pull()
    review = repo.bob.post(reviews(repo, number), {"event": "APPROVE"})["id"]

    repo.alice.put(f"{reviews(repo, number)}/{review}/dismissals", {"message": "Outdated"})

    assert [one["state"] for one in repo.alice.get(reviews(repo, number))] == ["DISMISSED"]
    timeline = repo.alice.get(f"{repo.path}/issues/{number}/timeline")
    assert [entry["event"] for entry in timeline if entry["event"] == "review_dismissed"] == ["review_dismissed"]


def test_a_push_dismisses_approvals_where_the_branch_demands_it(repo: Any) -> None:
    protection = {"required_pull_request_reviews": {"dismiss_stale_reviews": True}}
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": protection}}})
    number = repo.pull()
    repo.bob.post(reviews(repo, number), {"event": "APPROVE"})

    repo.write("more.txt", "m", "topic-1")

    assert [one["state"] for one in repo.alice.get(reviews(repo, number))] == ["DISMISSED"]


def test_a_requested_reviewer_is_no_longer_requested_after_the_review(repo: Any) -> None:
    number = repo.pull()
    requested = f"{repo.path}/pulls/{number}/requested_reviewers"
    repo.alice.post(requested, {"reviewers": ["bob", "carol"], "team_reviewers": ["core"]})

    repo.bob.post(reviews(repo, number), {"event": "APPROVE"})

    listed = repo.alice.get(requested)
    assert [user["login"] for user in listed["users"]] == ["carol"]
    assert listed["teams"] == []


def test_a_team_stays_requested_until_one_of_it_has_reviewed(repo: Any) -> None:
    number = repo.pull()
    requested = f"{repo.path}/pulls/{number}/requested_reviewers"
    repo.alice.post(requested, {"reviewers": ["bob"], "team_reviewers": ["core"]})

    repo.carol.post(reviews(repo, number), {"event": "APPROVE"})

    listed = repo.alice.get(requested)
    assert [user["login"] for user in listed["users"]] == ["bob"]
    assert [team["slug"] for team in listed["teams"]] == ["core"]


def test_a_request_for_review_can_be_withdrawn(repo: Any) -> None:
    number = repo.pull()
    requested = f"{repo.path}/pulls/{number}/requested_reviewers"
    repo.alice.post(requested, {"reviewers": ["bob"]})

    repo.alice.delete(requested, {"reviewers": ["bob"]})

    assert repo.alice.get(requested) == {"users": [], "teams": []}


def test_the_author_cannot_be_asked_for_a_review(repo: Any) -> None:
    path = f"{repo.path}/pulls/{repo.pull()}/requested_reviewers"

    status, _ = repo.bob.refused("POST", path, {"reviewers": ["alice"]})

    assert status == 422


def test_a_required_approval_is_missed_by_the_merge(repo: Any) -> None:
    protection = {"required_pull_request_reviews": {"required_approving_review_count": 1}}
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": protection}}})
    number = repo.pull()
    merge = f"{repo.path}/pulls/{number}/merge"
    status, document = repo.app.refused("PUT", merge)

    repo.bob.post(reviews(repo, number), {"event": "APPROVE"})

    assert (status, document["message"]) == (
        405,
        "At least 1 approving review is required by reviewers with write access.",
    )
    assert repo.app.put(merge)["merged"]
