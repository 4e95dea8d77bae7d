"""
Doctor: looks at everything that a run needs, all at once, and says of each thing whether it is well.

No examination can hold up or break off the others: one that takes too long, or fails in whatever way, is a defect of
what it looked at. Nothing is changed and nobody is told anything.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from config.errors import UnsetVariable
from config.schema import Configuration, RulesetRule, S3Storage
from tasks.domain import doctor, doctor_host
from tasks.domain.credentials import CredentialState, SecretFound
from tasks.domain.doctor import Check, Landings, Status
from tasks.domain.errors import MergeHubError
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
from tasks.domain.model import RepositoryName
from tasks.domain.pause import PauseLedger, told_pauses
from tasks.domain.protection import Protection
from tasks.ports import Clock

LIMIT_SECONDS = 20.0
REPOSITORIES_AT_ONCE = 8


class Examiner(Protocol):
    """Every method raises a MergeHubError or UnsetVariable where what it looks at is not well."""

    @property
    def clock(self) -> Clock: ...
    def git(self) -> GitFound: ...
    def home_directory(self) -> HomeFound: ...
    def gates(self) -> GatesFound: ...
    def leftovers(self) -> LeftoversFound: ...
    def code_host(self) -> CodeHostFound: ...
    def credential_state(self) -> CredentialState: ...
    def repository(self, name: RepositoryName, target: str) -> RepositoryFound: ...
    def protection(self, name: RepositoryName, target: str) -> Protection: ...
    def evidence_store(self) -> DirectoryFound | BucketFound: ...
    def seal(self) -> SealFound: ...
    def slack(self) -> ChatFound | None: ...
    def mail_server(self) -> MailFound | None: ...
    def other_secrets(self) -> tuple[SecretFound, ...]: ...
    def prefect(self) -> PrefectFound: ...
    def audit_log(self) -> LogFound: ...
    def pauses(self) -> PauseLedger: ...
    def signatures(self) -> str | None:
        """What OpenSSH calls itself, which checks them; None where it is not there."""


@dataclass(frozen=True, slots=True)
class Examination:
    name: str
    look: Callable[[], Sequence[Check]]


def examine(
    configuration: Configuration, warnings: int, examiner: Examiner, *, limit: float = LIMIT_SECONDS
) -> tuple[Check, ...]:
    """Every check, in the order in which they are read; returns within `limit` seconds and a moment."""
    landings = tuple(_landings(configuration))
    known = doctor.judge_configuration(len(configuration.teams), len(landings), warnings)
    return doctor.told_once((known, *_at_once(_examinations(configuration, landings, examiner), limit)))


def _landings(configuration: Configuration) -> Iterator[tuple[str, Landings]]:
    for team in configuration.teams:
        how = Landings(team.name, team.scope.target, team.stage, team.policies.landing, team.policies.method)
        for repository in configuration.repositories_of(team):
            yield repository, how


def _examinations(
    configuration: Configuration, landings: Sequence[tuple[str, Landings]], examiner: Examiner
) -> list[Examination]:
    retention = configuration.global_.audit.locked_days
    locked = isinstance(configuration.global_.audit.storage, S3Storage)

    def evidence() -> Check:
        found = examiner.evidence_store()
        if isinstance(found, BucketFound):
            return doctor.judge_bucket(found, retention)
        return doctor.judge_directory(found)

    def pauses() -> Check:
        about_all = [("everything", configuration.global_.pause)]
        written = [*about_all, *((f"team {team.name}", team.pause) for team in configuration.teams)]
        given = [(about, each) for about, each in written if each is not None]
        return doctor.judge_pauses(told_pauses(given, examiner.pauses(), examiner.clock.now()))

    def slack() -> Check:
        found = examiner.slack()
        return Check("Slack", Status.SKIPPED, "nobody is told there") if found is None else doctor.judge_chat(found)

    def mail() -> Check:
        found = examiner.mail_server()
        return Check("mail", Status.SKIPPED, "nobody is told by mail") if found is None else doctor.judge_mail(found)

    return [
        Examination("git", lambda: [doctor.judge_git(examiner.git())]),
        Examination("home", lambda: [doctor.judge_home(examiner.home_directory())]),
        Examination("gates", lambda: [doctor.judge_gates(examiner.gates(), len(configuration.without_network))]),
        Examination(
            "signatures", lambda: [doctor.judge_signatures(examiner.signatures(), needed=_signs(configuration))]
        ),
        Examination("pauses", lambda: [pauses()]),
        Examination("leftovers", lambda: [doctor.judge_leftovers(examiner.leftovers())]),
        Examination("audit log", lambda: [doctor.judge_log(examiner.audit_log())]),
        Examination("evidence", lambda: [evidence()]),
        Examination("seal", lambda: [doctor.judge_seal(examiner.seal(), locked=locked)]),
        Examination(doctor.CODE_HOST, lambda: doctor_host.judge_code_host(examiner.code_host(), examiner.clock.now())),
        Examination(
            "credential", lambda: [doctor_host.judge_credential(examiner.credential_state(), examiner.clock.now())]
        ),
        *_of_repositories(configuration, landings, examiner),
        Examination("Slack", lambda: [slack()]),
        Examination("mail", lambda: [mail()]),
        Examination("secrets", lambda: [doctor.judge_secrets(examiner.other_secrets())]),
        Examination("Prefect", lambda: [doctor.judge_prefect(examiner.prefect())]),
    ]


def _of_repositories(
    configuration: Configuration, landings: Sequence[tuple[str, Landings]], examiner: Examiner
) -> Iterator[Examination]:
    turns = threading.BoundedSemaphore(REPOSITORIES_AT_ONCE)

    def repository(name: str, how: Landings) -> Sequence[Check]:
        with turns:
            return [doctor_host.judge_repository(name, examiner.repository(RepositoryName(name), how.target), how)]

    def guards(name: str, how: Landings, rules: Sequence[RulesetRule]) -> Sequence[Check]:
        with turns:
            protection = examiner.protection(RepositoryName(name), how.target)
            return [doctor_host.judge_guards(name, protection, how, rules)]

    for name, how in landings:
        yield Examination(f"{doctor.REPOSITORY}{name}", partial(repository, name, how))
    for name, how in landings:
        if rules := _about_guards(configuration, how.team):
            yield Examination(f"{doctor.REPOSITORY}{name}: guards", partial(guards, name, how, rules))


def _about_guards(configuration: Configuration, team: str) -> tuple[RulesetRule, ...]:
    rules = (rule for policy in configuration.policies for rule in policy.rules)
    return tuple(rule for rule in rules if isinstance(rule, RulesetRule) and rule.concerns(team))


def _signs(configuration: Configuration) -> bool:
    return any(configuration.sign_offs_for(team) for team in configuration.teams)


def _at_once(examinations: Sequence[Examination], limit: float) -> Iterator[Check]:
    """A thread that hangs is left behind: it ends with the process, which does not wait for it."""
    deadline = time.monotonic() + limit
    running = [_Running(each) for each in examinations]
    for each in running:
        yield from each.checks(max(deadline - time.monotonic(), 0), limit)


class _Running:
    def __init__(self, examination: Examination) -> None:
        self._examination = examination
        self._checks: Sequence[Check] = ()
        self._thread = threading.Thread(target=self._look, name=examination.name, daemon=True)
        self._thread.start()

    def checks(self, patience: float, limit: float) -> Sequence[Check]:
        self._thread.join(patience)
        if self._thread.is_alive():
            remedy = "Find out why it does not answer: the network, a full disk, or a program that holds a lock."
            return [Check(self._examination.name, Status.DEFECT, f"no answer within {limit:.0f} s", remedy)]
        return self._checks

    def _look(self) -> None:
        name = self._examination.name
        try:
            self._checks = self._examination.look()
        except MergeHubError as error:
            self._checks = [doctor.failed(name, error)]
        except UnsetVariable as error:
            self._checks = [Check(name, Status.DEFECT, str(error), f"{error.remedy[:1].upper()}{error.remedy[1:]}.")]
        except Exception as error:  # noqa: BLE001 -- whatever it was, it is no health, and its text may hold a secret
            remedy = "Report this as a defect of merge-hub, with what it looked at."
            self._checks = [Check(name, Status.DEFECT, f"it cannot be looked at ({type(error).__name__})", remedy)]
