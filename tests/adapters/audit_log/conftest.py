from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tests.adapters.facts import SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "audit.db"


@pytest.fixture
def open_log(file: Path, clock: SetClock) -> Iterator[Callable[[], SqlAuditLog]]:
    """Opens the log of this test, as often as asked, as separate processes would."""
    logs: list[SqlAuditLog] = []

    def opened() -> SqlAuditLog:
        logs.append(SqlAuditLog(f"sqlite:///{file}", clock, lock_timeout=0.2))
        return logs[-1]

    yield opened
    for each in logs:
        each.close()


@pytest.fixture
def log(open_log: Callable[[], SqlAuditLog]) -> SqlAuditLog:
    return open_log()
