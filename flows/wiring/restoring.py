"""What it takes to bring the log back: the store that is configured, the keys that sealed it, and the place for it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from config.loader import load
from config.settings import read_settings
from flows.wiring.opening import log_address, open_evidence, until
from flows.wiring.sealing import open_seal
from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.ports import EvidenceStore, Seal
from tasks.restoring import Recovering


@dataclass(frozen=True, slots=True)
class Restoration:
    store: EvidenceStore
    seal: Seal
    log: Recovering


@contextmanager
def open_restoration() -> Iterator[Restoration]:
    """Raises ConfigurationError, or SealingFailed where the keys are gone."""
    settings = read_settings(os.environ)
    configuration, home = load(settings.config_directory), settings.home.absolute()
    with ExitStack() as opened:
        address = log_address(configuration.global_.audit, home, os.environ)
        store = until(opened, open_evidence(configuration.global_.audit, home, os.environ))
        seal = open_seal(configuration, settings, os.environ, opened)
        log = opened.enter_context(closing(SqlAuditLog(address, SystemClock())))
        yield Restoration(store, seal, log)
