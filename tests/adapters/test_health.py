"""A service on loopback is asked how it does."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tasks.adapters.health import READ_AT_MOST, HttpHealth
from tasks.domain.gates import Verdict


class Service(BaseHTTPRequestHandler):
    """`/STATUS` answers with that status, `/far` with what is expected at a seam of its answer, `/large` beyond all."""

    def do_GET(self) -> None:
        status = int(self.path[1:]) if self.path[1:].isdigit() else 200
        body = {"/far": b"x" * 65_530 + b"version 7", "/large": b"x" * (READ_AT_MOST + 1) + b"version 7"}.get(self.path)
        body = body or b"all is well"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status in {301, 302}:
            self.send_header("Location", "/200")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- the parameter's name in the library
        """Tests are quiet."""


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [301, 302, 404, 500, 503])
def test_any_status_but_success_is_not_healthy_and_nobody_is_followed(service: str, status: int) -> None:
    heard = HttpHealth().ask(f"{service}/{status}", None)

    assert (heard.verdict, heard.said) == (Verdict.FAILED, f"it answered with status {status}")


@pytest.mark.parametrize(
    ("path", "expected", "verdict"),
    [
        ("/200", None, Verdict.PASSED),
        ("/200", "all is well", Verdict.PASSED),
        ("/200", "version 7", Verdict.FAILED),
        ("/far", "version 7", Verdict.PASSED),
        ("/large", "version 7", Verdict.FAILED),
    ],
)
def test_the_answer_must_hold_what_is_expected(service: str, path: str, expected: str | None, verdict: Verdict) -> None:
    heard = HttpHealth().ask(service + path, expected)

    assert heard.verdict is verdict
    assert "all is well" not in heard.said


def test_a_service_that_is_down_is_not_healthy() -> None:
    heard = HttpHealth().ask("http://127.0.0.1:1/", None)

    assert (heard.verdict, heard.said) == (Verdict.FAILED, "it cannot be reached")


def test_a_name_that_nobody_knows_says_nothing_about_the_service() -> None:
    heard = HttpHealth().ask("http://service.invalid/", None)

    assert heard.verdict is Verdict.ERRORED
