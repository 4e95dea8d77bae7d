"""`python -m deployments.sandbox serve` says in one line that it is ready, and leaves nothing when it is gone."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.sandbox.process import Sandbox, SandboxNotReadyError

Serving = subprocess.Popen[str]
Serve = Callable[..., Serving]

PARENT = """
import sys, time
from pathlib import Path
from deployments.sandbox.process import Sandbox
with Sandbox(data=Path(sys.argv[1])) as sandbox:
    print("ready", flush=True)
    time.sleep(600)
"""


def processes_of(data: Path) -> list[int]:
    """Everybody who was started with this directory; the dead who wait to be buried have no command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if str(data).encode() in command:
            found.append(int(entry.name))
    return found


def are_gone(data: Path, *, within: float = 2) -> bool:
    end = time.monotonic() + within
    while processes_of(data):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def addresses_of(process: int) -> set[str]:
    """Where the process listens, as the kernel writes addresses: hexadecimal, the last part first."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                addresses.add(fields[1].split(":")[0])
    return addresses


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    started: list[Serving] = []

    def start(*arguments: str) -> Serving:
        command = [sys.executable, "-m", "deployments.sandbox", "serve", *arguments]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=10)
    assert are_gone(tmp_path)


def ready(process: Serving) -> dict[str, Any]:
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert isinstance(line, dict)
    return line


def test_what_leads_there_is_written_for_a_shell(serve: Serve, tmp_path: Path) -> None:
    written = tmp_path / "it is here.env"
    line = ready(serve("--no-s3", f"--env={written}"))
    program = f". {shlex.quote(str(written))} && printf '%s %s' $GITHUB_TOKEN $MERGE_HUB_GITHUB_API_URL"
    read = subprocess.run(["sh", "-c", program], capture_output=True, text=True, check=True)

    assert read.stdout == f"sandbox-app {line['api_url']}"


def test_a_file_that_cannot_be_written_is_told(serve: Serve, tmp_path: Path) -> None:
    _, told = serve("--no-s3", f"--env={tmp_path / 'no' / 'folder'}").communicate(timeout=30)

    assert "give another --env" in told


def test_the_line_says_where_everything_is(serve: Serve) -> None:
    line = ready(serve("--no-s3"))

    assert list(line) == ["ready", "api_url", "git_url", "s3_url", "smtp", "slack_url"]
    assert line["ready"] is True
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/v3", line["api_url"])
    assert re.fullmatch(r"file:///.+/git/\{repository\}\.git", line["git_url"])
    assert re.fullmatch(r"127\.0\.0\.1:\d+", line["smtp"])
    assert line["slack_url"] == line["api_url"].replace("/api/v3", "/slack/enterprise")


def test_git_is_served_over_http_if_so_asked(serve: Serve) -> None:
    line = ready(serve("--no-s3", "--smart-http"))

    assert line["git_url"] == line["api_url"].replace("/api/v3", "/{repository}.git")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_at_once_after_one_line(serve: Serve, number: signal.Signals) -> None:
    process = serve("--no-s3")
    data = Path(ready(process)["git_url"].removeprefix("file://")).parents[1]
    before = time.monotonic()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=10)

    assert time.monotonic() - before < 2
    assert (process.returncode, rest) == (0, "")
    assert not data.exists()


@pytest.mark.long
def test_a_signal_stops_the_object_store_too(serve: Serve, tmp_path: Path) -> None:
    process = serve(f"--data={tmp_path}")
    ready(process)
    process.send_signal(signal.SIGINT)
    process.wait(2)

    assert processes_of(tmp_path) == []


def test_a_signal_before_it_is_ready_leaves_nothing(serve: Serve, tmp_path: Path) -> None:
    process = serve(f"--data={tmp_path}")
    while len(processes_of(tmp_path)) == 1:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=5)

    assert (rest, processes_of(tmp_path)) == ("", [])


def test_the_object_store_dies_with_a_sandbox_that_is_killed(serve: Serve, tmp_path: Path) -> None:
    process = serve(f"--data={tmp_path}")
    ready(process)
    process.kill()
    process.wait()

    assert are_gone(tmp_path)


def test_nothing_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        parent.kill()

    assert are_gone(tmp_path)


@pytest.mark.long
def test_everything_listens_on_loopback_only(tmp_path: Path) -> None:
    with Sandbox(data=tmp_path):
        addresses = set().union(*(addresses_of(process) for process in processes_of(tmp_path)))

    assert addresses == {"0100007F"}


def test_a_directory_that_was_given_goes_on_where_it_was(tmp_path: Path) -> None:
    with Sandbox(data=tmp_path, object_store=False) as sandbox:
        sandbox.ask("POST", "/_sandbox/world", {"orgs": ["acme"], "users": ["alice"]})
    with Sandbox(data=tmp_path, object_store=False) as sandbox:
        known = sandbox.ask("GET", "/api/v3/users/alice", login="alice")

    assert known["login"] == "alice"


def test_a_directory_has_one_sandbox_at_a_time(serve: Serve, tmp_path: Path) -> None:
    ready(serve("--no-s3", f"--data={tmp_path}"))
    second = serve("--no-s3", f"--data={tmp_path}")
    _, errors = second.communicate(timeout=10)

    assert second.returncode == 1
    assert errors == f"another sandbox is running on {tmp_path}: stop it, or give another --data\n"


def test_a_port_that_is_taken_is_named(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = serve("--no-s3", f"--port={port}")
        _, errors = process.communicate(timeout=10)

    assert errors == f"port {port} cannot be had: Address already in use; leave out --port for a free one\n"


def test_a_sandbox_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(SandboxNotReadyError), Sandbox(data=file, object_store=False):
        pass


def test_the_environment_is_what_the_hub_needs(sandbox: Sandbox) -> None:
    environment = sandbox.environment()

    assert environment == {
        "GITHUB_TOKEN": "sandbox-app",
        "MERGE_HUB_GITHUB_API_URL": sandbox.endpoints.api_url,
        "MERGE_HUB_GIT_URL": sandbox.endpoints.git_url,
        "SLACK_WEBHOOK_ENTERPRISE": sandbox.endpoints.slack_url,
        "SMTP_SERVER": sandbox.endpoints.smtp,
    }
