"""Repositories, people and pull requests on a sandbox code host: pushed by git, made by REST."""

import itertools
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tasks.domain.model import CommitSha, RepositoryName

ORGANIZATION = "acme"
HUB = "sandbox-app"


@dataclass(frozen=True)
class Written:
    """A commit to be made: people are logins, resolved by their address, or whole `Name <address>` texts."""

    author: str = "alice"
    committer: str | None = None
    message: str = "Change something"
    files: Mapping[str, str] | None = None


def person(who: str) -> str:
    return who if "<" in who else f"{who} <{who}@example.org>"


class Repository:
    def __init__(self, world: "World", name: str, identifier: str, git: Path) -> None:
        self.world = world
        self.identifier = identifier
        self.name = RepositoryName(f"{ORGANIZATION}/{name}")
        self._git = git

    def rest(self, method: str, path: str, body: object = None, *, login: str = "alice") -> Any:
        return self.world.rest(method, f"/repos/{self.name}{path}", body, login=login)

    def push(self, branches: Mapping[str, Sequence[Written]], *, onto: str | None = "main") -> None:
        """Makes or goes on each branch: a new one begins at `onto`, at nothing where that is None."""
        stream = "".join(self._branch(name, commits, onto) for name, commits in branches.items())
        self._run("fast-import", "--quiet", "--force", stdin=stream)
        self._run("push", "--quiet", "--force", "origin", *(f"refs/heads/{name}" for name in branches))

    def tip(self, branch: str) -> CommitSha:
        self._run("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
        return CommitSha(self._run("rev-parse", f"refs/remotes/origin/{branch}").strip())

    def sign(self, branch: str, *, signer: str | None = None, state: str = "VALID") -> CommitSha:
        """The tip of the branch, made once more with a signature, of which the code host is told what it is."""
        head, _, message = self._run("cat-file", "commit", branch).partition("\n\n")
        signed = f"{head}\ngpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----\n\n{message}"
        commit = self._run("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed).strip()
        self._run("update-ref", f"refs/heads/{branch}", commit)
        self._run("push", "--quiet", "--force", "origin", f"refs/heads/{branch}")
        self.world.tell(signatures={self.name: {commit: {"state": state, "signer": signer}}})
        return CommitSha(commit)

    def message(self, commit: str) -> str:
        return self._run("log", "-1", "--format=%B", commit).strip()

    def open(self, branch: str = "topic", *, by: str = "alice", **more: object) -> int:
        """Opens a pull request of `branch`, which is made with one commit of its author if there is none."""
        if not self._run("branch", "--list", branch):
            self.push({branch: [Written(author=by, files={f"{branch}.txt": branch})]})
        body = {"title": f"Bring {branch}", "head": branch, "base": "main", "body": "", **more}
        return int(self.rest("POST", "/pulls", body, login=by)["number"])

    def review(self, number: int, by: str, event: str = "APPROVE", *, commit: str | None = None) -> None:
        body = {"event": event, "body": "Looked at it.", **({"commit_id": commit} if commit else {})}
        self.rest("POST", f"/pulls/{number}/reviews", body, login=by)

    def label(self, number: int, *labels: str) -> None:
        self.rest("POST", f"/issues/{number}/labels", {"labels": list(labels)})

    def unlabel(self, number: int, label: str) -> None:
        self.rest("DELETE", f"/issues/{number}/labels/{label}")

    def close(self, number: int) -> None:
        self.rest("PATCH", f"/pulls/{number}", {"state": "closed"})

    def rename(self, name: str) -> None:
        self.rest("PATCH", "", {"name": name}, login=ORGANIZATION_ADMIN)

    def comments(self, number: int) -> list[str]:
        return [comment["body"] for comment in self.rest("GET", f"/issues/{number}/comments?per_page=100")]

    def _branch(self, name: str, commits: Sequence[Written], onto: str | None) -> str:
        known = self._run("branch", "--list", name)
        start = name if known else onto
        lines: list[str] = []
        for place, commit in enumerate(commits):
            begin = f"from refs/heads/{start}^0\n" if place == 0 and start else ""
            lines.append(self._commit(name, commit, begin))
        return "".join(lines)

    def _commit(self, branch: str, commit: Written, begin: str) -> str:
        moment = next(self.world.moments)
        files = commit.files if commit.files is not None else {f"{branch}-{moment}.txt": ""}
        changes = "".join(
            f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n" for path, text in files.items()
        )
        return (
            f"commit refs/heads/{branch}\n"
            f"author {person(commit.author)} {moment} +0000\n"
            f"committer {person(commit.committer or commit.author)} {moment} +0000\n"
            f"data {len(commit.message.encode())}\n{commit.message}\n{begin}{changes}"
        )

    def _run(self, *arguments: str, stdin: str = "") -> str:
        command = ["git", "-C", str(self._git), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout


ORGANIZATION_ADMIN = "root"


class World:
    """One code host, shared by all tests: each makes repositories and people of its own."""

    def __init__(self, root: str, data: Path, scratch: Path) -> None:
        self.root = root
        self.api_url = f"{root}/api/v3"
        self.moments: Iterator[int] = itertools.count(1_700_000_000)
        self._data = data
        self._scratch = scratch
        self._names = itertools.count(1)
        self._http = httpx.Client(timeout=30)
        self.tell(orgs=[ORGANIZATION], users=["alice", "bob", "carol"])
        self.tell(users=[{"login": ORGANIZATION_ADMIN, "permission": "admin", "orgs": [ORGANIZATION]}])

    def close(self) -> None:
        self._http.close()

    def tell(self, **world: object) -> None:
        self._ask("POST", "/_sandbox/world", world)

    def rest(self, method: str, path: str, body: object = None, *, login: str = "alice") -> Any:
        return self._ask(method, f"/api/v3{path}", body, token=f"sandbox-{login}")

    def repository(self, name: str | None = None) -> Repository:
        """A repository with one commit on `main`."""
        repository = self.empty_repository(name)
        repository.push({"main": [Written(message="Begin", files={"README.md": "begin"})]}, onto=None)
        return repository

    def empty_repository(self, name: str | None = None) -> Repository:
        name = name or f"project-{next(self._names)}"
        made = self.rest("POST", f"/orgs/{ORGANIZATION}/repos", {"name": name}, login=ORGANIZATION_ADMIN)
        git = self._scratch / f"{name}.git"
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", git], check=True)
        origin = self._data / "git" / ORGANIZATION / f"{name}.git"
        subprocess.run(["git", "-C", git, "remote", "add", "origin", origin.as_uri()], check=True)
        return Repository(self, name, str(made["id"]), git)

    def fails(self, method: str, path: str, **fault: object) -> None:
        self._ask("POST", "/_sandbox/faults", {"match": {"method": method, "path": path}, **fault})

    def recovers(self) -> None:
        self._ask("DELETE", "/_sandbox/faults")

    def forget_requests(self) -> None:
        self._ask("DELETE", "/_sandbox/requests")

    def requests(self) -> list[tuple[str, str]]:
        return [(entry["method"], entry["path"]) for entry in self._ask("GET", "/_sandbox/requests")]

    def _ask(self, method: str, path: str, body: object = None, *, token: str = HUB) -> Any:
        response = self._http.request(
            method, self.root + path, json=body, headers={"Authorization": f"token {token}"}, follow_redirects=True
        )
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None
