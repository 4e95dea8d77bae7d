import socket
import ssl
import traceback
from collections.abc import Callable
from contextlib import closing

import pytest
from pydantic import SecretStr

from config.schema import StartTls
from tasks.adapters.smtp import Account, SmtpMailer
from tasks.domain.errors import MergeHubError, MessageUnconfirmed, MessageUndelivered
from tasks.domain.notification import Mail
from tests.adapters.facts import SetClock
from tests.adapters.smtp.conftest import MailServer

Serve = Callable[..., MailServer]


def mail(
    subject: str = "2 merged", *, to: tuple[str, ...] = ("ann@acme.org", "bob@acme.org"), text: str = "Grüße ✓\n"
) -> Mail:
    return Mail(to, subject, text=text, html="<p>Grüße ✓</p>\n", message_id="<4f2a91c@merge-hub.acme.org>")


def mailer(
    server: str,
    *,
    sender: str = "hub@acme.org",
    starttls: StartTls = StartTls.AUTO,
    account: Account | None = None,
    timeout: float = 5,
) -> SmtpMailer:
    return SmtpMailer(server, sender, clock=SetClock(), starttls=starttls, account=account, timeout=timeout)


def undelivered(sender: SmtpMailer, message: Mail | None = None) -> MergeHubError:
    return failure_of(sender, MessageUndelivered, message)


def failure_of(sender: SmtpMailer, kind: type[MergeHubError], message: Mail | None = None) -> MergeHubError:
    """The failure, which holds the password nowhere, its traceback included."""
    with pytest.raises(kind) as failure:
        sender.send(message or mail())
    assert "hunter2" not in "".join(traceback.format_exception(failure.value)) + repr(sender) + repr(vars(sender))
    assert failure.value.remedy
    return failure.value


def test_a_mail_arrives_as_text_and_as_html_with_what_mail_programs_look_for(serve: Serve) -> None:
    server = serve()
    mailer(f"127.0.0.1:{server.port}").send(mail())

    (received,) = server.mails
    assert received.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content() for part in received.iter_parts()] == ["Grüße ✓\r\n", "<p>Grüße ✓</p>\r\n"]
    wanted = ("From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted")
    assert [str(received[name]) for name in wanted] == [
        "hub@acme.org",
        "ann@acme.org, bob@acme.org",
        "2 merged",
        "<4f2a91c@merge-hub.acme.org>",
        "Mon, 23 Nov 2026 05:02:54 +0000",
        "auto-generated",
    ]
    assert server.recipients == ["ann@acme.org", "bob@acme.org"]


@pytest.mark.parametrize("scheme", ["", "smtp://"])
def test_the_server_is_named_with_or_without_its_scheme(serve: Serve, scheme: str) -> None:
    server = serve()
    mailer(f"{scheme}127.0.0.1:{server.port}").send(mail())

    assert server.encrypted == [False]


@pytest.mark.parametrize("server", ["", ":25", "a b", "http://mail", "smtp://", "mail:port", "smtp://u:hunter2@mail"])
def test_an_address_that_is_none_is_refused_without_quoting_it(server: str) -> None:
    with pytest.raises(MessageUndelivered, match="the mail server's address is none") as failure:
        mailer(server)
    assert "hunter2" not in str(failure.value)
    assert "smtp_server" in failure.value.remedy


@pytest.mark.parametrize(
    "subject",
    ["2 merged\r\nBcc: eve@evil.org", "2 merged\nBcc: eve@evil.org", "2 merged\x00\u2028\x85Bcc: eve@evil.org"],
)
def test_a_subject_cannot_bring_a_header_of_its_own(serve: Serve, subject: str) -> None:
    server = serve()
    mailer(f"127.0.0.1:{server.port}").send(mail(subject))

    assert server.mails[0]["Subject"] == "2 merged Bcc: eve@evil.org"
    assert server.mails[0]["Bcc"] is None
    assert server.recipients == ["ann@acme.org", "bob@acme.org"]


def test_text_that_no_mail_can_carry_and_lines_that_end_mails_arrive(serve: Serve) -> None:
    server = serve()
    mailer(f"127.0.0.1:{server.port}").send(mail("half \ud83d ✓", text="half \ud83d\n.\nMAIL FROM:<eve@evil.org>\n"))

    assert server.mails[0]["Subject"] == "half ? ✓"
    assert next(server.mails[0].iter_parts()).get_content() == "half ?\r\n.\r\nMAIL FROM:<eve@evil.org>\r\n"
    assert len(server.mails) == 1


@pytest.mark.parametrize("address", ["eve", "", "a@b\r\nBcc: eve@evil.org", "a@b, eve@evil.org", "a@b>\nRCPT"])
def test_an_address_that_is_not_one_plain_address_is_an_error(serve: Serve, address: str) -> None:
    server = serve()

    undelivered(mailer(f"127.0.0.1:{server.port}"), mail(to=("ann@acme.org", address)))
    undelivered(mailer(f"127.0.0.1:{server.port}", sender=address))
    assert server.mails == []


def test_a_mail_to_nobody_is_an_error(serve: Serve) -> None:
    undelivered(mailer(f"127.0.0.1:{serve().port}"), mail(to=()))


def test_a_connection_is_encrypted_when_the_server_offers_it(serve: Serve, tls: ssl.SSLContext, trusted: None) -> None:
    server = serve(tls_context=tls)
    mailer(f"localhost:{server.port}").send(mail())

    assert server.encrypted == [True]


