"""
Starts the sandbox as a program of its own and stops it again: for tests, the demo and rehearsals.

The child holds on to its standard input, a pipe from here: it stops when this process ends in whatever way, from
whichever thread it was started.
"""

import http.client
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from deployments.sandbox.environment import environment

_STOPS_WITHIN_SECONDS = 10


class SandboxNotReadyError(Exception):
    """The sandbox ended before it was ready; why is on its standard error."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """`git_url` is a template with `{repository}`; `root_url` is where `/_sandbox` stands."""

    root_url: str
    api_url: str
    git_url: str
    s3_url: str | None
    smtp: str
    slack_url: str


class Sandbox:
    """
    A context in which a sandbox runs: `with Sandbox(seed="acme") as sandbox: …`.

    `data` None is a temporary directory, removed at the end. Without an object store it is ready much sooner.
    """

    def __init__(
        self, *, seed: str = "none", data: Path | None = None, smart_http: bool = False, object_store: bool = True
    ) -> None:
        self._arguments = [
            "serve",
            "--stop-at-eof",
            f"--seed={seed}",
            *([] if data is None else [f"--data={data}"]),
            *(["--smart-http"] if smart_http else []),
            *([] if object_store else ["--no-s3"]),
        ]
        self._process: subprocess.Popen[str] | None = None
        self._endpoints: Endpoints | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "deployments.sandbox", *self._arguments]
        self._process = subprocess.Popen(  # noqa: S603 -- our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            self._endpoints = _endpoints(self._process)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def endpoints(self) -> Endpoints:
        if self._endpoints is None:
            raise SandboxNotReadyError("the sandbox has not been started: use it as `with Sandbox() as sandbox`")
        return self._endpoints

    def environment(self) -> dict[str, str]:
        """What merge-hub needs in its environment to have this sandbox for its world."""
        return environment(self.endpoints, self.ask("GET", "/_sandbox/state")["s3"])

    def ask(self, method: str, path: str, content: object = None, *, login: str = "app") -> Any:
        """One request to the sandbox, `path` from `root_url`; returns the JSON it answers, None for nothing."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoints.root_url).netloc, timeout=30)
        try:
            body = None if content is None else json.dumps(content)
            headers = {"Authorization": f"Bearer sandbox-{login}", "Content-Type": "application/json"}
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise ValueError(f"{method} {path}: {response.status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None

    def stop(self) -> None:
        """Returns when the sandbox is gone; does nothing the second time."""
        if self._process is None:
            return
        with self._process as process:
            process.terminate()
            try:
                process.wait(_STOPS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self._process = None


def _endpoints(process: subprocess.Popen[str]) -> Endpoints:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise SandboxNotReadyError("the sandbox ended before it was ready; why is on its standard error")
    ready = json.loads(line)
    names = ("api_url", "git_url", "s3_url", "smtp", "slack_url")
    return Endpoints(root_url=ready["api_url"].removesuffix("/api/v3"), **{name: ready[name] for name in names})
