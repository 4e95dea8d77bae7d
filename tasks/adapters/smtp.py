"""
Mail over SMTP.

A connection is encrypted when the server offers it, or always, or never, as configured; a certificate that does not
hold is an error, never a reason to go on in clear, and a password is not sent in clear. What a server refuses for one
recipient is reported even though the others have their mail: the Message-ID tells them that a second one is the same.
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from config.schema import StartTls
from tasks.domain.errors import MessageUnconfirmed, MessageUndelivered
from tasks.domain.examined import MailFound
from tasks.domain.notification import Mail
from tasks.ports import Clock

_SMTP_PORT = 25
_SMTPS_PORT = 465
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a mail server lets send."""

    username: str
    password: SecretStr


class SmtpMailer:
    """
    `server` is `host`, `host:port`, `smtp://host:port` or `smtps://host:port`; the last is encrypted from the start.

    `timeout` is in seconds, for each answer of the server.
    """

    def __init__(
        self,
        server: str,
        sender: str,
        *,
        clock: Clock,
        starttls: StartTls = StartTls.AUTO,
        account: Account | None = None,
        timeout: float = 30.0,
    ) -> None:
        self._server = _Server.parse(server)
        self._sender = sender
        self._clock = clock
        self._starttls = starttls
        self._account = account
        self._timeout = timeout

    def send(self, mail: Mail) -> None:
        message = self._message(mail)
        with _explained(self._server), self._connection() as connection:
            refused = connection.send_message(message, from_addr=self._sender, to_addrs=list(mail.recipients))
        if refused:
            # The others have it, and would have it once more if it were sent again.
            told = _refused_recipients(refused, len(mail.recipients))
            raise MessageUnconfirmed(told.message, remedy=f"{told.remedy} Pass it on: it is not sent again.")

    def greet(self) -> MailFound:
        """As far as a mail would go before it is handed over: connects, encrypts and logs in as configured."""
        with _explained(self._server), self._connection() as connection:
            connection.ehlo_or_helo_if_needed()
            encrypted = self._server.encrypted or connection.sock.__class__.__name__ == "SSLSocket"
        return MailFound(str(self._server), encrypted, logged_in=self._account is not None)

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        try:
            message["From"] = Address(addr_spec=self._sender)
            message["To"] = tuple(Address(addr_spec=recipient) for recipient in mail.recipients)
            message["Subject"] = _one_line(mail.subject)
            message["Message-ID"] = mail.message_id
            message["Date"] = format_datetime(self._clock.now())
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(_encodable(mail.text))
            message.add_alternative(_encodable(mail.html), subtype="html")
        except (ValueError, IndexError, MessageError) as error:
            raise MessageUndelivered(
                f"the mail “{_one_line(mail.subject)}” cannot be written: {error}",
                remedy="Check `notifications.email`: `sender` and `recipients` are plain addresses, a@b.org.",
            ) from error
        return message

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        host, port = self._server.host, self._server.port
        if self._server.encrypted:
            connection: smtplib.SMTP = _EncryptedConnection(host, port, timeout=self._timeout, context=context)
        else:
            connection = _Connection(host, port, timeout=self._timeout)
        try:
            encrypted = self._server.encrypted or self._start_tls(connection, context)
            self._log_in(connection, encrypted=encrypted)
            yield connection
            # The server has the mail: what it says to our parting does not change that.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.quit()
        finally:
            connection.close()

    def _start_tls(self, connection: smtplib.SMTP, context: ssl.SSLContext) -> bool:
        connection.ehlo_or_helo_if_needed()
        if self._starttls is StartTls.OFF:
            return False
        if connection.has_extn("starttls"):
            connection.starttls(context=context)
            return True
        if self._starttls is StartTls.REQUIRED:
            raise MessageUndelivered(
                f"the mail server {self._server} does not offer encryption",
                remedy="Use a server that offers STARTTLS, or smtps://, or set `notifications.email.starttls` to auto.",
            )
        return False

    def _log_in(self, connection: smtplib.SMTP, *, encrypted: bool) -> None:
        if self._account is None:
            return
        if not encrypted:
            raise MessageUndelivered(
                f"the connection to the mail server {self._server} is not encrypted: the password is not sent",
                remedy="Use a server that offers STARTTLS, or smtps://, or leave out username and password.",
            )
        connection.login(self._account.username, self._account.password.get_secret_value())


