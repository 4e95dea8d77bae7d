"""A real audit log and a real evidence store in a folder, with a chat and a mailbox that remember what they took."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.schema import (
    Channels,
    Configuration,
    Email,
    GlobalFile,
    Notifications,
    Organization,
    Slack,
    TeamFile,
    TeamIdentity,
    TeamPolicies,
)
from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.ledger import SqlLedger
from tasks.adapters.signing_keys import FileSigner
from tasks.domain.audit import Event, EventType
from tasks.domain.notification import Mail, Post
from tasks.ports import Seal, Services
from tests.adapters.facts import SetClock

LOG = "log.example/acme"


class Unused:
    """Stands where a step has nothing to look for."""

    def __getattr__(self, name: str) -> Any:
        message = f"this step has no business with {name}"
        raise AssertionError(message)


class Killed(BaseException):
    """Nothing can be caught or tidied after it, as after SIGKILL."""


@dataclass(slots=True)
class Inbox:
    """Takes messages; `on_arrival` is called before one is taken, and may raise."""

    taken: list[Any] = field(default_factory=list)
    on_arrival: Callable[[], None] = lambda: None

    def send(self, message: Post | Mail) -> None:
        self.on_arrival()
        self.taken.append(message)


@dataclass(slots=True)
class Office:
    folder: Path
    chat: Inbox = field(default_factory=Inbox)
    mail: Inbox = field(default_factory=Inbox)
    clock: SetClock = field(default_factory=SetClock)

    @property
    def services(self) -> Services:
        """Opened anew each time, as by another process."""
        unused: Any = Unused()
        return Services(
            code_host=unused,
            code=unused,
            gates=unused,
            health=unused,
            log=SqlAuditLog(f"sqlite:///{self.folder / 'audit.db'}", self.clock, lock_timeout=5),
            ledger=SqlLedger(f"sqlite:///{self.folder / 'ledger.db'}", self.clock, lock_timeout=5),
            evidence=LocalEvidence(self.folder / "evidence"),
            chat=self.chat,
            mail=self.mail,
            clock=self.clock,
            signatures=unused,
            home=self.folder,
            run=self.folder / "runs",
            seal=self.seal,
        )

    @property
    def seal(self) -> Seal:
        keys = self.folder / "keys"
        log, attest = FileSigner(keys / "log.pem", LOG), FileSigner(keys / "attest.pem", f"{LOG}/attest")
        return Seal(log, attest, "https://code.example")

    @property
    def posts(self) -> list[str]:
        """The channel of each post, in order."""
        return [post.channel for post in self.chat.taken]

    @property
    def mails(self) -> list[str]:
        return [mail.subject for mail in self.mail.taken]

    def events(self, *kinds: EventType) -> list[Event]:
        return [event for event in self.services.log.events() if not kinds or event.type in kinds]

    def evidence(self) -> dict[str, bytes]:
        store = self.services.evidence
        return {key: store.get(key) for key in store.keys("")}


def acme(*, quiet: bool = False) -> Configuration:
    slack = Slack(
        webhook="${WEBHOOK}", channels=Channels(success="#deployments", failure="#incidents", audit="#compliance-audit")
    )
    email = Email(smtp_server="mail.example", recipients=("ops@acmecorp.com",))
    team = TeamFile(
        team=TeamIdentity(name="platform", repos=("acme/web",)), policies=TeamPolicies(notify_on_failure=not quiet)
    )
    global_ = GlobalFile(
        organization=Organization(name="AcmeCorp"), notifications=Notifications(slack=slack, email=email)
    )
    return Configuration(global_=global_, teams=(team,), digest="sha256:0")
