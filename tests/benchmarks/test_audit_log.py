import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tests.adapters.facts import SetClock, fact, facts


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqlAuditLog]:
    opened = SqlAuditLog(f"sqlite:///{tmp_path / 'audit.db'}", SetClock())
    yield opened
    opened.close()


@pytest.mark.long
def test_appends_and_reads_a_second(log: SqlAuditLog, capsys: pytest.CaptureFixture[str]) -> None:
    start = time.perf_counter()
    for number in range(500):
        log.append([fact(number)])
    single = 500 / (time.perf_counter() - start)

    start = time.perf_counter()
    for number in range(1000, 11_000, 100):
        log.append(facts(number, number + 99))
    batched = 10_000 / (time.perf_counter() - start)

    start = time.perf_counter()
    read = len(list(log.events())) / (time.perf_counter() - start)

    with capsys.disabled():
        print(f"\naudit log, events a second: {single:,.0f} one by one, {batched:,.0f} by 100, {read:,.0f} read")  # noqa: T201
