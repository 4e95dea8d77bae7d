import time
from typing import Any

import httpx
import pytest


def test_an_unknown_token_is_a_bad_credential(repo: Any) -> None:
    answer = repo.alice.ask("GET", "/user", headers={"authorization": "token sandbox-nobody-known"})

    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_no_token_is_unauthorized(repo: Any) -> None:
    answer = repo.alice.ask("GET", "/user", headers={"authorization": ""})

    assert answer.status_code == 401


def test_bearer_is_as_good_as_token(repo: Any) -> None:
    answer = repo.alice.ask("GET", "/user", headers={"authorization": "Bearer sandbox-bob"})

    assert answer.json()["login"] == "bob"


def test_the_hubs_own_token_is_a_bot(repo: Any) -> None:
    viewer = repo.app.get("/user")

    assert (viewer["login"], viewer["type"]) == ("merge-hub[bot]", "Bot")


def test_an_unknown_repository_is_not_found(repo: Any) -> None:
    assert repo.alice.refused("GET", f"/repos/{repo.organization}/missing")[0] == 404


def test_what_is_not_implemented_says_so(repo: Any) -> None:
    status, document = repo.alice.refused("GET", f"{repo.path}/actions/runs")

    assert status == 501
    assert document["message"] == f"The sandbox code host does not implement GET {repo.path}/actions/runs"


def test_a_method_that_a_path_does_not_take_is_not_implemented(repo: Any) -> None:
    assert repo.alice.ask("DELETE", f"{repo.path}/pulls").status_code == 501


def test_a_body_that_is_no_json_is_a_bad_request(repo: Any) -> None:
    answer = repo.alice.http.post(f"{repo.path}/pulls", content=b"{nonsense")

    assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


def test_a_body_of_the_wrong_type_is_invalid(repo: Any) -> None:
    assert repo.alice.refused("POST", f"{repo.path}/pulls", {"title": 5, "head": "a", "base": "main"})[0] == 422


@pytest.mark.parametrize("body", [[], "text", 5, {"title": "No head"}, {}])
def test_a_body_that_does_not_fit_is_invalid(repo: Any, body: Any) -> None:
    assert repo.alice.refused("POST", f"{repo.path}/pulls", body)[0] == 422


def test_every_answer_tells_the_rate_limit(repo: Any) -> None:
    answers = [repo.alice.ask("GET", path) for path in ("/user", repo.path, "/nowhere")]

    for name in ("limit", "remaining", "used", "reset", "resource"):
        assert all(f"x-ratelimit-{name}" in answer.headers for answer in answers)


def test_an_answer_that_did_not_change_is_not_sent_again(repo: Any) -> None:
    first = repo.alice.ask("GET", f"{repo.path}/branches")
    again = repo.alice.ask("GET", f"{repo.path}/branches", headers={"if-none-match": first.headers["etag"]})
    repo.branch("new")
    changed = repo.alice.ask("GET", f"{repo.path}/branches", headers={"if-none-match": first.headers["etag"]})

    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)
    assert again.headers["etag"] == first.headers["etag"]


def test_an_answer_that_did_not_change_costs_nothing(repo: Any) -> None:
    first = repo.alice.ask("GET", repo.path)

    again = repo.alice.ask("GET", repo.path, headers={"if-none-match": first.headers["etag"]})

    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"]


def test_pages_are_linked(repo: Any) -> None:
    for name in ("a", "b", "c", "d"):
        repo.branch(name)

    answer = repo.alice.ask("GET", f"{repo.path}/branches", params={"per_page": 2, "page": 2})

    url = f"{repo.alice.server.api_url}{repo.path}/branches?per_page=2&page="
    assert [branch["name"] for branch in answer.json()] == ["c", "d"]
    assert {name: link["url"] for name, link in answer.links.items()} == {
        "prev": f"{url}1",
        "next": f"{url}3",
        "last": f"{url}3",
        "first": f"{url}1",
    }


def test_a_list_on_one_page_has_no_links(repo: Any) -> None:
    assert "link" not in repo.alice.ask("GET", f"{repo.path}/branches").headers


def test_a_renamed_repository_redirects(repo: Any) -> None:
    identity = repo.alice.get(repo.path)["id"]
    repo.alice.patch(repo.path, {"name": "renamed"})

    answer = repo.alice.ask("GET", f"{repo.path}/branches")

    location = f"{repo.alice.server.api_url}/repositories/{identity}/branches"
    assert (answer.status_code, answer.headers["location"]) == (301, location)
    assert repo.alice.http.get(location).json()[0]["name"] == "main"


def test_a_request_can_be_made_to_fail(repo: Any) -> None:
    repo.alice.server.control("POST", "faults", {"match": {"method": "GET", "path": f"*{repo.path}"}, "status": 502})

    statuses = [repo.alice.http.get(repo.path).status_code for _ in range(2)]

    assert statuses == [502, 200]


def test_a_fault_can_be_matched_by_a_regular_expression_without_the_prefix(repo: Any) -> None:
    fault = {"match": {"path": f"{repo.path}/pulls/\\d+"}, "status": 500, "times": -1}
    repo.alice.server.control("POST", "faults", fault)

    statuses = [repo.alice.http.get(f"{repo.path}/pulls/{number}").status_code for number in (1, 22, 333)]

    assert statuses == [500, 500, 500]


