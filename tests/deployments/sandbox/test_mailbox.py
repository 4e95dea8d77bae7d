"""The mailbox takes every message, shows it whole, and misbehaves when told."""

import asyncio
import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deployments.sandbox.mailbox import Mail, Mailbox
from deployments.sandbox.process import Sandbox


def message() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "merge-hub@acmecorp.com"
    mail["To"] = "compliance@acmecorp.com"
    mail["Subject"] = "Résumé of the week"
    mail["Message-ID"] = "<report-7@acmecorp.com>"
    mail.set_content("14 merged\n")
    mail.add_alternative("<p>14 merged</p>\n", subtype="html")
    return mail


def client(sandbox: Sandbox) -> smtplib.SMTP:
    host, port = sandbox.endpoints.smtp.split(":")
    return smtplib.SMTP(host, int(port), timeout=10)


def send(sandbox: Sandbox) -> None:
    with client(sandbox) as smtp:
        smtp.send_message(message())


def test_a_message_is_listed_with_its_parts(sandbox: Sandbox) -> None:
    send(sandbox)

    (mail,) = sandbox.ask("GET", "/_sandbox/mail")
    assert mail["from"] == "merge-hub@acmecorp.com"
    assert mail["to"] == ["compliance@acmecorp.com"]
    assert mail["subject"] == "Résumé of the week"
    assert mail["message_id"] == "<report-7@acmecorp.com>"
    assert mail["text"] == "14 merged\n"
    assert mail["html"] == "<p>14 merged</p>\n"
    assert ["To", "compliance@acmecorp.com"] in mail["headers"]
    assert mail["raw"].startswith("From: merge-hub@acmecorp.com\r\n")


def test_the_mailbox_can_be_emptied(sandbox: Sandbox) -> None:
    send(sandbox)
    sandbox.ask("DELETE", "/_sandbox/mail")

    assert sandbox.ask("GET", "/_sandbox/mail") == []


def test_a_message_is_put_off_once_when_told(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/mail/script", [{"stage": "data", "reply": "451 4.3.0 try again later"}])

    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(sandbox)

    assert refusal.value.smtp_code == 451
    assert sandbox.ask("GET", "/_sandbox/mail") == []


def test_after_the_script_messages_are_taken_again(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/mail/script", [{"stage": "data", "reply": "451 4.3.0 try again later"}])
    with pytest.raises(smtplib.SMTPDataError):
        send(sandbox)
    send(sandbox)

    assert len(sandbox.ask("GET", "/_sandbox/mail")) == 1


def test_a_recipient_is_refused_when_told(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/mail/script", [{"stage": "recipient", "reply": "550 5.1.1 no such user"}])

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(sandbox)

    assert refusal.value.recipients == {"compliance@acmecorp.com": (550, b"5.1.1 no such user")}


def test_any_login_is_taken_and_shown(sandbox: Sandbox) -> None:
    with client(sandbox) as smtp:
        smtp.login("hub", "secret")
        smtp.send_message(message())

    assert sandbox.ask("GET", "/_sandbox/mail")[0]["login"] == "hub"


def test_a_login_is_refused_when_told(sandbox: Sandbox) -> None:
    sandbox.ask("POST", "/_sandbox/mail/script", [{"stage": "auth", "reply": "535 5.7.8 wrong password"}] * 3)

    with client(sandbox) as smtp, pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        smtp.login("hub", "secret")

    assert (refusal.value.smtp_code, refusal.value.smtp_error) == (535, b"5.7.8 wrong password")


@pytest.mark.parametrize("script", [{}, [{"stage": "later", "reply": "451"}], [{"stage": "data"}]])
def test_a_script_that_is_none_is_refused(sandbox: Sandbox, script: object) -> None:
    with pytest.raises(ValueError, match="not a script"):
        sandbox.ask("POST", "/_sandbox/mail/script", script)


def certificate(directory: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(tz=UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = directory / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file


def send_encrypted(port: int, trusted: Path) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=str(trusted)))
        smtp.login("hub", "secret")
        smtp.send_message(message())


async def received_encrypted(file: Path) -> list[Mail]:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(file)
    mailbox = Mailbox(tls=tls, auth_required=True)
    async with await mailbox.listen() as server:
        await asyncio.to_thread(send_encrypted, server.sockets[0].getsockname()[1], file)
    return mailbox.mails


def test_encryption_is_offered_where_there_is_a_certificate(tmp_path: Path) -> None:
    mails = asyncio.run(received_encrypted(certificate(tmp_path)))

    assert [mail.login for mail in mails] == ["hub"]