class _AnswerLost(Exception):
    """The server was handed the text of a mail, and what it made of it is not known."""


class _Connection(smtplib.SMTP):
    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            raise
        except (smtplib.SMTPException, OSError) as error:
            raise _AnswerLost(str(error) or type(error).__name__) from error


class _EncryptedConnection(smtplib.SMTP_SSL, _Connection):
    """Encrypted from the start."""


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    encrypted: bool

    @classmethod
    def parse(cls, server: str) -> "_Server":
        address = server.strip() if "://" in server else f"smtp://{server.strip()}"
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        extras = parts.path.strip("/") or parts.query or parts.fragment or parts.username or parts.password
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or extras or re.search(r"\s", address):
            # Not quoted: it may hold a password.
            raise MessageUndelivered(
                "the mail server's address is none",
                remedy="Write `notifications.email.smtp_server` as host, host:port, smtp://host:port or "
                "smtps://host:port; username and password stand beside it.",
            )
        encrypted = parts.scheme == "smtps"
        return cls(parts.hostname, port or (_SMTPS_PORT if encrypted else _SMTP_PORT), encrypted)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@contextmanager
def _explained(server: _Server) -> Iterator[None]:
    try:
        yield
    except _AnswerLost as error:
        raise MessageUnconfirmed(
            f"the mail server {server} was given the mail, and its answer was lost: {_one_line(str(error))}",
            remedy="Look for it in the mailbox; it is not sent again.",
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused_recipients(error.recipients, len(error.recipients)) from error
    except smtplib.SMTPAuthenticationError as error:
        raise MessageUndelivered(
            f"the mail server {server} refused username and password: {error.smtp_code}",
            remedy="Check `notifications.email.username` and `password`.",
        ) from error
    except smtplib.SMTPResponseException as error:
        raise MessageUndelivered(
            f"the mail server {server} refused the mail: {_said(error.smtp_code, error.smtp_error)}",
            remedy=_remedy([error.smtp_code]),
        ) from error
    except ssl.SSLCertVerificationError as error:
        raise MessageUndelivered(
            f"the certificate of the mail server {server} does not hold: {error.verify_message}",
            remedy="Name the server as its certificate does; for an authority of your own, let SSL_CERT_FILE name its "
            "certificate.",
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MessageUndelivered(
            f"the mail server {server} did not take the mail: {_one_line(str(error)) or type(error).__name__}",
            remedy="Check the network and `notifications.email.smtp_server`.",
        ) from error


def _refused_recipients(refused: dict[str, tuple[int, bytes]], asked: int) -> MessageUndelivered:
    each = ", ".join(f"{recipient} ({_said(code, text)})" for recipient, (code, text) in sorted(refused.items()))
    return MessageUndelivered(
        f"the mail server refused {len(refused)} of {asked} recipients: {each}",
        remedy=_remedy([code for code, _ in refused.values()]),
    )


def _remedy(codes: Iterable[int]) -> str:
    if any(code >= _PERMANENT for code in codes):
        return "Check `notifications.email`: its recipients, its sender, and what the server asks of who sends."
    return "The server refuses for now; it is tried again at the next run."


def _said(code: int, text: bytes | str) -> str:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {_one_line(words)[:200]}".strip()


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", _encodable(text)).split())


def _encodable(text: str) -> str:
    """Half a surrogate pair, which no mail can carry, becomes a question mark."""
    return text.encode(errors="replace").decode()
