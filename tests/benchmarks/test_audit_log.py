import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.audit import ABOUT_MESSAGES, Event, EventType
from tasks.domain.gates import Candidate
from tasks.domain.identity import last_led_to
from tasks.domain.memory import REMEMBERED, recall
from tasks.domain.model import RepositoryName
from tasks.domain.receipts import receipts_in
from tests.adapters.facts import SetClock, fact, facts
from tests.benchmarks.stopwatch import Stopwatch, say
from tests.domain import builders

EVENTS, REPOSITORIES, PAGE = 100_000, 6, 1000


@pytest.fixture
def sqlite_file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'audit.db'}"


@pytest.fixture
def log(sqlite_file: str) -> Iterator[SqlAuditLog]:
    opened = SqlAuditLog(sqlite_file, SetClock())
    yield opened
    opened.close()


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite_file", "postgresql_database"])
def test_appends_and_reads_a_second(
    request: pytest.FixtureRequest, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log = SqlAuditLog(request.getfixturevalue(database), SetClock())
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

    log.close()
    say(capsys, f"{database}, events a second: {single:,.0f} one by one, {batched:,.0f} by 100, {read:,.0f} read")


def history(first: int) -> list[Event]:
    """A page of gates that passed, in one repository after the other."""
    page = []
    for number in range(first, first + PAGE):
        recorder = builders.recorder(
            repository_id=str(number % REPOSITORIES), repository=f"acme/{number % REPOSITORIES}"
        )
        tree = builders.tree(number)
        candidate = Candidate((number,), builders.BASE, builders.sha(number), tree)
        page.append(recorder.gate_finished(candidate, builders.gate(), builders.ENVIRONMENT, builders.gate_result()))
    return page


@pytest.mark.long
def test_what_a_run_reads_of_a_log_of_years(log: SqlAuditLog, capsys: pytest.CaptureFixture[str]) -> None:
    """Of its own part each of six repositories reads what it remembers, and of the whole only what is to be told."""
    for first in range(1, EVENTS, PAGE):
        log.append(history(first))
    watch, name = Stopwatch(), RepositoryName("acme/3")
    with watch.lap("all of it"):
        whole = sum(1 for _ in log.events())
    with watch.lap("one repository's memory"):
        memory = recall(log.events(repository_id="3", types=REMEMBERED))
    with watch.lap("its last name"):
        last_led_to(name, log.events(mentioning=name, newest_first=True))
    with watch.lap("a name that was never there"):
        last_led_to(RepositoryName("acme/none"), log.events(mentioning="acme/none", newest_first=True))
    with watch.lap("what was told"):
        receipts_in(log.events(types=ABOUT_MESSAGES))
    with watch.lap("alerts"):
        list(log.events(types={EventType.ALERT_RAISED}))
    with watch.lap("passes since the plan"):
        recall(itertools.islice(log.events(repository_id="3", types={EventType.GATE_FINISHED}, after=memory.until), 10))

    say(capsys, f"a log of {whole:,} events, seconds: {watch}")
    assert whole == EVENTS
