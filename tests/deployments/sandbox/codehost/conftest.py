"""
One code host for all tests of this folder, each with its own organization, on a loopback port.

Every answer of the REST API is held against GitHub's published description before a test sees it.
"""

import base64
import json
import secrets
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deployments.sandbox.codehost import CodeHostSettings, create_app
from tests.deployments.sandbox.codehost.description import SLICE, Description

# Everything here is plain HTTP; reading the machine's certificates for each client takes longer than a test.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(scope="session")
def description() -> Description:
    return Description(SLICE.read_text())


@dataclass
class Server:
    url: str
    data: Path

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/v3"

    def control(self, method: str, path: str, document: Any = None) -> Any:
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=document, verify=NO_CERTIFICATES)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def status(self, path: str, authorization: str) -> int:
        headers = {"authorization": authorization}
        return httpx.get(f"{self.api_url}{path}", headers=headers, verify=NO_CERTIFICATES).status_code

    @cached_property
    def private_key(self) -> str:
        """For the App; the server was not told its public half, so that it takes any."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@contextmanager
def serving(data: Path, **more: Any) -> Iterator[Server]:
    listener = socket.create_server(("127.0.0.1", 0))
    # Accepted connections inherit this; without it each answer waits 40 ms for the delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(replace(CodeHostSettings(data=data, public_url=url, smart_http=True), **more))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield Server(url, data)
    finally:
        server.should_exit = True
        thread.join(5)
        listener.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("codehost")) as running:
        yield running


@pytest.fixture
def serve() -> Callable[..., Any]:
    """A server of a test's own, for what would disturb others: faults, limits, a restart."""
    return serving


@pytest.fixture(autouse=True)
def _no_faults_are_left(server: Server) -> Iterator[None]:
    yield
    server.control("DELETE", "faults")


class Api:
    """One person's REST and GraphQL client; each answer is validated."""

    def __init__(self, server: Server, login: str, description: Description) -> None:
        self.server = server
        self.login = login
        self.description = description
        self.http = httpx.Client(
            base_url=server.api_url,
            headers={"authorization": f"token sandbox-{login}"},
            timeout=30,
            verify=NO_CERTIFICATES,
        )

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        answer = self.http.request(method, path, json=body, **more)
        payload = json.loads(answer.content) if answer.content else None
        complaints = self.description.complain(method, path, answer.status_code, payload)
        assert not complaints, "\n".join(complaints)
        return answer

    def get(self, path: str, /, **query: Any) -> Any:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        return self._done("POST", path, body)

    def put(self, path: str, body: Any = None) -> Any:
        return self._done("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> Any:
        return self._done("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Any:
        return self._done("DELETE", path, body)

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        answer = self.ask(method, path, body)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()

    def graphql(self, query: str, **variables: Any) -> Any:
        document = self.query(query, **variables)
        assert "errors" not in document, document["errors"]
        return document["data"]

    def query(self, query: str, **variables: Any) -> Any:
        answer = self.http.post("/graphql", json={"query": query, "variables": variables})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _done(self, method: str, path: str, body: Any) -> Any:
        answer = self.ask(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=Alice", "-c", "user.email=alice@example.org", *arguments],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class Repo:
    """A repository with one commit on `main`, driven as alice and reviewed by bob."""

    alice: Api
    bob: Api
    app: Api
    carol: Api
    name: str
    directory: Path
    workspace: Path
    branches: int = field(default=0)

    @property
    def path(self) -> str:
        return f"/repos/{self.name}"

    @property
    def organization(self) -> str:
        return self.name.split("/")[0]

    def head(self, branch: str = "main") -> str:
        return git(self.directory, "rev-parse", f"refs/heads/{branch}")

    def branch(self, name: str, base: str = "main") -> str:
        self.alice.post(f"{self.path}/git/refs", {"ref": f"refs/heads/{name}", "sha": self.head(base)})
        return name

    def write(self, path: str, text: str, branch: str = "main", **more: Any) -> str:
        body = {"message": f"Write {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        known = self.alice.ask("GET", f"{self.path}/contents/{path}", params={"ref": branch})
        if known.status_code == 200:
            body["sha"] = known.json()["sha"]
        sha: str = self.alice.put(f"{self.path}/contents/{path}", body | more)["commit"]["sha"]
        return sha

    def pull(self, branch: str | None = None, base: str = "main", **more: Any) -> int:
        """A pull request with one commit that adds a file named like its branch."""
        if branch is None:
            self.branches += 1
            branch = f"topic-{self.branches}"
            self.branch(branch, base)
            self.write(f"{branch}.txt", branch, branch)
        body = {"title": f"Land {branch}", "head": branch, "base": base} | more
        number: int = self.alice.post(f"{self.path}/pulls", body)["number"]
        return number

    def show(self, number: int) -> Any:
        return self.alice.get(f"{self.path}/pulls/{number}")

    def clone(self, url: str | None = None) -> Path:
        target = self.workspace / secrets.token_hex(4)
        git(self.workspace, "clone", "--quiet", url or self.directory.as_uri(), str(target))
        return target


@pytest.fixture
def person(server: Server, description: Description) -> Iterator[Callable[[str], Api]]:
    opened: list[Api] = []

    def enter(login: str) -> Api:
        if login != "app":
            server.control("POST", "world", {"users": [login]})
        opened.append(Api(server, login, description))
        return opened[-1]

    yield enter
    for api in opened:
        api.http.close()


@pytest.fixture
def repo(server: Server, person: Callable[[str], Api], tmp_path: Path) -> Repo:
    organization = f"acme-{secrets.token_hex(4)}"
    alice, bob, app, carol = (person(login) for login in ("alice", "bob", "app", "carol"))
    world = {"orgs": [organization], "teams": {f"{organization}/core": ["alice", "bob"]}}
    server.control("POST", "world", world)
    alice.post(f"/orgs/{organization}/repos", {"name": "web", "auto_init": True})
    directory = server.data / "git" / organization / "web.git"
    return Repo(alice, bob, app, carol, name=f"{organization}/web", directory=directory, workspace=tmp_path)


@pytest.fixture
def run_git() -> Callable[..., str]:
    return git
