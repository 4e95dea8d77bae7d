"""The code host as one ASGI application."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive, Scope, Send

from .api import RestApi
from .clock import now
from .control import Control
from .errors import Refusal
from .faults import Fault, Faults
from .graphql.endpoint import GraphQLApi
from .host import Host
from .journal import Journal
from .settings import CodeHostSettings
from .smart_http import SmartHttp, write_address
from .webhooks import Webhooks

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]


class CodeHostApplication(Starlette):
    """
    Notes every request, and lets the faults that were asked for happen before anything else sees it.

    Both need the server's own `send`, which Starlette's middleware would already have wrapped.
    """

    def __init__(self, routes: list[BaseRoute], host: Host, faults: Faults, journal: Journal) -> None:
        super().__init__(routes=routes, lifespan=_lifespan(host), exception_handlers={Exception: _broken})
        self.faults = faults
        self.journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await super().__call__(scope, receive, send)
            return
        scope.setdefault("state", {})
        _hurry(send)
        entry: dict[str, Any] = {"method": scope["method"], "path": scope["path"], "time": now(), "status": None}
        entry["query"] = scope.get("query_string", b"").decode()
        started = time.monotonic()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        try:
            fault = self.faults.take(scope["method"], scope["path"])
            if fault is not None and fault.delay:
                await asyncio.sleep(fault.delay)
            if fault is not None and fault.drop:
                await _drop(send)
            elif fault is not None and (fault.status or fault.rate_limit):
                await (_limited(fault) if fault.rate_limit else _failed(fault))(scope, receive, noting)
            else:
                await super().__call__(scope, receive, noting)
        finally:
            entry["seconds"] = round(time.monotonic() - started, 4)
            entry |= {key: scope["state"].get(key) for key in ("login", "operation")}
            self.journal.note(entry)


def _hurry(send: Send) -> None:
    """
    Sends small answers at once.

    asyncio does so only for listening sockets made with an explicit protocol; otherwise each answer, written as head
    and body, waits 40 ms for the peer's delayed acknowledgement.
    """
    transport: Any = getattr(getattr(send, "__self__", None), "transport", None)
    connection = transport.get_extra_info("socket") if transport else None
    if connection is not None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def _broken(_: Request, error: Exception) -> Response:
    """A defect of this server. Starlette raises it again after the answer, so that the log has it whole."""
    document = Refusal(500, f"The sandbox code host failed: {type(error).__name__}").document()
    return Response(json.dumps(document), status_code=500, media_type="application/json")


async def _drop(send: Send) -> None:
    """Closes the connection without a word. The server's transport is reached through its own `send`."""
    cycle: Any = getattr(send, "__self__", None)
    cycle.transport.abort()
    # The server learns of the closed connection in a later turn of its loop; returning earlier makes it answer 500.
    while not cycle.disconnected:  # noqa: ASYNC110 - the server has no event to wait for
        await asyncio.sleep(0)


def _failed(fault: Fault) -> Response:
    status = fault.status or 500
    body = fault.body if fault.body is not None else Refusal(status, "A fault that was asked for").document()
    return Response(json.dumps(body), status_code=status, media_type="application/json")


def _limited(fault: Fault) -> Response:
    if fault.rate_limit == "secondary":
        refusal = Refusal(
            403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        )
        headers = {"retry-after": str(fault.seconds)}
    else:
        refusal = Refusal(fault.status or 403, "API rate limit exceeded for this installation.")
        reset = str(int(time.time()) + fault.seconds)
        headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-used": "5000"}
        headers |= {"x-ratelimit-reset": reset, "x-ratelimit-resource": "core"}
    content = json.dumps(refusal.document())
    return Response(content, status_code=refusal.status, headers=headers, media_type="application/json")


def _lifespan(host: Host) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        webhooks = Webhooks(host)
        webhooks.start()
        yield
        webhooks.stop()
        host.store.close()

    return lifespan


def create_app(settings: CodeHostSettings) -> Starlette:
    host, faults, journal = Host(settings), Faults(), Journal()
    write_address(host)
    rest, graphql = RestApi(host), GraphQLApi(host)
    routes: list[BaseRoute] = [
        *settings.extra_routes,
        *Control(host, faults, journal).routes(),
        Route("/api/graphql", graphql.endpoint, methods=["POST"]),
        Route("/api/v3/graphql", graphql.endpoint, methods=["POST"]),
        Route("/api/v3", rest.endpoint, methods=METHODS),
        Route("/api/v3/{path:path}", rest.endpoint, methods=METHODS),
        *(SmartHttp(host).routes() if settings.smart_http else ()),
    ]
    return CodeHostApplication(routes, host, faults, journal)
