"""Metrics: merge times, gate success and compliance a team, counted from the audit log, as pandas tables."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from tasks.crash_points import CrashPoint, reached
from tasks.domain import figures
from tasks.domain.escaping import for_spreadsheet
from tasks.domain.metrics import (
    LEAST_FOR_MEDIAN,
    LEAST_FOR_NINETIETH,
    Facts,
    GateRow,
    LandingRow,
    OpenRow,
    facts_of,
    facts_of_team,
    wilson,
)
from tasks.domain.run import EVERY_TEAM
from tasks.files import write_whole
from tasks.ports import AuditLog
from tasks.redaction import redacted, redacted_rows

SCHEMA = "merge-hub-metrics/1"
MAXIMUM_ROWS = 200
"""The Prefect UI draws every row of a table at once."""

_TEMPLATES = Path(__file__).parent / "templates"
_ANSWERS = ("passed", "failed", "timed_out")


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` on and before `until`; None: without that bound."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def name(self) -> str:
        """Of a directory; empty for everything."""
        bounds = (("from", self.since), ("until", self.until))
        return "-".join(f"{word}-{moment:%Y%m%dT%H%M%S}" for word, moment in bounds if moment is not None)

    def __str__(self) -> str:
        bounds = (("from", self.since), ("before", self.until))
        said = " and ".join(f"{word} {moment.isoformat()}" for word, moment in bounds if moment is not None)
        return said or "all of it"


@dataclass(frozen=True, slots=True)
class MetricsReport:
    """`teams` and `gates` are tables as lists of rows; a number that cannot be said is None."""

    directory: Path
    dashboard: Path
    summary: str
    teams: list[dict[str, Any]]
    gates: list[dict[str, Any]]


@task(task_run_name="metrics of {team}", cache_policy=NO_CACHE)
def make_metrics_report(log: AuditLog, home: Path, team: str, window: Window) -> MetricsReport:
    """`team` is a name or `all`. Written under `home`/metrics; the same log gives the same bytes."""
    every = facts_of(log.events(), since=window.since, until=window.until)
    facts = every if team == EVERY_TEAM else facts_of_team(every, team)
    teams, gates = rows_of(team_table(facts)), rows_of(gate_table(facts))
    directory = home / "metrics" / team / window.name
    scope = figures.scope(facts.events, facts.newest, str(window))
    report = MetricsReport(
        directory=directory,
        dashboard=directory / "dashboard.html",
        summary=figures.summary(teams, scope),
        teams=teams,
        gates=gates,
    )
    for name, text in _files(report, facts, scope).items():
        write_whole(directory / name, text)
        reached(CrashPoint.AFTER_METRICS_FILE)
    reached(CrashPoint.AFTER_METRICS)
    return report


@task(task_run_name="publish metrics", cache_policy=NO_CACHE)
def publish_metrics(report: MetricsReport) -> None:
    """The artifact `metrics-report`, and a table for teams and for gates."""
    teams, gates = (redacted_rows(table[:MAXIMUM_ROWS]) for table in (report.teams, report.gates))
    said, told = redacted(report.summary), f"From {report.directory}"
    create_markdown_artifact(markdown=said, key="metrics-report", description=told)
    create_table_artifact(table=teams, key="metrics-report-teams", description="A row a team")
    create_table_artifact(table=gates, key="metrics-report-gates", description="A row a gate")


def team_table(facts: Facts) -> pd.DataFrame:
    """A row a team, by name: what landed, how fast, how its gates did, whether it was allowed, what did not land."""
    landings, gates = _frame(facts.landings, LandingRow), _frame(facts.gates, GateRow)
    waiting = _frame(facts.open, OpenRow)
    names = sorted({*landings["team"], *gates["team"], *waiting["team"]})
    by_team = landings.groupby("team")
    table = pd.DataFrame(index=pd.Index(names, name="team", dtype=str))
    table["merged"] = by_team.size()
    table["compliant"] = by_team["compliant"].sum()
    table["landings_compliant"] = by_team["compliant"].mean()
    hours = by_team["hours"]
    table["merge_time_n"] = hours.count()
    table["merge_hours_p50"] = hours.quantile(0.5).where(hours.count() >= LEAST_FOR_MEDIAN)
    table["merge_hours_p90"] = hours.quantile(0.9).where(hours.count() >= LEAST_FOR_NINETIETH)
    table["merge_hours_min"], table["merge_hours_max"] = hours.min(), hours.max()
    table["merge_hours_mean"] = hours.mean()
    table = table.join(_success(gates, ["team"]))
    for outcome in ("held", "refused", "failed"):
        table[outcome] = waiting[waiting["outcome"] == outcome].groupby("team").size()
    counts = ["merged", "compliant", "merge_time_n", "gate_n", "gate_passed", "gate_errored"]
    return _counted(table, [*counts, "held", "refused", "failed"]).reset_index()


def gate_table(facts: Facts) -> pd.DataFrame:
    """A row a gate of a team: how often it came to an answer, how often it passed, how long it took."""
    gates = _frame(facts.gates, GateRow)
    keys = ["team", "gate"]
    table = _success(gates, keys)
    seconds = gates[gates["verdict"].isin(_ANSWERS)].groupby(keys)["seconds"]
    table["seconds_p50"] = seconds.quantile(0.5).where(seconds.count() >= LEAST_FOR_MEDIAN)
    table["seconds_p90"] = seconds.quantile(0.9).where(seconds.count() >= LEAST_FOR_NINETIETH)
    return table.reset_index().sort_values(keys, ignore_index=True)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Plain JSON values; what is not a number is None."""
    rows: list[dict[str, Any]] = json.loads(table.round(4).to_json(orient="records"))
    return rows


