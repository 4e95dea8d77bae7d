"""How many alarms quiet months raise, and how long it takes to judge a log."""

from collections import Counter
from pathlib import Path

import pytest

from tasks.adapters.audit_log import SqlAuditLog
from tasks.domain.anomalies import JUDGED, RULES, judged
from tests.adapters.facts import SetClock
from tests.benchmarks.stopwatch import Stopwatch
from tests.domain.anomalies.quiet import SETTINGS, quiet_month

MONTHS, EVENTS = 20, 100_000


@pytest.mark.long
def test_false_alarms_of_quiet_months(capsys: pytest.CaptureFixture[str]) -> None:
    """Each month is the second of two, so that every rule has learnt what is usual."""
    landings, alarms, grave = 0, Counter[str](), 0
    for seed in range(MONTHS):
        log = quiet_month(seed, days=60)
        second = [event for event in log.events if event.time[:10] >= f"{log.now:%Y}-04-01"]
        landings += sum(event.type == "merge.completed" for event in second)
        for alert in judged(log.events, SETTINGS, log.now):
            if f"{alert.found.at:%Y-%m-%d}" >= f"{log.now:%Y}-04-01":
                alarms[alert.found.rule.id] += 1
                grave += alert.found.severity in {"high", "critical"}

    with capsys.disabled():
        told = ", ".join(f"{rule} {alarms[rule] / MONTHS:g}" for rule in RULES if alarms[rule])
        months = f"{MONTHS} quiet months of {landings / MONTHS:.0f} landings"
        print(f"\n{months}: alarms a month: {told}; {grave} grave in all")  # noqa: T201


@pytest.mark.long
def test_the_time_it_takes_to_judge_a_long_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = quiet_month(seed=1, days=30)
    opened = SqlAuditLog(f"sqlite:///{tmp_path / 'audit.db'}", SetClock())
    for turn in range(-(-EVENTS // len(month.events))):
        page = [event.model_copy(update={"id": f"{turn}-{event.id}", "seq": 0, "time": ""}) for event in month.events]
        opened.append(page)
    watch = Stopwatch()
    with watch.lap("reading"):
        events = list(opened.events(types=JUDGED))
    with watch.lap("judging"):
        judged(events, SETTINGS, month.now)
    with watch.lap("looking for news"):
        next(iter(opened.events(types=JUDGED, newest_first=True)))
    opened.close()

    with capsys.disabled():
        laps = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in watch.laps.items())
        print(f"\n{len(events):,} events: {laps}")  # noqa: T201
