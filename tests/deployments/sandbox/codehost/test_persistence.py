import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from starlette.responses import JSONResponse
from starlette.routing import Route

PROGRAM = """
import socket, sys
from pathlib import Path
import uvicorn
from deployments.sandbox.codehost import CodeHostSettings, create_app
listener = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{listener.getsockname()[1]}"
app = create_app(CodeHostSettings(data=Path(sys.argv[1]), public_url=url))
print(url, flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
"""


def start(data: Path) -> tuple[subprocess.Popen[str], httpx.Client]:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(data)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    return process, httpx.Client(base_url=url, headers={"authorization": "token sandbox-alice"}, timeout=30)


def kill(process: subprocess.Popen[str], client: httpx.Client) -> None:
    client.close()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def test_a_killed_server_goes_on_where_it_was(tmp_path: Path) -> None:
    process, client = start(tmp_path)
    client.post("/_sandbox/world", json={"orgs": ["acme"], "users": ["alice"], "teams": {"acme/core": ["alice"]}})
    client.post("/api/v3/orgs/acme/repos", json={"name": "web", "auto_init": True})
    issue = client.post("/api/v3/repos/acme/web/issues", json={"title": "Kept", "labels": ["bug"]}).json()
    kill(process, client)

    process, client = start(tmp_path)
    kept = client.get("/api/v3/repos/acme/web/issues/1").json()
    second = client.post("/api/v3/repos/acme/web/issues", json={"title": "New"}).json()
    team = client.get("/api/v3/orgs/acme/teams/core/members").json()
    kill(process, client)

    assert (kept["id"], kept["title"], kept["labels"][0]["name"]) == (issue["id"], "Kept", "bug")
    assert second["number"] == 2
    assert second["id"] > issue["id"]
    assert [one["login"] for one in team] == ["alice"]


def test_nothing_acknowledged_is_lost_in_the_middle_of_many_writes(tmp_path: Path) -> None:
    process, client = start(tmp_path)
    client.post("/_sandbox/world", json={"orgs": ["acme"], "users": ["alice"]})
    client.post("/api/v3/orgs/acme/repos", json={"name": "web"})
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: client.post("/api/v3/repos/acme/web/issues", json={"title": str(n)}), range(80))
        )
    acknowledged = {answer.json()["number"]: answer.json()["title"] for answer in answers}
    kill(process, client)

    process, client = start(tmp_path)
    found = client.get("/api/v3/repos/acme/web/issues?per_page=100&state=all").json()
    kill(process, client)

    assert {issue["number"]: issue["title"] for issue in found} == acknowledged
    assert sorted(acknowledged) == list(range(1, 81))


def test_a_push_while_the_server_was_down_is_seen(repo: Any, serve: Any, tmp_path: Path, run_git: Any) -> None:
    with serve(tmp_path / "data") as server:
        server.control("POST", "world", {"orgs": ["acme"], "users": ["alice"]})
        headers = {"authorization": "token sandbox-alice"}
        made = httpx.post(f"{server.api_url}/orgs/acme/repos", json={"name": "web", "auto_init": True}, headers=headers)
    clone = repo.clone((tmp_path / "data/git/acme/web.git").as_uri())
    run_git(clone, "commit", "--quiet", "--allow-empty", "-m", "Meanwhile")
    run_git(clone, "push", "--quiet", "origin", "main")

    with serve(tmp_path / "data") as server:
        branch = httpx.get(f"{server.api_url}/repos/acme/web/branches/main", headers=headers)

    assert made.status_code == 201
    assert branch.json()["commit"]["sha"] == run_git(clone, "rev-parse", "HEAD")


def test_what_extra_routes_and_state_bring_is_served(serve: Any, tmp_path: Path) -> None:
    route = Route("/_sandbox/mail", lambda _: JSONResponse([]))

    with serve(tmp_path, extra_routes=[route], extra_state=lambda: {"s3": {"endpoint": "x"}}) as server:
        answers = [server.control("GET", path) for path in ("mail", "state")]

    assert (answers[0], answers[1]["s3"]) == ([], {"endpoint": "x"})
