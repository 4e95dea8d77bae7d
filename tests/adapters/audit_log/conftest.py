import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tests.adapters.facts import SetClock


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is said of a log holds in every database; who asks for its `file` speaks of SQLite."""
    if "url" in metafunc.fixturenames:
        of_sqlite = "file" in inspect.signature(metafunc.function).parameters
        others = () if of_sqlite else (pytest.param("postgresql_database", marks=pytest.mark.long),)
        metafunc.parametrize("url", ["sqlite_file", *others], indirect=True)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "audit.db"


@pytest.fixture
def sqlite_file(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def open_log(url: str, clock: SetClock) -> Iterator[Callable[[], SqlAuditLog]]:
    """Opens the log of this test, as often as asked, as separate processes would."""
    logs: list[SqlAuditLog] = []

    def opened() -> SqlAuditLog:
        logs.append(SqlAuditLog(url, clock, lock_timeout=0.2))
        return logs[-1]

    yield opened
    for each in logs:
        each.close()


@pytest.fixture
def log(open_log: Callable[[], SqlAuditLog]) -> SqlAuditLog:
    return open_log()