def test_encryption_can_be_turned_off(serve: Serve, tls: ssl.SSLContext) -> None:
    server = serve(tls_context=tls)
    mailer(f"localhost:{server.port}", starttls=StartTls.OFF).send(mail())

    assert server.encrypted == [False]


def test_a_server_can_be_encrypted_from_the_start(serve: Serve, tls: ssl.SSLContext, trusted: None) -> None:
    server = serve(implicit_tls=tls)
    mailer(f"smtps://localhost:{server.port}").send(mail())

    assert len(server.mails) == 1


@pytest.mark.parametrize("starttls", [StartTls.AUTO, StartTls.REQUIRED])
def test_a_certificate_that_nobody_vouches_for_is_an_error(
    serve: Serve, tls: ssl.SSLContext, starttls: StartTls
) -> None:
    server = serve(tls_context=tls)

    failure = undelivered(mailer(f"localhost:{server.port}", starttls=starttls))
    assert "does not hold: self-signed certificate" in str(failure)
    assert "SSL_CERT_FILE" in failure.remedy
    assert server.mails == []


def test_a_certificate_of_another_server_is_an_error(serve: Serve, tls: ssl.SSLContext, trusted: None) -> None:
    server = serve(tls_context=tls)

    assert "IP address mismatch" in str(undelivered(mailer(f"127.0.0.1:{server.port}")))
    assert server.mails == []


def test_encryption_that_is_required_and_not_offered_is_an_error(serve: Serve) -> None:
    server = serve()

    failure = undelivered(mailer(f"127.0.0.1:{server.port}", starttls=StartTls.REQUIRED))
    assert "does not offer encryption" in str(failure)
    assert server.mails == []


def test_an_account_is_used_over_an_encrypted_connection(serve: Serve, tls: ssl.SSLContext, trusted: None) -> None:
    server = serve(tls_context=tls)
    mailer(f"localhost:{server.port}", account=Account("hub", SecretStr("right"))).send(mail())

    assert server.logins == [(b"hub", b"right")]
    assert len(server.mails) == 1


def test_a_password_is_never_sent_in_clear(serve: Serve) -> None:
    server = serve()

    failure = undelivered(mailer(f"127.0.0.1:{server.port}", account=Account("hub", SecretStr("hunter2"))))
    assert "the password is not sent" in str(failure)
    assert server.logins == []


def test_a_wrong_password_is_an_error(serve: Serve, tls: ssl.SSLContext, trusted: None) -> None:
    server = serve(tls_context=tls)

    failure = undelivered(mailer(f"localhost:{server.port}", account=Account("hub", SecretStr("hunter2"))))
    assert "refused username and password: 535" in str(failure)
    assert "notifications.email.username" in failure.remedy


@pytest.mark.parametrize(
    ("command", "reply", "remedy"),
    [
        ("MAIL", "451 Try again later", "for now"),
        ("MAIL", "530 Authentication required", "Check `notifications.email`"),
        ("DATA", "452 Insufficient storage", "for now"),
        ("DATA", "554 Looks like spam", "Check `notifications.email`"),
    ],
)
def test_a_refusal_is_an_error_that_says_whether_to_wait(serve: Serve, command: str, reply: str, remedy: str) -> None:
    server = serve()
    server.replies[command] = reply

    failure = undelivered(mailer(f"127.0.0.1:{server.port}"))
    assert reply in str(failure)
    assert remedy in failure.remedy


@pytest.mark.parametrize(
    ("bob", "remedy"), [("550 No such user", "Check `notifications.email`"), ("450 Mailbox busy", "for now")]
)
def test_a_recipient_who_is_refused_is_named_and_the_others_do_not_get_their_mail_once_more(
    serve: Serve, bob: str, remedy: str
) -> None:
    server = serve()
    server.replies["bob@acme.org"] = bob

    failure = failure_of(mailer(f"127.0.0.1:{server.port}"), MessageUnconfirmed)
    assert not failure.retryable
    assert f"refused 1 of 2 recipients: bob@acme.org ({bob})" in str(failure)
    assert remedy in failure.remedy
    assert server.recipients == ["ann@acme.org"]


def test_when_all_recipients_are_refused_nothing_is_sent(serve: Serve) -> None:
    server = serve()
    server.replies |= {"ann@acme.org": "550 Who?", "bob@acme.org": "450 Busy"}

    failure = undelivered(mailer(f"127.0.0.1:{server.port}"))
    assert "refused 2 of 2 recipients: ann@acme.org (550 Who?), bob@acme.org (450 Busy)" in str(failure)
    assert server.mails == []


def test_a_mail_of_which_the_answer_is_lost_may_have_arrived_and_is_not_sent_again(serve: Serve) -> None:
    server = serve()
    server.replies["DATA"] = "hangs up"

    failure = failure_of(mailer(f"127.0.0.1:{server.port}"), MessageUnconfirmed)
    assert "was given the mail, and its answer was lost" in str(failure)
    assert not failure.retryable
    assert len(server.mails) == 1


def test_a_server_that_parts_badly_has_the_mail_all_the_same(serve: Serve) -> None:
    server = serve()
    server.replies["QUIT"] = "421 Not so fast"
    mailer(f"127.0.0.1:{server.port}").send(mail())

    assert len(server.mails) == 1


def test_nobody_who_listens_is_an_error() -> None:
    assert "127.0.0.1:1 did not take the mail: [Errno 111] Connection refused" in str(
        undelivered(mailer("127.0.0.1:1"))
    )


def test_a_server_that_says_nothing_is_an_error() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        failure = undelivered(mailer(f"127.0.0.1:{silent.getsockname()[1]}", timeout=0.2))

    assert "did not take the mail" in str(failure)
