"""Prefect's own server beside a command: it ends with it, and is patient with SQLite."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from deployments.embedded_prefect.patience import App, AsksAgain, Message, Receive, Send
from deployments.embedded_prefect.process import PrefectNotReady, PrefectServer
from tests.flows.pause import wait_for

STARTED = """
import sys, time, pathlib
from deployments.embedded_prefect.process import PrefectServer
server = PrefectServer(pathlib.Path(sys.argv[1]), keep_runs=100)
if sys.argv[2] == "ready":
    server.wait_until_ready()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("state", ["starting", pytest.param("ready", marks=pytest.mark.long)])
def test_the_server_ends_with_a_command_that_is_killed_and_holds_on_to_none_of_its_output(
    tmp_path: Path, state: str
) -> None:
    arguments = [sys.executable, "-c", STARTED, str(tmp_path), state]
    command = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert command.stdout is not None
    server = int(command.stdout.readline())

    command.send_signal(signal.SIGKILL)

    # Output ends when the last process that holds on to it is gone.
    assert command.stdout.read() == ""
    wait_for(lambda: not _runs(server))
    command.stdout.close()
    assert command.wait() == -signal.SIGKILL


def test_a_server_that_ended_before_it_answered_is_told_with_its_log(tmp_path: Path) -> None:
    server = PrefectServer(tmp_path, keep_runs=100)
    os.kill(server.pid, signal.SIGKILL)

    with pytest.raises(PrefectNotReady) as raised:
        server.wait_until_ready()
    server.stop()

    assert str(tmp_path / "server.log") in raised.value.remedy


def test_what_is_answered_503_is_asked_again_as_it_was_asked() -> None:
    heard: list[bytes] = []

    statuses = asked(AsksAgain(answering([503, 503, 201], heard)))

    assert (statuses, heard) == ([201], [b"onetwo", b"onetwo", b"onetwo"])


def test_a_503_that_does_not_end_is_answered_in_the_end() -> None:
    heard: list[bytes] = []

    with pytest.raises(OSError, match="503"):
        asked(AsksAgain(answering([503, 201], heard), patience=-1.0))

    assert len(heard) == 1


def test_an_error_other_than_503_is_answered_and_raised_at_once() -> None:
    heard: list[bytes] = []

    with pytest.raises(OSError, match="500"):
        asked(AsksAgain(answering([500, 201], heard)))

    assert len(heard) == 1


def answering(statuses: Sequence[int], heard: list[bytes]) -> App:
    """Answers with one status after the other, and raises after an error as Starlette does."""
    left = list(statuses)

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message["more_body"]:
                break
        heard.append(body)
        status = left.pop(0)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        if status >= 500:
            raise OSError(status)

    return app


def asked(app: App) -> list[int]:
    """The statuses that one request in two pieces is answered with."""
    pieces = [
        {"type": "http.request", "body": b"one", "more_body": True},
        {"type": "http.request", "body": b"two", "more_body": False},
    ]
    statuses: list[int] = []

    async def receive() -> Message:
        return pieces.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def ask() -> None:
        await app({"type": "http"}, receive, send)

    asyncio.run(ask())
    return statuses


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except FileNotFoundError:
        return False
