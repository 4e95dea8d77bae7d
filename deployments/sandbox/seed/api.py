"""A client of the sandbox's REST API, one kept connection a thread, on the standard library alone."""

import http.client
import json
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit


class RefusedError(Exception):
    """The code host refused a request; the sentence holds its answer."""


class Api:
    """`login` is who asks; None is the hub."""

    def __init__(self, api_url: str) -> None:
        address = urlsplit(api_url)
        self._prefix = address.path
        self._connection = http.client.HTTPConnection(address.netloc, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def post(self, path: str, content: object, *, login: str) -> Any:
        return self._send("POST", self._prefix + path, content, login)

    def patch(self, path: str, content: object, *, login: str) -> Any:
        return self._send("PATCH", self._prefix + path, content, login)

    def make_world(self, world: object) -> None:
        self._send("POST", "/_sandbox/world", world, "app")

    def _send(self, method: str, path: str, content: object, login: str) -> Any:
        headers = {"Authorization": f"Bearer sandbox-{login}", "Content-Type": "application/json"}
        self._connection.request(method, path, json.dumps(content), headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status >= http.client.BAD_REQUEST:
            raise RefusedError(f"{method} {path} as {login}: {response.status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None
