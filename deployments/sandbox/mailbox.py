"""
The sandbox's mail server: accepts every message, delivers none, and shows them under `/_sandbox/mail`.

It can misbehave on request: each scripted reply is given once, to the next command of the stage it names.
"""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deployments.sandbox.script import extend


class Stage(StrEnum):
    AUTH = "auth"
    RECIPIENT = "recipient"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Mail:
    """As it came in; `login` is None where the sender did not authenticate."""

    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    login: str | None
    content: bytes

    def as_json(self) -> dict[str, object]:
        message = message_from_bytes(self.content, EmailMessage, policy=policy.default)
        return {
            "received_at": self.received_at.isoformat(),
            "from": self.sender,
            "to": list(self.recipients),
            "login": self.login,
            "message_id": message["Message-ID"],
            "subject": message["Subject"],
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": _part(message, "plain"),
            "html": _part(message, "html"),
            "attachments": [part.get_filename() for part in message.iter_attachments()],
            "raw": self.content.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode(),
        }


def _part(message: EmailMessage, kind: str) -> str | None:
    body = message.get_body(preferencelist=(kind,))
    return None if body is None else str(body.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class Mailbox:
    """`tls` offers STARTTLS. Any login is accepted; with `auth_required` only mail of those who logged in."""

    tls: ssl.SSLContext | None = None
    auth_required: bool = False
    mails: list[Mail] = field(default_factory=list)
    script: deque[tuple[Stage, str]] = field(default_factory=deque)

    def reply_next(self, stage: Stage, reply: str) -> None:
        """The next command of this stage is answered by `reply`, such as `451 4.3.0 try again later`."""
        self.script.append((stage, reply))

    async def listen(self, host: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: self._connection(loop), host, port)

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/mail", self._list, methods=["GET"]),
            Route("/_sandbox/mail", self._clear, methods=["DELETE"]),
            Route("/_sandbox/mail/script", self._extend_script, methods=["POST"]),
        ]

    def _connection(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        return SMTP(
            _Handler(self),
            hostname="sandbox.example.org",
            tls_context=self.tls,
            auth_required=self.auth_required,
            auth_require_tls=self.tls is not None,
            authenticator=self._authenticate,
            loop=loop,
        )

    def scripted(self, stage: Stage) -> str | None:
        for entry in self.script:
            if entry[0] is stage:
                self.script.remove(entry)
                return entry[1]
        return None

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, credentials: object
    ) -> AuthResult:
        reply = self.scripted(Stage.AUTH)
        if reply is not None or not isinstance(credentials, LoginPassword):
            return AuthResult(success=False, handled=False, message=reply)
        return AuthResult(success=True, auth_data=credentials)

    async def _list(self, _request: Request) -> Response:
        return JSONResponse([mail.as_json() for mail in self.mails])

    async def _clear(self, _request: Request) -> Response:
        self.mails.clear()
        self.script.clear()
        return Response(status_code=204)

    async def _extend_script(self, request: Request) -> Response:
        example: dict[str, object] = {"stage": "auth | recipient | data", "reply": "451 4.3.0 try again later"}
        return await extend(self.script, request, _scripted_reply, example=example)


def _scripted_reply(entry: Any) -> tuple[Stage, str]:
    return Stage(entry["stage"]), str(entry["reply"])


class _Handler:
    """What aiosmtpd asks; it finds the questions by these method names."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, *_options: object
    ) -> str:
        reply = self._mailbox.scripted(Stage.RECIPIENT)
        if reply is None:
            envelope.rcpt_tos.append(address)
        return reply or "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- its name
        reply = self._mailbox.scripted(Stage.DATA)
        if reply is None:
            self._mailbox.mails.append(_mail(session, envelope))
        return reply or "250 Message accepted for delivery"


def _mail(session: Session, envelope: Envelope) -> Mail:
    login = getattr(session.auth_data, "login", None)
    return Mail(
        received_at=datetime.now(tz=UTC),
        sender=str(envelope.mail_from),
        recipients=tuple(envelope.rcpt_tos),
        login=login.decode() if isinstance(login, bytes) else None,
        content=bytes(envelope.original_content or b""),
    )
