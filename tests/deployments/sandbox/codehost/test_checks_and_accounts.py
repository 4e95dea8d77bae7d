import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def test_the_newest_status_of_each_context_counts(repo: Any) -> None:
    head = repo.head()
    for state, context in (("failure", "build"), ("success", "build"), ("pending", "gate")):
        repo.app.post(f"{repo.path}/statuses/{head}", {"state": state, "context": context})

    combined = repo.alice.get(f"{repo.path}/commits/main/status")

    assert combined["state"] == "pending"
    assert {one["context"]: one["state"] for one in combined["statuses"]} == {"build": "success", "gate": "pending"}
    assert len(repo.alice.get(f"{repo.path}/commits/{head}/statuses")) == 3


def test_statuses_are_listed_under_both_addresses(repo: Any) -> None:
    head = repo.head()
    repo.app.post(f"{repo.path}/statuses/{head}", {"state": "success", "context": "build"})

    for path in (f"commits/{head}/statuses", f"statuses/{head}", "commits/main/statuses", "statuses/main"):
        assert [one["context"] for one in repo.alice.get(f"{repo.path}/{path}")] == ["build"]


def test_a_commit_without_a_status_is_pending(repo: Any) -> None:
    combined = repo.alice.get(f"{repo.path}/commits/main/status")

    assert (combined["state"], combined["total_count"]) == ("pending", 0)


def test_a_status_is_one_of_four_states(repo: Any) -> None:
    status, _ = repo.app.refused("POST", f"{repo.path}/statuses/{repo.head()}", {"state": "fine"})

    assert status == 422


def test_a_check_run_is_queued_and_completed(repo: Any) -> None:
    run = repo.app.post(f"{repo.path}/check-runs", {"name": "gate", "head_sha": repo.head(), "status": "in_progress"})
    output = {"title": "Good", "summary": "All of it"}

    done = repo.app.patch(f"{repo.path}/check-runs/{run['id']}", {"conclusion": "success", "output": output})

    assert (run["status"], run["conclusion"]) == ("in_progress", None)
    assert (done["status"], done["conclusion"], done["output"]["title"]) == ("completed", "success", "Good")
    listed = repo.alice.get(f"{repo.path}/commits/main/check-runs")
    assert (listed["total_count"], listed["check_runs"][0]["app"]["slug"]) == (1, "merge-hub")
    suites = repo.alice.get(f"{repo.path}/commits/main/check-suites")["check_suites"]
    assert [(suite["status"], suite["conclusion"]) for suite in suites] == [("completed", "success")]


def test_a_required_check_is_missed_by_the_merge(repo: Any) -> None:
    classic = {"required_status_checks": {"strict": False, "contexts": ["gate"]}}
    repo.alice.server.control("POST", "world", {"protection": {repo.name: {"main": classic}}})
    number = repo.pull()
    status, document = repo.bob.refused("PUT", f"{repo.path}/pulls/{number}/merge")

    repo.app.post(f"{repo.path}/statuses/{repo.head('topic-1')}", {"state": "success", "context": "gate"})

    assert (status, document["message"]) == (405, 'Required status check "gate" is expected.')
    assert repo.bob.put(f"{repo.path}/pulls/{number}/merge")["merged"]


def test_organizations_and_teams_are_shown(repo: Any) -> None:
    organization = f"/orgs/{repo.organization}"

    assert repo.alice.get(organization)["login"] == repo.organization
    assert [team["slug"] for team in repo.alice.get(f"{organization}/teams")] == ["core"]
    assert repo.alice.get(f"{organization}/teams/core")["members_count"] == 2
    assert [one["login"] for one in repo.alice.get(f"{organization}/teams/core/members")] == ["alice", "bob"]
    assert repo.alice.get(f"{organization}/teams/core/memberships/bob")["state"] == "active"
    assert repo.alice.refused("GET", f"{organization}/teams/core/memberships/carol")[0] == 404


def test_an_administrator_takes_people_out_of_teams(repo: Any, person: Any) -> None:
    membership = f"/orgs/{repo.organization}/teams/core/memberships/bob"
    repo.alice.server.control("POST", "world", {"users": [{"login": "chief", "permission": "admin"}]})
    refused = repo.alice.refused("DELETE", membership)[0]

    person("chief").delete(membership)

    assert refused == 403
    assert [one["login"] for one in repo.alice.get(f"/orgs/{repo.organization}/teams/core/members")] == ["alice"]
    assert repo.alice.refused("DELETE", membership.replace("bob", "carol"))[0] == 403


def test_users_are_shown(repo: Any) -> None:
    assert repo.alice.get("/users/bob")["login"] == "bob"
    assert repo.alice.refused("GET", "/users/nobody-of-this-name")[0] == 404


def test_everybody_of_the_world_may_write(repo: Any) -> None:
    shown = repo.alice.get(f"{repo.path}/collaborators/carol/permission")

    assert (shown["permission"], shown["user"]["login"]) == ("write", "carol")


def test_repositories_are_made_for_people_too(repo: Any, person: Any) -> None:
    dave = person("dave")
    made = dave.post("/user/repos", {"name": repo.organization, "private": True})

    assert (made["full_name"], made["private"], made["permissions"]["admin"]) == (
        f"dave/{repo.organization}",
        True,
        True,
    )


def test_a_name_is_given_once(repo: Any) -> None:
    status, document = repo.alice.refused("POST", f"/orgs/{repo.organization}/repos", {"name": "WEB"})

    assert (status, document["errors"][0]["message"]) == (422, "name already exists on this account")


@pytest.mark.parametrize("name", ["../escape", "a/b", "..", "x.git", ""])
def test_a_name_cannot_be_a_path(repo: Any, name: str) -> None:
    assert repo.alice.refused("POST", f"/orgs/{repo.organization}/repos", {"name": name})[0] == 422


def test_an_archived_repository_is_read_only(repo: Any) -> None:
    repo.alice.patch(repo.path, {"archived": True})

    status, _ = repo.alice.refused("POST", f"{repo.path}/git/refs", {"ref": "refs/heads/x", "sha": repo.head()})

    assert status == 403
    assert repo.alice.patch(repo.path, {"archived": False})["archived"] is False


def test_the_app_gets_a_token_for_its_installation(repo: Any) -> None:
    installation = repo.app.get(f"{repo.path}/installation")["id"]
    token = repo.app.post(f"/app/installations/{installation}/access_tokens", {})["token"]

    listed = repo.app.ask("GET", "/installation/repositories", headers={"authorization": f"Bearer {token}"})

    assert [one["full_name"] for one in listed.json()["repositories"]] == [repo.name]
    assert repo.app.get("/app")["slug"] == "merge-hub"
    assert installation in [one["id"] for one in repo.app.get("/app/installations", per_page=100)]


def test_a_web_token_of_the_app_must_be_signed_and_fresh(serve: Any, tmp_path: Any, description: Any) -> None:
    keys = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]
    public = keys[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    now = int(time.time())
    fresh, stale = {"iss": "1", "iat": now - 60, "exp": now + 300}, {"iss": "1", "iat": now - 900, "exp": now - 300}
    tokens = [
        jwt.encode(fresh, keys[0], "RS256"),
        jwt.encode(stale, keys[0], "RS256"),
        jwt.encode(fresh, keys[1], "RS256"),
    ]

    with serve(tmp_path) as server:
        server.control("POST", "world", {"app": {"public_key": public}})
        statuses = [server.status("/app", f"Bearer {token}") for token in tokens]

    assert statuses == [200, 401, 401]
