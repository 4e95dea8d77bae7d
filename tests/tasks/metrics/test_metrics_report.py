import csv
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tasks.domain.audit import Event
from tasks.domain.gates import Verdict
from tasks.metrics import MetricsReport, Window, make_metrics_report
from tests.domain.builders import NOON
from tests.domain.chronicle import Chronicle, Story, held


class Log:
    """The reading side of an audit log, over events in memory."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        raise AssertionError(f"a report appends nothing, and was about to append {events}")

    def events(self, *, after: int = 0, **left_out: object) -> Iterator[Event]:
        assert not any(left_out.values())
        return (event for event in self._events if event.seq > after)

    def size(self) -> int:
        return len(self._events)

    def lines(self, first: int, last: int) -> bytes:
        return b"".join(event.canonical() + b"\n" for event in self._events[first - 1 : last])


@pytest.fixture
def told() -> Chronicle:
    log = Chronicle()
    platform = Story(log)
    platform.runs_gate(1, seconds=1.0)
    platform.runs_gate(2, verdict=Verdict.FAILED, seconds=3.0)
    platform.runs_gate(3, verdict=Verdict.ERRORED)
    platform.lands(1, opened=NOON - timedelta(hours=1))
    platform.stops(2, held())
    Story(log, repository="acme/site", repository_id="2002", team="web").lands(9, findings=None)
    return log


def report(log: Chronicle, home: Path, team: str = "all") -> MetricsReport:
    return make_metrics_report.fn(Log(log.events), home, team, Window())


def row(found: MetricsReport, team: str) -> dict[str, Any]:
    return next(row for row in found.teams if row["team"] == team)


def test_a_gate_that_errored_counts_neither_as_success_nor_as_failure(told: Chronicle, tmp_path: Path) -> None:
    platform = row(report(told, tmp_path), "platform")

    assert (platform["gate_n"], platform["gate_success"], platform["gate_errored"]) == (2, 0.5, 1)


def test_compliance_is_counted_from_the_decisions(told: Chronicle, tmp_path: Path) -> None:
    found = report(told, tmp_path)

    assert (row(found, "platform")["landings_compliant"], row(found, "web")["landings_compliant"]) == (1.0, 0.0)


def test_what_cannot_be_said_is_said_by_nothing(told: Chronicle, tmp_path: Path) -> None:
    web = row(report(told, tmp_path), "web")

    assert (web["gate_success"], web["gate_n"], web["merged"], web["held"]) == (None, 0, 1, 0)


def test_one_team_s_report_is_about_that_team(told: Chronicle, tmp_path: Path) -> None:
    assert [each["team"] for each in report(told, tmp_path, "web").teams] == ["web"]


def test_the_same_log_gives_the_same_bytes(told: Chronicle, tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in report(told, tmp_path / "one").directory.iterdir()}
    second = {path.name: path.read_bytes() for path in report(told, tmp_path / "two").directory.iterdir()}

    assert first == second
    assert set(first) == {"metrics.json", "teams.csv", "gates.csv", "landings.csv", "dashboard.html"}


def test_the_page_the_tables_and_the_document_agree(told: Chronicle, tmp_path: Path) -> None:
    found = report(told, tmp_path)
    document = json.loads((found.directory / "metrics.json").read_text("utf-8"))
    with (found.directory / "teams.csv").open(encoding="utf-8", newline="") as file:
        cells = {line["team"]: line["merged"] for line in csv.DictReader(file)}

    assert document["teams"] == found.teams
    assert cells == {"platform": "1", "web": "1"}
    assert "1 of 2; 9.4 % to 90.5 %" in found.dashboard.read_text("utf-8")


def test_the_page_loads_nothing_and_runs_nothing(told: Chronicle, tmp_path: Path) -> None:
    page = report(told, tmp_path).dashboard.read_text("utf-8")

    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_hostile_gate_name_stays_text_everywhere(tmp_path: Path) -> None:
    log = Chronicle()
    Story(log, team="=cmd()").runs_gate(1)
    found = report(log, tmp_path)

    assert "'=cmd()" in (found.directory / "teams.csv").read_text("utf-8")


def test_markup_in_a_name_is_escaped_on_the_page(tmp_path: Path) -> None:
    log = Chronicle()
    Story(log, team="<b>web</b>").runs_gate(1)

    assert "<b>" not in report(log, tmp_path).dashboard.read_text("utf-8")


def test_an_empty_log_says_so(tmp_path: Path) -> None:
    found = report(Chronicle(), tmp_path)

    assert found.teams == []
    assert "holds nothing yet" in found.summary
    assert "holds nothing yet" in found.dashboard.read_text("utf-8")


def landed(count: int, team: str = "platform") -> Chronicle:
    log = Chronicle()
    for number in range(1, count + 1):
        Story(log, team=team).lands(number, opened=NOON - timedelta(hours=number))
    return log


@pytest.mark.parametrize(("count", "said"), [(4, (False, False)), (5, (True, False)), (20, (True, True))])
def test_no_percentile_is_said_of_too_few(tmp_path: Path, count: int, said: tuple[bool, bool]) -> None:
    platform = row(report(landed(count), tmp_path), "platform")

    assert (platform["merge_hours_p50"] is not None, platform["merge_hours_p90"] is not None) == said
    assert platform["merge_time_n"] == count


def test_thirty_one_landings_are_counted_as_thirty_one(tmp_path: Path) -> None:
    assert row(report(landed(31), tmp_path), "platform")["merged"] == 31


def test_a_window_has_a_directory_of_its_own(told: Chronicle, tmp_path: Path) -> None:
    everything = report(told, tmp_path)
    since = make_metrics_report.fn(Log(told.events), tmp_path, "all", Window(since=NOON, until=NOON))

    assert since.directory.parent == everything.directory
    assert since.teams == []
    assert everything.dashboard.is_file()


def test_the_document_holds_no_number_that_json_does_not_know(told: Chronicle, tmp_path: Path) -> None:
    text = (report(told, tmp_path).directory / "metrics.json").read_text("utf-8")

    assert "NaN" not in text
    assert "Infinity" not in text


def test_nothing_unfinished_is_left_behind(told: Chronicle, tmp_path: Path) -> None:
    assert not [path for path in report(told, tmp_path).directory.iterdir() if path.name.startswith(".")]
