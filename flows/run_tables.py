"""The tables of runs, of the doctor and of simulations."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from flows.tables import STYLES, plain, table
from tasks.domain.doctor import Check, Status
from tasks.domain.outcomes import repository_rows
from tasks.domain.simulation import report
from tasks.domain.simulation.comparison import Comparison

HEALTH = {Status.OK: "green", Status.WARNING: "yellow", Status.DEFECT: "bold red", Status.SKIPPED: "dim"}
TITLE_WIDTH = 50


def diagnosis_table(checks: Sequence[Check]) -> Table:
    """A row a check; what to do stands below what was found, so that a narrow terminal has room for both."""
    made = table("What", "", "Found, and what to do")
    for each in checks:
        found = plain(each.found)
        if each.remedy:
            found.append(f"\n→ {plain(each.remedy).plain}", style="italic")
        made.add_row(plain(each.name), Text(each.status.value, style=HEALTH[each.status]), found)
    return made


def outcome_table(document: Mapping[str, Any]) -> Table:
    """
    A row a pull request, below its team and repository.

    Texts of the code host are shown as they are, never as markup or control characters.
    """
    made = table()
    made.add_column("#", justify="right", no_wrap=True)
    made.add_column("Title", overflow="fold", max_width=TITLE_WIDTH)
    made.add_column("Outcome", no_wrap=True)
    made.add_column("How, or why not", overflow="fold")
    for team in document["teams"]:
        for repository in team["repositories"]:
            rows = repository_rows(repository)
            if made.row_count:
                made.add_row()
            name = Text.assemble((f"{team['team']}  ", "dim"), (plain(repository["repository"]).plain, "bold"))
            made.add_row(None, name, None, None if rows else Text("no open pull requests", style="dim"))
            for row in rows:
                outcome = str(row["outcome"])
                cells = plain(row["title"]), Text(outcome, style=STYLES[outcome]), plain(row["why"])
                made.add_row(str(row["pull request"]), *cells)
    return made


def simulation_table(found: Comparison) -> Table:
    made = table()
    for column in report.COLUMNS:
        made.add_column(column, justify="left" if column == report.COLUMNS[0] else "right")
    for row in report.rows(found):
        made.add_row(*row, style="bold" if row[0] == "merge-hub" else None)
    return made
