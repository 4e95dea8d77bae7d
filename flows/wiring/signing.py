"""What a person needs who signs plans or stops landings: the log and their own keys or name, and no token."""

import getpass
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from config.loader import load
from config.settings import read_settings
from flows.wiring.opening import log_address, open_evidence, until
from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.adapters.ssh_signatures import SshKeyring, SshSignatures, git_identity
from tasks.checkpoints import demand_whole
from tasks.ports import SigningDesk


@contextmanager
def open_signing_desk() -> Iterator[SigningDesk]:
    """Raises ConfigurationError."""
    settings, clock = read_settings(os.environ), SystemClock()
    configuration, home = load(settings.config_directory), settings.home.absolute()
    with ExitStack() as opened:
        address = log_address(configuration.global_.audit, home, os.environ)
        store = until(opened, open_evidence(configuration.global_.audit, home, os.environ))
        may_begin = partial(demand_whole, 0, store)
        log = opened.enter_context(closing(SqlAuditLog(address, clock, may_begin=may_begin)))
        signatures = SshSignatures(configuration.allowed_signers.text)
        yield SigningDesk(configuration, log, clock, signatures, SshKeyring())


def who_runs_this() -> str:
    """As git knows the person, else as the operating system does; told to people, and relied on by nobody."""
    return git_identity() or getpass.getuser()
