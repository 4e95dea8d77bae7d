"""A web server on loopback that answers what a test tells it to, and remembers what it was asked."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """`drop` hangs up without an answer, `hang` gives none until the server stops."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    drop: bool = False
    hang: bool = False


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: bytes


class ScriptedServer:
    """Gives its replies in turn, the last one from then on."""

    def __init__(self, address: str) -> None:
        self.url = address
        self.replies: list[Reply] = [Reply()]
        self.requests: list[Request] = []
        self.stopped = threading.Event()

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def _handler(server: list[ScriptedServer]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            (script,) = server
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.requests.append(Request(self.command, self.path, body))
            reply = script.next_reply()
            self.close_connection = True
            if reply.hang:
                script.stopped.wait(30)
            if reply.hang or reply.drop:
                return
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), "Connection": "close", **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815 -- names of the base class

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    scripts: list[ScriptedServer] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(scripts)) as http:
        script = ScriptedServer(f"http://127.0.0.1:{http.server_port}")
        scripts.append(script)
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield script
        finally:
            script.stopped.set()
            http.shutdown()
            thread.join()
