"""
The sandbox's chat: takes what is sent to a Slack incoming webhook, answers `ok`, and shows it under `/_sandbox/slack`.

It can misbehave on request: each scripted answer is given once, whichever webhook comes next. A message that was
answered with an error is not listed, since nobody would have seen it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from json import JSONDecodeError
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from deployments.sandbox.script import extend

_BODIES = {
    HTTPStatus.BAD_REQUEST: "invalid_payload",
    HTTPStatus.FORBIDDEN: "action_prohibited",
    HTTPStatus.NOT_FOUND: "no_service",
    HTTPStatus.GONE: "channel_is_archived",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
}


@dataclass(frozen=True, slots=True)
class ChatMessage:
    received_at: datetime
    hook: str
    payload: Mapping[str, object]

    def as_json(self) -> dict[str, object]:
        shown = {name: self.payload.get(name) for name in ("channel", "text", "blocks")}
        return {"received_at": self.received_at.isoformat(), "hook": self.hook, **shown, "payload": dict(self.payload)}


@dataclass(frozen=True, slots=True)
class ScriptedAnswer:
    status: int
    retry_after: int | None = None

    def response(self) -> Response:
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return PlainTextResponse(_BODIES.get(HTTPStatus(self.status), "error"), self.status, headers)


@dataclass(slots=True)
class Chat:
    messages: list[ChatMessage] = field(default_factory=list)
    script: deque[ScriptedAnswer] = field(default_factory=deque)

    def routes(self) -> list[Route]:
        return [
            Route("/slack/{hook:path}", self._receive, methods=["POST"]),
            Route("/_sandbox/slack", self._list, methods=["GET"]),
            Route("/_sandbox/slack", self._clear, methods=["DELETE"]),
            Route("/_sandbox/slack/script", self._extend_script, methods=["POST"]),
        ]

    async def _receive(self, request: Request) -> Response:
        if self.script and self.script[0].status != HTTPStatus.OK:
            return self.script.popleft().response()
        if self.script:
            self.script.popleft()
        payload = await _payload(request)
        if not payload:
            return ScriptedAnswer(HTTPStatus.BAD_REQUEST).response()
        self.messages.append(ChatMessage(datetime.now(tz=UTC), request.path_params["hook"], payload))
        return PlainTextResponse("ok")

    async def _list(self, _request: Request) -> Response:
        return JSONResponse([message.as_json() for message in self.messages])

    async def _clear(self, _request: Request) -> Response:
        self.messages.clear()
        self.script.clear()
        return Response(status_code=204)

    async def _extend_script(self, request: Request) -> Response:
        example: dict[str, object] = {"status": 429, "retry_after": 1}
        return await extend(self.script, request, _scripted_answer, example=example)


def _scripted_answer(entry: Any) -> ScriptedAnswer:
    return ScriptedAnswer(HTTPStatus(entry["status"]), entry.get("retry_after"))


async def _payload(request: Request) -> dict[str, object]:
    """What was sent; empty where Slack would answer `invalid_payload`."""
    try:
        payload = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        return {}
    return payload if isinstance(payload, dict) and payload.keys() & {"text", "blocks", "attachments"} else {}
