"""
The one package that names adapters: from settings and configuration to `Services`.

A process opens the outside once, however many repositories it works on. The configuration is read when it is opened
and stays as it was until the last user has left, so that one run is judged by one configuration.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from config.errors import ConfigurationError, Problem, UnsetVariable
from config.loader import load
from config.needs import demand_what_is_needed
from config.schema import Configuration, Stage
from config.settings import HubSettings, read_settings
from flows.wiring.access import examined, found_of, open_access, password_of, webhook_of
from flows.wiring.opening import (
    ledger_address,
    log_address,
    open_chat,
    open_evidence,
    open_gates,
    open_mailer,
    until,
    with_recipients,
)
from flows.wiring.sealing import look_at_seal, open_seal
from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.adapters.credentials import Access, Kept, state_of
from tasks.adapters.dry_run import DryRunCode, DryRunCodeHost, DryRunEvidence, DryRunLog
from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.evidence_s3 import S3Evidence
from tasks.adapters.examination import Examiner
from tasks.adapters.gate_runner import can_do_without_network
from tasks.adapters.git import GitCodeStore
from tasks.adapters.github import GitHubCodeHost
from tasks.adapters.github.client import Client
from tasks.adapters.health import HttpHealth
from tasks.adapters.ledger import SqlLedger
from tasks.adapters.ledger.dry_run import DryRunLedger
from tasks.adapters.slack import load_client
from tasks.adapters.ssh_signatures import SshSignatures
from tasks.checkpoints import demand_whole
from tasks.domain.errors import EvidenceError
from tasks.domain.model import RepositoryName
from tasks.domain.rules import Rules, rules_for
from tasks.ports import Archive, AuditLog, Clock, EvidenceStore, Ledger, Services
from tasks.redaction import know_secrets

DEFAULT_SLOTS = 2 * (os.cpu_count() or 1)
"""Gates that one process runs at a time where the configuration says nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run over any number of repositories, judged by one configuration."""

    run_id: str
    stage: Stage
    started_at: datetime
    configuration: Configuration
    services: Services


@dataclass(frozen=True, slots=True)
class Records:
    log: AuditLog
    ledger: Ledger
    home: Path
    clock: Clock


@dataclass(slots=True)
class _Hub:
    """What one process holds open; `thorough` are the runs in which every gate comes to its end."""

    settings: HubSettings
    configuration: Configuration
    closing: ExitStack
    access: Access | None = None
    services: dict[bool, Services] = field(default_factory=dict)
    thorough: set[str] = field(default_factory=set)

    def services_for(self, stage: Stage, run_id: str) -> Services:
        """Observing changes nothing anywhere: reads go through, writes stay in memory."""
        observing = stage is Stage.OBSERVE
        if observing not in self.services:
            build = _observing if observing else _acting
            self.services[observing] = build(self)
        chosen = self.services[observing]
        return replace(chosen, run=chosen.run / run_id)


@dataclass(slots=True)
class _Shared:
    hub: _Hub | None = None
    users: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)


_SHARED = _Shared()


@contextmanager
def begin_run(stage: Stage, *, all_gates: bool = False) -> Iterator[Run]:
    """
    A run with an id of its own: sortable by time, never used twice; of all who `connect` to it the manner is the same.

    Raises ConfigurationError, before anything is done, naming all that it needs and that is not set.
    """
    with _open_hub() as hub:
        demand_what_is_needed(hub.configuration, stage, os.environ)
        demand_what_gates_need(hub.configuration, stage)
        started = SystemClock().now()
        run_id = _new_run_id(started)
        with _SHARED.lock:
            services = hub.services_for(stage, run_id)
        if all_gates:
            hub.thorough.add(run_id)
        configuration = hub.configuration if stage is Stage.OBSERVE else with_recipients(hub.configuration, os.environ)
        yield Run(run_id, stage, started, configuration, services)


@contextmanager
def connect(team: str, repository: str, stage: str, run_id: str) -> Iterator[tuple[Rules, Services]]:
    """The rules and the services for one repository, in the run that `begin_run` began."""
    with _open_hub() as hub:
        begun = hub.configuration.team(team).stage_at(SystemClock().now())
        rules = rules_for(hub.configuration, team, RepositoryName(repository), Stage.lower_of(Stage(stage), begun))
        with _SHARED.lock:
            services = hub.services_for(rules.stage, run_id)
        yield replace(rules, thorough=run_id in hub.thorough), services


@contextmanager
def open_records() -> Iterator[Records]:
    """The log alone, for reports: it needs no token. Raises ConfigurationError: it says where the log is."""
    settings, clock = read_settings(os.environ), SystemClock()
    hub, home = _Hub(settings, load(settings.config_directory), ExitStack()), settings.home.absolute()
    with hub.closing, closing(SqlAuditLog(_log_address(hub), clock)) as log:
        yield Records(log, _ledger(hub), home, clock)


@contextmanager
def open_archive() -> Iterator[Archive]:
    """The log and the evidence, to look back at; neither token nor code host. Raises ConfigurationError."""
    settings, clock = read_settings(os.environ), SystemClock()
    hub = _Hub(settings, load(settings.config_directory), ExitStack())
    with hub.closing, closing(SqlAuditLog(_log_address(hub), clock)) as log:
        yield Archive(DryRunLog(log, clock), DryRunEvidence(_evidence(hub, _home(hub))), clock)


@contextmanager
def open_for_examination() -> Iterator[tuple[Configuration, Examiner]]:
    """What the doctor looks at, none of it opened yet; raises ConfigurationError."""
    settings, clock = read_settings(os.environ), SystemClock()
    hub = _Hub(settings, load(settings.config_directory), ExitStack())
    with hub.closing:
        yield (
            hub.configuration,
            Examiner(
                home=_home(hub),
                clock=clock,
                client=lambda: Client(settings.github_api_url, _access(hub).tokens, timeout_seconds=10),
                evidence=lambda: _evidence(hub, _home(hub)),
                chat=lambda: open_chat(webhook_of(hub.configuration, os.environ)),
                mail=lambda: open_mailer(hub.configuration, os.environ, password_of(hub.configuration, os.environ)),
                secrets=lambda: found_of(*_told_with(hub), os.environ, clock),
                credential=lambda client, log: state_of(
                    _access(hub), hub.configuration.organization.name, client, log, clock
                ),
                log=lambda: _log_to_look_at(hub),
                sealing=lambda: look_at_seal(hub.configuration, hub.settings, os.environ),
            ),
        )


def demand_what_gates_need(configuration: Configuration, stage: Stage) -> None:
    """Raises ConfigurationError where a gate is to have no network and this machine cannot see to it."""
    if stage is Stage.OBSERVE or not configuration.without_network or can_do_without_network():
        return
    message = "is `none`, and this machine does not allow network namespaces: the gate could reach everything"
    remedy = (
        "allow user namespaces there (`kernel.unprivileged_userns_clone`, the container's seccomp), or write `host`"
    )
    raise ConfigurationError(
        Problem(file=each.file, line=each.line, column=each.column, key=each.key, message=message, remedy=remedy)
        for each in configuration.without_network
    )


def _new_run_id(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def team_names() -> tuple[str, ...]:
    """Every configured team, for the choice that people are offered; none where the configuration cannot be read."""
    try:
        return load(read_settings(os.environ).config_directory).team_names
    except ConfigurationError:
        return ()


def load_meanwhile(configuration: Configuration) -> None:
    """For whoever waits for a server to start: what the end of a run would wait a second for is loaded now."""
    if configuration.global_.notifications.slack is not None:
        load_client()


@contextmanager
def _open_hub() -> Iterator[_Hub]:
    with _SHARED.lock:
        if _SHARED.hub is None:
            know_secrets(os.environ)
            settings = read_settings(os.environ)
            _SHARED.hub = _Hub(settings, load(settings.config_directory), ExitStack())
        hub = _SHARED.hub
        _SHARED.users += 1
    try:
        yield hub
    finally:
        with _SHARED.lock:
            _SHARED.users -= 1
            if _SHARED.users == 0:
                _SHARED.hub = None
                hub.closing.close()


def _acting(hub: _Hub) -> Services:
    environ, home, clock = os.environ, _home(hub), SystemClock()
    slots = hub.configuration.global_.execution.max_workers or DEFAULT_SLOTS
    webhook, password = _told_with(hub)
    evidence = _evidence(hub, home)
    log = SqlAuditLog(_log_address(hub), clock, may_begin=partial(demand_whole, 0, evidence))
    hub.closing.callback(log.close)
    with suppress(EvidenceError):
        # What the store does not tell now stops whatever needs it; a log that would begin here is asked for again.
        demand_whole(log.size(), evidence)
    home.mkdir(parents=True, exist_ok=True)
    return Services(
        code_host=_code_host(hub),
        code=_code_store(hub),
        gates=open_gates(hub.configuration, home, environ, slots),
        health=HttpHealth(),
        log=log,
        ledger=_ledger(hub),
        evidence=evidence,
        chat=open_chat(webhook),
        mail=open_mailer(hub.configuration, environ, password),
        clock=clock,
        signatures=SshSignatures(hub.configuration.allowed_signers.text),
        home=home,
        run=home / "runs",
        credential=examined(_access(hub), hub.configuration, hub.settings, log),
        seal=open_seal(hub.configuration, hub.settings, environ, hub.closing),
        secrets=found_of(webhook, password, environ, clock),
    )


def _observing(hub: _Hub) -> Services:
    home, clock = _home(hub), SystemClock()
    log = SqlAuditLog(_log_address(hub), clock)
    hub.closing.callback(log.close)
    return Services(
        code_host=DryRunCodeHost(_code_host(hub)),
        code=DryRunCode(_code_store(hub)),
        gates=open_gates(hub.configuration, home, os.environ, 1),
        health=HttpHealth(),
        log=DryRunLog(log, clock),
        ledger=DryRunLedger(_ledger(hub)),
        evidence=DryRunEvidence(_evidence_to_read(hub, home)),
        chat=None,
        mail=None,
        clock=clock,
        signatures=SshSignatures(hub.configuration.allowed_signers.text),
        home=home,
        run=home / "runs",
        credential=examined(_access(hub), hub.configuration, hub.settings, log),
    )


def _evidence_to_read(hub: _Hub, home: Path) -> EvidenceStore | None:
    """None where what leads to the store is not set: people may look at a plan without it."""
    with suppress(UnsetVariable):
        return _evidence(hub, home)
    return None


def _home(hub: _Hub) -> Path:
    return hub.settings.home.absolute()


def _log_address(hub: _Hub) -> str:
    return log_address(hub.configuration.global_.audit, _home(hub), os.environ)


def _ledger(hub: _Hub) -> SqlLedger:
    """Opened with its first use; closed with `hub`."""
    ledger = SqlLedger(ledger_address(hub.configuration.global_.metrics, _home(hub), os.environ), SystemClock())
    hub.closing.callback(ledger.close)
    return ledger


def _log_to_look_at(hub: _Hub) -> SqlAuditLog:
    log = SqlAuditLog(_log_address(hub), SystemClock(), lock_timeout=5)
    hub.closing.callback(log.close)
    return log


def _access(hub: _Hub) -> Access:
    """Raises what is wrong with the credential: nothing is done without one."""
    if hub.access is None:
        hub.access = open_access(hub.configuration, hub.settings, os.environ)
    return hub.access


def _told_with(hub: _Hub) -> tuple[Kept | None, Kept | None]:
    """The chat's webhook and the mail server's password; raises what is wrong with them."""
    return webhook_of(hub.configuration, os.environ), password_of(hub.configuration, os.environ)


def _code_host(hub: _Hub) -> GitHubCodeHost:
    return GitHubCodeHost(hub.settings.github_api_url, _access(hub).tokens)


def _code_store(hub: _Hub) -> GitCodeStore:
    return GitCodeStore(_home(hub), hub.settings.git_url, _access(hub).tokens, _code_host(hub).name_of)


def _evidence(hub: _Hub, home: Path) -> LocalEvidence | S3Evidence:
    return until(hub.closing, open_evidence(hub.configuration.global_.audit, home, os.environ))
