"""Metrics: merge times, gate success and compliance a team, counted from the audit log, as pandas tables."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, select_autoescape
from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from tasks.domain.metrics import Facts, GateRow, LandingRow, OpenRow, facts_of
from tasks.ports import AuditLog

SCHEMA = "merge-hub-metrics/1"
MAXIMUM_ROWS = 200
_TEMPLATES = Path(__file__).parent / "templates"
_ANSWERS = ("passed", "failed", "timed_out")
NONE = "\N{EN DASH}"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` on and before `until`; None: without that bound."""

    since: datetime | None = None
    until: datetime | None = None


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
    facts = _chosen(facts_of(log.events(), since=window.since, until=window.until), team)
    teams, gates = team_table(facts), gate_table(facts)
    directory = home / "metrics" / team
    directory.mkdir(parents=True, exist_ok=True)
    report = MetricsReport(
        directory=directory,
        dashboard=directory / "dashboard.html",
        summary=_summary(teams),
        teams=rows_of(teams),
        gates=rows_of(gates),
    )
    _write(report)
    return report


@task(task_run_name="publish metrics", cache_policy=NO_CACHE)
def publish_metrics(report: MetricsReport) -> None:
    """The artifact `metrics-report`, and a table for teams and for gates."""
    create_markdown_artifact(markdown=report.summary, key="metrics-report", description=f"From {report.directory}")
    create_table_artifact(table=report.teams[:MAXIMUM_ROWS], key="metrics-report-teams", description="A row a team")
    create_table_artifact(table=report.gates[:MAXIMUM_ROWS], key="metrics-report-gates", description="A row a gate")


def team_table(facts: Facts) -> pd.DataFrame:
    """A row a team, by name: what landed, how fast, how its gates did, whether it was allowed, what did not land."""
    landings = _frame(facts.landings, LandingRow)
    gates = _frame(facts.gates, GateRow)
    waiting = _frame(facts.open, OpenRow)
    names = sorted({*landings["team"], *gates["team"], *waiting["team"]})
    by_team = landings.groupby("team")
    hours = by_team["hours"]
    outcomes = pd.crosstab(waiting["team"], waiting["outcome"]) if len(waiting) else pd.DataFrame(index=pd.Index([]))
    table = pd.DataFrame(index=pd.Index(names, name="team"))
    table["merged"] = by_team.size()
    table["merge_time_n"] = hours.count()
    table["merge_hours_p50"] = hours.quantile(0.5).round(2)
    table["merge_hours_p90"] = hours.quantile(0.9).round(2)
    table = table.join(_success(gates, ["team"]))
    table["landings_compliant"] = by_team["compliant"].mean().round(4)
    for outcome in ("held", "refused", "failed"):
        table[outcome] = outcomes.get(outcome, 0)
    counts = ["merged", "merge_time_n", "gate_n", "gate_errored", "held", "refused", "failed"]
    table[counts] = table[counts].fillna(0).astype(int)
    return table.reset_index()


def gate_table(facts: Facts) -> pd.DataFrame:
    """A row a gate of a team: how often it came to an answer, how often it passed, how long it took."""
    gates = _frame(facts.gates, GateRow)
    keys = ["team", "gate"]
    table = _success(gates, keys)
    seconds = gates[gates["verdict"].isin(_ANSWERS)].groupby(keys)["seconds"]
    table["seconds_p50"] = seconds.quantile(0.5).round(3)
    table["seconds_p90"] = seconds.quantile(0.9).round(3)
    return table.reset_index().sort_values(keys, ignore_index=True)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Plain JSON values; what is not a number is None."""
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records"))
    return rows


def _success(gates: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    grouped = gates.assign(
        answered=gates["verdict"].isin(_ANSWERS),
        passed=gates["verdict"] == "passed",
        errored=gates["verdict"] == "errored",
    ).groupby(keys)
    table = grouped[["answered", "passed", "errored"]].sum()
    answered = table["answered"].where(table["answered"] > 0)
    return pd.DataFrame(
        {
            "gate_n": table["answered"].astype(int),
            "gate_success": (table["passed"] / answered).astype(float).round(4),
            "gate_errored": table["errored"].astype(int),
        }
    )


def _frame(rows: Sequence[LandingRow | GateRow | OpenRow], kind: type[LandingRow | GateRow | OpenRow]) -> pd.DataFrame:
    columns = list(kind.__dataclass_fields__)
    frame = pd.DataFrame([asdict(row) for row in rows], columns=columns)
    return frame.astype({name: float for name in ("hours", "seconds") if name in columns})


def _chosen(facts: Facts, team: str) -> Facts:
    if team == "all":
        return facts
    return Facts(
        tuple(row for row in facts.landings if row.team == team),
        tuple(row for row in facts.gates if row.team == team),
        tuple(row for row in facts.open if row.team == team),
    )


def _write(report: MetricsReport) -> None:
    document = {"schema": SCHEMA, "teams": report.teams, "gates": report.gates}
    (report.directory / "metrics.json").write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", "utf-8")
    for name, rows in (("teams", report.teams), ("gates", report.gates)):
        harmless = [{key: _harmless(value) for key, value in row.items()} for row in rows]
        pd.DataFrame(harmless).to_csv(report.directory / f"{name}.csv", index=False, lineterminator="\n")
    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(default=True))
    page = pages.get_template("dashboard.html.j2").render(teams=report.teams, gates=report.gates)
    report.dashboard.write_text(page, "utf-8")


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet takes for text: one that begins like a formula gets a quote in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _summary(teams: pd.DataFrame) -> str:
    if teams.empty:
        return "# Metrics\n\nThe audit log holds nothing yet: no pull request was landed, refused or held."
    head = "| Team | Merged | Merge time p50 | p90 | Gate success | Landings compliant | Held | Refused | Failed |"
    rule = "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    lines = [_summary_line(row) for row in rows_of(teams)]
    return "\n".join(["# Metrics", "", head, rule, *lines])


def _summary_line(row: dict[str, Any]) -> str:
    cells = [
        row["team"],
        row["merged"],
        _hours(row["merge_hours_p50"]),
        _hours(row["merge_hours_p90"]),
        f"{_percent(row['gate_success'])} of {row['gate_n']}",
        f"{_percent(row['landings_compliant'])} of {row['merged']}",
        row["held"],
        row["refused"],
        row["failed"],
    ]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _hours(hours: float | None) -> str:
    return NONE if hours is None else f"{hours:.1f} h"


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{share:.1%}"
