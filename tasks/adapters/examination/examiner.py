"""Everything that the doctor looks at; each thing is opened when it is looked at, so that each fails by itself."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.evidence_s3 import S3Evidence
from tasks.adapters.examination.host import look_at_code_host, look_at_protection, look_at_repository
from tasks.adapters.examination.machine import look_at_directory, look_at_git, look_at_home, look_at_leftovers
from tasks.adapters.examination.server import look_at_prefect
from tasks.adapters.gate_runner import Isolation, can_do_without_network, strongest_isolation
from tasks.adapters.github.client import Client
from tasks.adapters.slack import SlackChat
from tasks.adapters.smtp import SmtpMailer
from tasks.adapters.ssh_signatures import version as ssh_version
from tasks.domain.credentials import CredentialState, SecretFound
from tasks.domain.examined import (
    BucketFound,
    ChatFound,
    CodeHostFound,
    DirectoryFound,
    GatesFound,
    GitFound,
    HomeFound,
    LeftoversFound,
    LogFound,
    MailFound,
    PrefectFound,
    RepositoryFound,
    SealFound,
)
from tasks.domain.memory import recall
from tasks.domain.model import RepositoryName
from tasks.domain.pause import PAUSE_EVENTS, PauseLedger, pauses_in
from tasks.domain.protection import Protection
from tasks.domain.receipts import receipts_in
from tasks.domain.segments import PREFIX, exported_until, next_segments
from tasks.ports import Clock


@dataclass(frozen=True, slots=True)
class Examiner:
    """What opens something raises what is wrong with its settings; without chat or mail nobody is told there."""

    home: Path
    clock: Clock
    client: Callable[[], Client]
    evidence: Callable[[], LocalEvidence | S3Evidence]
    chat: Callable[[], SlackChat | None]
    mail: Callable[[], SmtpMailer | None]
    secrets: Callable[[], tuple[SecretFound, ...]]
    credential: Callable[[Client, SqlAuditLog], CredentialState]
    log: Callable[[], SqlAuditLog]
    sealing: Callable[[], SealFound]

    def git(self) -> GitFound:
        return look_at_git()

    def home_directory(self) -> HomeFound:
        return look_at_home(self.home)

    def gates(self) -> GatesFound:
        return GatesFound(strongest_isolation() is not Isolation.PROCESS_TREE, can_do_without_network())

    def leftovers(self) -> LeftoversFound:
        return look_at_leftovers(self.home)

    def code_host(self) -> CodeHostFound:
        return look_at_code_host(self.client(), self.clock)

    def credential_state(self) -> CredentialState:
        return self.credential(self.client(), self.log())

    def repository(self, name: RepositoryName, target: str) -> RepositoryFound:
        return look_at_repository(self.client(), name, target)

    def protection(self, name: RepositoryName, target: str) -> Protection:
        return look_at_protection(self.client(), name, target)

    def evidence_store(self) -> DirectoryFound | BucketFound:
        store = self.evidence()
        return store.examine() if isinstance(store, S3Evidence) else look_at_directory(Path(store.location))

    def seal(self) -> SealFound:
        return self.sealing()

    def slack(self) -> ChatFound | None:
        chat = self.chat()
        return None if chat is None else chat.reach()

    def mail_server(self) -> MailFound | None:
        mailer = self.mail()
        return None if mailer is None else mailer.greet()

    def other_secrets(self) -> tuple[SecretFound, ...]:
        return self.secrets()

    def prefect(self) -> PrefectFound:
        return look_at_prefect(os.environ)

    def pauses(self) -> PauseLedger:
        return pauses_in(self.log().events(types=PAUSE_EVENTS))

    def signatures(self) -> str | None:
        return ssh_version()

    def audit_log(self) -> LogFound:
        """Reads all of it, so that a damaged one is found; and that the evidence is of this very log."""
        log = self.log()
        events = tuple(log.events())
        exported = exported_until(self.evidence().keys(PREFIX))
        next_segments(exported, len(events))
        identifiers = {event.repository.id for event in events if event.repository is not None}
        announced = sum(
            len(recall(event for event in events if event.repository and event.repository.id == each).open_intents)
            for each in identifiers
        )
        newest = datetime.fromisoformat(events[-1].time) if events else None
        return LogFound(log.place, len(events), newest, exported, len(receipts_in(events).unconfirmed), announced)
