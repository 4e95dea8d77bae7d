"""Git over HTTP as a code host speaks it: git's own backend behind a token, and with faults on request."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.adapters.git.remote import ENVIRONMENT


@dataclass
class SmartHttp:
    """`answers` are given first: a status, or an address to redirect to; `dropped` counts connections to break."""

    root: Path
    token: str
    answers: list[int | str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dropped: int = 0
    port: int = 0

    @property
    def template(self) -> str:
        return f"http://127.0.0.1:{self.port}/{{repository}}.git"

    def authorized(self, header: str | None) -> bool:
        expected = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return header == f"Basic {expected}"


@contextmanager
def serving(root: Path, token: str) -> Iterator[SmartHttp]:
    host = SmartHttp(root, token)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"host": host}))
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    host: SmartHttp
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing: the test run's output is not the place."""

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        self.host.requests.append(f"{self.command} {self.path}")
        if self.host.answers:
            self._refuse(self.host.answers.pop(0))
        elif not self.host.authorized(self.headers.get("Authorization")):
            self._refuse(401)
        else:
            self._serve(body)

    def _refuse(self, answer: int | str) -> None:
        self.send_response(answer if isinstance(answer, int) else 301)
        if answer == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        if isinstance(answer, str):
            self.send_header("Location", answer + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        environment = ENVIRONMENT | {
            "GIT_PROJECT_ROOT": str(self.host.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "hub",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH": os.environ["PATH"],
        }
        backend = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=False)
        head, _, content = backend.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.host.dropped and self.command == "POST":
            self.host.dropped -= 1
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)
