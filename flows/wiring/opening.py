"""
Adapters, each from what the configuration and the environment say of it.

A secret is handed to what needs it, and is held by that alone.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from config.errors import ConfigurationError, Problem
from config.needs import resolve
from config.schema import Audit, Configuration, KeysInFiles, LocalStorage, Metrics, SecretPlace, Storage
from config.settings import read_settings
from tasks.adapters.clock import SystemClock
from tasks.adapters.credentials import Kept, look_up
from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.evidence_s3 import S3Evidence
from tasks.adapters.gate_runner import ProcessGateRunner, concealed, guarded, keep_to_ourselves
from tasks.adapters.slack import SlackChat
from tasks.adapters.smtp import Account, SmtpMailer


def log_address(audit: Audit, home: Path, environ: Mapping[str, str]) -> str:
    """Raises as `_database` does: no other log is taken in place of one."""
    return _database("audit.database", audit.database, environ) or f"sqlite:///{home / 'audit.db'}"


def ledger_address(metrics: Metrics, home: Path, environ: Mapping[str, str]) -> str:
    """Raises as `_database` does."""
    return _database("metrics.database", metrics.database, environ) or f"sqlite:///{home / 'ledger.db'}"


def _database(key: str, told: str | SecretPlace | None, environ: Mapping[str, str]) -> str | None:
    """None where none is told. Raises ConfigurationError, UnsetVariable or CredentialUnavailable."""
    if told is None:
        return None
    address = look_up(told, environ, key=key).value.get_secret_value()
    if not address.startswith(("postgresql://", "postgresql+psycopg://")):
        # The address is not repeated: it may hold a password.
        message = "leads to something that is no address of a PostgreSQL database"
        remedy = "begin it with postgresql://, or leave `database` out for a file of this machine"
        raise ConfigurationError([Problem(file="global.yml", key=key, message=message, remedy=remedy)])
    return address


def open_gates(configuration: Configuration, home: Path, environ: Mapping[str, str], slots: int) -> ProcessGateRunner:
    keep_to_ourselves()
    hidden = concealed(home, environ, besides=_kept_apart(configuration.global_.audit, home, environ))
    return ProcessGateRunner(slots, hidden=hidden, guarded=guarded(environ, (read_settings(environ).config_directory,)))


def _kept_apart(audit: Audit, home: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Directories of the configuration's own choice that no gate may see: evidence, its copies, and keys."""
    for key, storage in (("audit.storage", audit.storage), ("audit.copies", audit.copies)):
        if isinstance(storage, LocalStorage):
            yield _local(storage, home, environ, key)
    keys = audit.sealing.keys
    if isinstance(keys, KeysInFiles) and keys.path is not None:
        yield Path(resolve(keys.path, environ, key="audit.sealing.keys.path")).absolute()


def open_evidence(audit: Audit, home: Path, environ: Mapping[str, str]) -> LocalEvidence | S3Evidence:
    return open_store(audit.storage, audit.locked_days, home, environ, "audit.storage")


def open_store(
    storage: Storage, locked_days: int, home: Path, environ: Mapping[str, str], key: str
) -> LocalEvidence | S3Evidence:
    """`key` is where the configuration speaks of it."""
    if isinstance(storage, LocalStorage):
        return LocalEvidence(_local(storage, home, environ, key))
    return S3Evidence(
        resolve(storage.bucket, environ, key=f"{key}.bucket"),
        region=resolve(storage.region, environ, key=f"{key}.region"),
        retention_days=locked_days,
        clock=SystemClock(),
        prefix=resolve(storage.prefix or "", environ, key=f"{key}.prefix"),
    )


def until(end: ExitStack, store: LocalEvidence | S3Evidence) -> LocalEvidence | S3Evidence:
    """`store`, which is closed at the `end`."""
    if isinstance(store, S3Evidence):
        end.callback(store.close)
    return store


def open_store_to_read(address: str) -> LocalEvidence | S3Evidence:
    """`address` is a directory or an `s3://` address; region and credentials are the AWS SDK's own settings."""
    parts = urlsplit(address)
    if parts.scheme != "s3":
        return LocalEvidence(Path(address))
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    prefix = parts.path.strip("/")
    return S3Evidence(parts.netloc, region=region, retention_days=1, clock=SystemClock(), prefix=prefix)


def _local(storage: LocalStorage, home: Path, environ: Mapping[str, str], key: str) -> Path:
    if storage.path is None:
        return home / "evidence"
    return Path(resolve(storage.path, environ, key=f"{key}.path")).absolute()


def with_recipients(configuration: Configuration, environ: Mapping[str, str]) -> Configuration:
    """The same configuration with the addresses that people chose to keep in the environment; they are no secrets."""
    notifications = configuration.global_.notifications
    email = notifications.email
    if email is None:
        return configuration
    key = "notifications.email.recipients"
    addresses = tuple(resolve(address, environ, key=key) for address in email.recipients)
    told = notifications.model_copy(update={"email": email.model_copy(update={"recipients": addresses})})
    return replace(configuration, global_=configuration.global_.model_copy(update={"notifications": told}))


def open_chat(webhook: Kept | None) -> SlackChat | None:
    return None if webhook is None else SlackChat(webhook.value)


def open_mailer(configuration: Configuration, environ: Mapping[str, str], password: Kept | None) -> SmtpMailer | None:
    email = configuration.global_.notifications.email
    if email is None:
        return None
    account = None
    if email.username is not None and password is not None:
        account = Account(resolve(email.username, environ, key="notifications.email.username"), password.value)
    return SmtpMailer(
        resolve(email.smtp_server, environ, key="notifications.email.smtp_server"),
        resolve(email.sender, environ, key="notifications.email.sender"),
        clock=SystemClock(),
        starttls=email.starttls,
        account=account,
    )