def test_a_connection_can_be_dropped(repo: Any) -> None:
    repo.alice.server.control("POST", "faults", {"match": {"path": repo.path}, "drop": True})

    with pytest.raises(httpx.TransportError):
        repo.alice.http.get(repo.path)

    assert repo.alice.http.get(repo.path).status_code == 200


def test_an_answer_can_be_delayed(repo: Any) -> None:
    repo.alice.server.control("POST", "faults", {"match": {"path": repo.path}, "delay": 0.3})
    started = time.monotonic()

    answer = repo.alice.http.get(repo.path)

    assert answer.status_code == 200
    assert time.monotonic() - started >= 0.3


def test_the_primary_limit_can_be_made_to_bite(repo: Any) -> None:
    fault = {"match": {"path": "/api/graphql"}, "rate_limit": {"kind": "primary", "reset_in": 5}}
    repo.alice.server.control("POST", "faults", fault)

    answer = repo.alice.http.post(f"{repo.alice.server.url}/api/graphql", json={"query": "{ viewer { login } }"})

    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (403, "0")
    assert 0 <= int(answer.headers["x-ratelimit-reset"]) - time.time() <= 6


def test_the_secondary_limit_asks_to_wait(repo: Any) -> None:
    fault = {"match": {"path": f"{repo.path}/*"}, "rate_limit": {"kind": "secondary", "retry_after": 2}}
    repo.alice.server.control("POST", "faults", fault)

    answer = repo.alice.http.get(f"{repo.path}/branches")

    assert (answer.status_code, answer.headers["retry-after"]) == (403, "2")
    assert "secondary rate limit" in answer.json()["message"]


def test_a_limit_that_the_world_sets_runs_dry(serve: Any, tmp_path: Any, description: Any) -> None:
    with serve(tmp_path) as server:
        server.control("POST", "world", {"users": ["alice"], "rate_limit": {"limit": 2}})
        client = httpx.Client(base_url=server.api_url, headers={"authorization": "token sandbox-alice"})
        answers = [client.get("/user") for _ in range(2)]
        answers.append(client.post("/user/repos", json={"name": "one-too-many"}))
        overview = client.get("/rate_limit").json()
        state = server.control("GET", "state")
        client.close()

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[2].headers["x-ratelimit-remaining"] == "0"
    assert state["repositories"] == []
    assert overview["rate"]["remaining"] == 0


def test_requests_are_listed_with_who_asked(repo: Any) -> None:
    repo.bob.get(repo.path)
    repo.bob.graphql("query WhoAmI { viewer { login } }")

    entries = [entry for entry in repo.bob.server.control("GET", "requests") if entry["login"] == "bob"]

    assert {"method": "GET", "path": f"/api/v3{repo.path}", "status": 200}.items() <= entries[-2].items()
    assert (entries[-1]["operation"], entries[-1]["status"]) == ("WhoAmI", 200)


def test_telling_the_world_twice_changes_nothing(repo: Any) -> None:
    world = {"orgs": [repo.organization], "teams": {f"{repo.organization}/core": ["alice", "bob"]}}

    told = [repo.alice.server.control("POST", "world", world) for _ in range(2)]

    assert told[0] == told[1]
    assert told[0]["teams"][f"{repo.organization}/core"] == ["alice", "bob"]


def test_the_state_tells_repositories_and_pull_requests(repo: Any) -> None:
    number = repo.pull()

    state = repo.alice.server.control("GET", "state")

    told = next(one for one in state["repositories"] if one["full_name"] == repo.name)
    assert [(pull["number"], pull["state"]) for pull in told["pull_requests"]] == [(number, "open")]
    assert state["api_url"] == repo.alice.server.api_url


def test_whom_the_world_lets_only_read_cannot_write(repo: Any, person: Any) -> None:
    reader = person("reader-of-all")
    repo.alice.server.control("POST", "world", {"users": [{"login": "reader-of-all", "permission": "read"}]})

    status, _ = reader.refused("PUT", f"{repo.path}/pulls/{repo.pull()}/merge")

    assert status == 403
    assert repo.alice.get(f"{repo.path}/collaborators/reader-of-all/permission")["permission"] == "read"


@pytest.mark.parametrize(
    "protection", [{"restrictions": "x"}, {"required_status_checks": 5}, {"required_pull_request_reviews": [1]}]
)
def test_protection_of_the_wrong_type_is_invalid(repo: Any, protection: Any) -> None:
    assert repo.alice.refused("PUT", f"{repo.path}/branches/main/protection", protection)[0] == 422


@pytest.mark.parametrize("world", [{"teams": 5}, {"orgs": "acme"}, {"users": [{"permission": "read"}]}])
def test_a_world_that_does_not_fit_is_refused(repo: Any, world: Any) -> None:
    answer = repo.alice.http.post(f"{repo.alice.server.url}/_sandbox/world", json=world)

    assert answer.status_code == 422


def test_a_refused_edit_changes_nothing(repo: Any) -> None:
    number = repo.pull()

    repo.alice.refused("PATCH", f"{repo.path}/pulls/{number}", {"title": "Changed", "base": "nowhere"})

    assert repo.show(number)["title"] == "Land topic-1"
