"""
Patience with Prefect's server on SQLite, which answers 503 to what comes while it writes.

Its client then sleeps for two, four, eight seconds. What was answered so has changed nothing, so it may as well be
asked again a moment later, before the client hears of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 60.0


class AsksAgain:
    """ASGI middleware: a request that is answered 503 is put to `app` again until it is answered otherwise."""

    def __init__(self, app: App, *, patience: float = PATIENCE_SECONDS) -> None:
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = await _whole(receive)
        deadline = time.monotonic() + self._patience
        while True:
            answer = _Answer(send, last=time.monotonic() > deadline)
            try:
                await self._app(dict(scope), _replayed(request, receive), answer)
            except Exception:
                # The error that it answered is also raised, for the server's log.
                if not answer.kept_back:
                    raise
            if not answer.kept_back:
                return
            await asyncio.sleep(PAUSE_SECONDS)


class _Answer:
    """Passes on what is sent, unless it is a 503 and not the last try."""

    def __init__(self, send: Send, *, last: bool) -> None:
        self._send = send
        self._last = last
        self.kept_back = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._last:
            self.kept_back = message["status"] == HTTPStatus.SERVICE_UNAVAILABLE
        if not self.kept_back:
            await self._send(message)


async def _whole(receive: Receive) -> list[Message]:
    """The request's messages up to the end of its body."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    left = list(messages)

    async def next_message() -> Message:
        return left.pop(0) if left else await receive()

    return next_message
