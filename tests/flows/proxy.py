"""Between the hub and the code host: things happen before a request gets there, and answers are not what they were."""

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.flows.hub import Hub

_NOT_PASSED_ON = frozenset({"accept-encoding", "connection", "host", "transfer-encoding"})
_COUNTED_ANEW = frozenset({"connection", "content-length", "date", "etag", "server", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Instead:
    """What the hub gets without the code host being asked; without a status the connection ends."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NOBODY_THERE = Instead(502)


@dataclass
class Between:
    """
    `before` is told method and path, `after` the body as well; `answer` makes of each answer what the hub gets.

    `instead`, which is told the body too, may answer in the code host's place; `cut` loses half of an answer.
    """

    before: Callable[[str, str], object] = lambda _method, _path: None
    after: Callable[[str, str, str], object] = lambda _method, _path, _body: None
    answer: Callable[[bytes], bytes] = lambda body: body
    instead: Callable[[str, str, str], Instead | None] = lambda _method, _path, _body: None
    cut: Callable[[str, str], bool] = lambda _method, _path: False


@contextmanager
def between(hub: Hub, address: str = "MERGE_HUB_GITHUB_API_URL") -> Iterator[Between]:
    """For as long as the context lasts, what `hub` asks of that address goes through here."""
    api = hub.environment[address]
    agreed = Between()
    handler = type("Handler", (_Handler,), {"agreed": agreed, "behind": urlsplit(api).netloc})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    hub.environment[address] = f"http://127.0.0.1:{server.server_port}{urlsplit(api).path}"
    try:
        yield agreed
    finally:
        hub.environment[address] = api
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a connection that the other side broke was to be broken."""


class _Handler(BaseHTTPRequestHandler):
    agreed: Between
    behind: str

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Nothing: the test run's output is not the place."""

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = body.decode(errors="replace")
        if (instead := self.agreed.instead(self.command, self.path, text)) is not None:
            self._answer_instead(instead)
            return
        self.agreed.before(self.command, self.path)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_PASSED_ON}
        connection = http.client.HTTPConnection(self.behind, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            answer = self.agreed.answer(response.read())
        finally:
            connection.close()
        self.agreed.after(self.command, self.path, text)
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in _COUNTED_ANEW:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.close_connection = self.agreed.cut(self.command, self.path)
        self.wfile.write(answer[: len(answer) // 2] if self.close_connection else answer)

    def _answer_instead(self, instead: Instead) -> None:
        if instead.status is None:
            self.close_connection = True
            return
        self.send_response(instead.status)
        for name, value in instead.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815 -- the base class's names