def _success(gates: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    grouped = gates.assign(
        gate_n=gates["verdict"].isin(_ANSWERS),
        gate_passed=gates["verdict"] == "passed",
        gate_errored=gates["verdict"] == "errored",
    ).groupby(keys)
    table = grouped[["gate_n", "gate_passed", "gate_errored"]].sum().astype(int)
    table["gate_success"] = table["gate_passed"] / table["gate_n"].where(table["gate_n"] > 0)
    intervals = [
        wilson(passed, attempts) or (None, None)
        for passed, attempts in zip(table["gate_passed"], table["gate_n"], strict=True)
    ]
    bounds = pd.DataFrame(intervals, index=table.index, columns=["gate_success_low", "gate_success_high"], dtype=float)
    return table.join(bounds)


def _counted(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].fillna(0).astype(int) for name in names})


def _frame(rows: Sequence[LandingRow | GateRow | OpenRow], kind: type[LandingRow | GateRow | OpenRow]) -> pd.DataFrame:
    columns = list(kind.__dataclass_fields__)
    frame = pd.DataFrame([asdict(row) for row in rows], columns=columns)
    return frame.astype({name: float for name in ("hours", "seconds") if name in columns})


def _files(report: MetricsReport, facts: Facts, scope: str) -> dict[str, str]:
    landings = rows_of(_frame(facts.landings, LandingRow))
    return {
        "metrics.json": _document(report, scope),
        "teams.csv": _csv(report.teams),
        "gates.csv": _csv(report.gates),
        "landings.csv": _csv(landings),
        "dashboard.html": _page(report, scope),
    }


def _document(report: MetricsReport, scope: str) -> str:
    document = {
        "schema": SCHEMA,
        "scope": scope,
        "definitions": dict(figures.DEFINITIONS),
        "dashboard": [figures.mission_row(row) for row in report.teams],
        "teams": report.teams,
        "gates": report.gates,
    }
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    harmless = [
        {key: for_spreadsheet(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows
    ]
    return pd.DataFrame(harmless).to_csv(index=False, lineterminator="\n")


def _page(report: MetricsReport, scope: str) -> str:
    style = (_TEMPLATES / "dashboard.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    pages = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return pages.get_template("dashboard.html.j2").render(
        style=style,
        style_digest=digest,
        scope=scope,
        nothing=None if report.teams else figures.NOTHING_YET,
        totals=figures.total_cells(report.teams),
        teams=[(row["team"], figures.team_cells(row)) for row in report.teams],
        gates=[(row["team"], row["gate"], figures.gate_cells(row)) for row in report.gates],
        definitions=figures.DEFINITIONS,
    )
