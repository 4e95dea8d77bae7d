"""Merge times, gate success and compliance of every team, from the audit log."""

from datetime import timedelta
from typing import Any

from prefect import flow

from flows import wiring
from flows.choices import TeamChoice
from tasks.metrics import Window, make_metrics_report, publish_metrics
from tasks.redaction import without_secrets


@flow(
    name="metrics-report",
    flow_run_name="metrics of {team}",
    description="Merge times, gate success and compliance per team, as tables, a page and artifacts.",
)
@without_secrets
def metrics_report(team: TeamChoice = "all", days: int | None = None) -> dict[str, Any]:
    """`days` is how far back to look; None: as far as the log goes. Returns the tables and where the page is."""
    with wiring.open_records() as records:
        since = None if days is None else records.clock.now() - timedelta(days=days)
        report = make_metrics_report(records.log, records.home, team, Window(since))
    publish_metrics(report)
    return {
        "directory": str(report.directory),
        "dashboard": str(report.dashboard),
        "summary": report.summary,
        "teams": report.teams,
        "gates": report.gates,
    }
