"""The token of an installation may what it was made for, and is told in GitHub's words where that ends."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

READ_PULLS = {"metadata": "read", "pull_requests": "read"}
QUERY = """query($o: String!, $n: String!) { repository(owner: $o, name: $n) { %s } }"""


class Integration:
    """Asks with one token of the installation that owns a repository."""

    def __init__(self, repo: Any, permissions: dict[str, str], **more: Any) -> None:
        self.repo = repo
        installation = repo.app.get(f"{repo.path}/installation")["id"]
        wanted = {"permissions": permissions, **more}
        self.token = repo.app.post(f"/app/installations/{installation}/access_tokens", wanted)["token"]
        self.headers = {"authorization": f"Bearer {self.token}"}

    def asks(self, method: str, path: str, body: Any = None) -> int:
        return int(self.repo.app.ask(method, path, body, headers=self.headers).status_code)

    def says(self, method: str, path: str, body: Any = None) -> str:
        return str(self.repo.app.ask(method, path, body, headers=self.headers).json()["message"])

    def sees(self, fields: str) -> Any:
        owner, name = self.repo.name.split("/")
        question = {"query": QUERY % fields, "variables": {"o": owner, "n": name}}
        return self.repo.app.ask("POST", "/graphql", question, headers=self.headers).json()


@pytest.fixture
def hidden(repo: Any) -> Any:
    """A repository that not everybody may read, with one pull request."""
    repo.alice.patch(repo.path, {"private": True})
    repo.number = repo.pull()
    return repo


@pytest.mark.parametrize(
    ("permission", "method", "path"),
    [
        ("pull_requests", "GET", "/pulls"),
        ("pull_requests", "GET", "/pulls/1/reviews"),
        ("issues", "GET", "/issues/1/comments"),
        ("contents", "GET", "/git/ref/heads/main"),
        ("contents", "GET", "/commits/main"),
        ("contents", "GET", "/activity"),
        ("statuses", "GET", "/commits/main/status"),
        ("checks", "GET", "/commits/main/check-runs"),
        ("administration", "GET", "/branches/main/protection"),
    ],
)
def test_each_thing_needs_its_permission(hidden: Any, permission: str, method: str, path: str) -> None:
    every = dict.fromkeys(
        ("pull_requests", "issues", "contents", "statuses", "checks", "administration", "metadata"), "read"
    )
    without = {name: level for name, level in every.items() if name != permission}
    without = without if permission != "issues" else {k: v for k, v in without.items() if k != "pull_requests"}

    assert Integration(hidden, every).asks(method, hidden.path + path) in {200, 404}
    assert Integration(hidden, without).asks(method, hidden.path + path) == 403
    assert Integration(hidden, without).says(method, hidden.path + path) == "Resource not accessible by integration"


def test_who_may_read_may_not_write(hidden: Any) -> None:
    reader = Integration(hidden, {"contents": "read", "issues": "read", "pull_requests": "read"})

    assert reader.asks("POST", f"{hidden.path}/issues/{hidden.number}/comments", {"body": "x"}) == 403
    assert reader.asks("PUT", f"{hidden.path}/pulls/{hidden.number}/merge") == 403
    assert reader.asks("PATCH", f"{hidden.path}/pulls/{hidden.number}", {"state": "closed"}) == 403
    assert hidden.show(hidden.number)["state"] == "open"


def test_a_merge_needs_the_contents_and_not_the_pull_requests(hidden: Any) -> None:
    refused = Integration(hidden, {"pull_requests": "write"}).asks("PUT", f"{hidden.path}/pulls/{hidden.number}/merge")
    merged = Integration(hidden, {"contents": "write"}).asks("PUT", f"{hidden.path}/pulls/{hidden.number}/merge")

    assert (refused, merged) == (403, 200)


def test_a_token_for_other_repositories_does_not_see_this_one(hidden: Any) -> None:
    other = hidden.alice.post(f"/orgs/{hidden.organization}/repos", {"name": "other", "private": True})
    stranger = Integration(hidden, READ_PULLS, repository_ids=[other["id"]])

    assert stranger.asks("GET", f"{hidden.path}/pulls") == 404
    assert stranger.asks("GET", f"/repos/{other['full_name']}/pulls") == 200
    assert stranger.sees("databaseId")["errors"][0]["type"] == "NOT_FOUND"


def test_what_everybody_may_read_needs_no_permission_and_may_not_be_written(repo: Any) -> None:
    number = repo.pull()
    reader = Integration(repo, {"metadata": "read"})

    assert reader.asks("GET", f"{repo.path}/pulls") == 200
    assert reader.asks("POST", f"{repo.path}/issues/{number}/comments", {"body": "x"}) == 403


def test_what_the_app_was_not_granted_no_token_is_made_with(hidden: Any) -> None:
    installation = hidden.app.get(f"{hidden.path}/installation")["id"]
    path = f"/app/installations/{installation}/access_tokens"

    told = "The permissions requested are not granted to this installation."
    status, answer = hidden.app.refused("POST", path, {"permissions": {"administration": "write"}})
    assert (status, answer["message"]) == (422, told)
    assert hidden.app.refused("POST", path, {"permissions": {"secrets": "read"}})[0] == 422
    assert hidden.app.refused("POST", path, {"repository_ids": [0]})[0] == 422


def test_an_installation_is_neither_an_app_nor_a_user(hidden: Any) -> None:
    token = Integration(hidden, {"metadata": "read", "members": "read"})

    assert token.asks("GET", "/app") == 401
    assert token.asks("GET", "/user") == 403
    assert token.asks("GET", f"/orgs/{hidden.organization}/teams") == 200
    assert Integration(hidden, {"metadata": "read"}).asks("GET", f"/orgs/{hidden.organization}/teams") == 403


def test_the_graph_asks_for_the_same_permissions(hidden: Any) -> None:
    reader = Integration(hidden, READ_PULLS)
    asked = reader.sees("databaseId pullRequests(first: 1) { totalCount }")
    refused = reader.sees('databaseId object(expression: "main") { oid }')

    assert asked["data"]["repository"]["pullRequests"]["totalCount"] == 1
    assert refused["data"]["repository"]["object"] is None
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    assert refused["errors"][0]["message"] == "Resource not accessible by integration"


@pytest.mark.parametrize(
    ("level", "clones", "pushes"), [(None, False, False), ("read", True, False), ("write", True, True)]
)
def test_git_asks_for_the_contents(hidden: Any, tmp_path: Path, level: str | None, clones: bool, pushes: bool) -> None:  # noqa: FBT001 -- what comes of it
    token = Integration(hidden, {"metadata": "read", **({} if level is None else {"contents": level})}).token
    address = hidden.path.removeprefix("/repos/")
    url = f"{hidden.app.server.url}/{address}.git".replace("://", f"://x-access-token:{token}@")
    cloned = _git("clone", "--quiet", url, str(tmp_path / "clone"))
    pushed = _git("-C", str(tmp_path / "clone"), "push", "--quiet", "origin", "HEAD:refs/heads/another")

    assert (cloned, pushed) == (clones, pushes)


def _git(*arguments: str) -> bool:
    environment = {"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_GLOBAL": "/dev/null", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    return subprocess.run(("git", *arguments), env=environment, check=False, capture_output=True).returncode == 0
