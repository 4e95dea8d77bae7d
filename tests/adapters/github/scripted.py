"""A code host that says what it is told to, for answers that no code host in its right mind gives."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """`body` is sent as JSON unless it is text; `cut` promises more of it than is sent; None for `status` hangs up."""

    status: int | None = 200
    body: object = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    delay: float = 0

    @property
    def content(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    body: object


class Scripted:
    """Answers in the order given, the last one for ever."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.api_url = f"{self.root}/api/v3"
        self.asked: list[Asked] = []
        self._answers: deque[Answer] = deque()

    def says(self, *answers: Answer) -> None:
        self._answers = deque(answers)

    def next(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self._answers.popleft() if len(self._answers) > 1 else self._answers[0]


@contextmanager
def scripted_server() -> Iterator[Scripted]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            answer = script.next(Asked(self.command, self.path, body))
            time.sleep(answer.delay)
            self.close_connection = answer.status is None or answer.cut
            if answer.status is None:
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.content) + (100 if answer.cut else 0)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script = Scripted(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
