"""What a command says: to people on a terminal, to programs as one JSON document, and by its exit code."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn, TextIO, cast

import typer
from pydantic import JsonValue
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.check import CheckReport
from config.errors import ConfigurationError, Problem, UnknownTeam, UnsetVariable
from flows.pausing import UnusablePause
from flows.running import Finished
from tasks.crash_points import CrashPoint
from tasks.domain.doctor import Check, Status
from tasks.domain.errors import MergeHubError
from tasks.domain.moments import UnusableMoment
from tasks.domain.outcomes import repository_rows, totals
from tasks.domain.run import UnknownRepository
from tasks.domain.search_report import in_words
from tasks.domain.signing_desk import UnknownPlan
from tasks.domain.simulation import report
from tasks.domain.simulation.comparison import Comparison, UnusableParameters
from tasks.redaction import redacted_value, without_secrets_in

HEALTH = {Status.OK: "green", Status.WARNING: "yellow", Status.DEFECT: "bold red", Status.SKIPPED: "dim"}
STYLES = {"merged": "green", "held": "yellow", "refused": "red", "failed": "bold red"}
WIDTH_WITHOUT_TERMINAL = 160
TITLE_WIDTH = 50


_BAD_USAGE = (
    UnsetVariable,
    UnknownTeam,
    UnknownRepository,
    UnknownPlan,
    UnusableMoment,
    UnusableParameters,
    UnusablePause,
)


class ExitCode(IntEnum):
    DONE = 0
    FAILED = 1
    USAGE = 2


@contextmanager
def told(*, as_json: bool) -> Iterator["Teller"]:
    """
    Within it nothing but the teller reaches standard output, whatever a library prints.

    What went wrong leaves it as an exit code: bad usage or configuration 2, a failure of the world 1.
    """
    with _standard_output_kept() as out:
        teller = Teller(out, as_json=as_json)
        try:
            yield teller
        except ConfigurationError as error:
            teller.refuse(str(error), error.remedy, [_problem(problem) for problem in error.problems])
        except _BAD_USAGE as error:
            teller.refuse(str(error), error.remedy, [])
        except MergeHubError as error:
            teller.fail(error)


@contextmanager
def _standard_output_kept() -> Iterator[TextIO]:
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(os.dup(kept), "w", encoding="utf-8") as out:
        try:
            yield without_secrets_in(out)
        finally:
            out.flush()
            os.dup2(kept, 1)
            os.close(kept)


class Teller:
    def __init__(self, out: TextIO, *, as_json: bool) -> None:
        self._as_json = as_json
        self._out = out
        self._people = Console(file=out, width=None if out.isatty() else WIDTH_WITHOUT_TERMINAL)
        self._aside = Console(stderr=True, width=None if sys.stderr.isatty() else WIDTH_WITHOUT_TERMINAL)

    def aside(self, sentence: str, style: str = "dim") -> None:
        """To standard error, for people who watch."""
        self._aside.print(Text(sentence, style=style), soft_wrap=True)

    def document(self, document: object) -> None:
        """To standard output, with `--json` only."""
        if self._as_json:
            shown = redacted_value(cast("JsonValue", document))
            self._out.write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")

    def run(self, finished: Finished) -> None:
        self.document(finished.document)
        if not self._as_json:
            self._outcomes(finished.document)
            self._line("Evidence", finished.document["audit"]["store"])
        self._end(finished.problems)

    def demo(self, finished: Finished, messages: str) -> None:
        document = finished.document
        self.document(document)
        if not self._as_json:
            self._outcomes(document["run"])
            self._line("Messages", messages)
            for name, key in (("Evidence", "store"), ("Metrics", "dashboard"), ("State", "home")):
                self._line(name, document[key])
        self._end(finished.problems)

    def metrics(self, finished: Finished) -> None:
        self.document(finished.document)
        if not self._as_json:
            self._out.write(f"{finished.document['summary']}\n")
            self._line("Dashboard", finished.document["dashboard"])
        self._end(finished.problems)

    def simulation(self, found: Comparison, chart: Path | None) -> None:
        self.document(report.document(found))
        if not self._as_json:
            self._people.print(simulation_table(found))
            self._out.write(f"\n{report.caption(found)}\n")
            if chart is not None:
                self._line("Chart", str(chart))

    def checked(self, found: CheckReport) -> None:
        self.document(
            {
                "usable": found.usable,
                "errors": [_problem(problem) for problem in found.problems],
                "warnings": [_problem(problem) for problem in found.warnings],
            }
        )
        if not self._as_json:
            for kind, problems in (("error", found.problems), ("warning", found.warnings)):
                self._out.writelines(f"{kind}: {problem}\n" for problem in problems)
            counts = f"{len(found.problems)} errors, {len(found.warnings)} warnings"
            self._out.write(f"{'usable' if found.usable else 'not usable'}: {counts}\n")
        if not found.usable:
            raise typer.Exit(ExitCode.USAGE)

    def sentences(self, found: Mapping[str, Any], said: Sequence[str | Table]) -> None:
        """One document, and what people read instead."""
        self.document(found)
        for each in () if self._as_json else said:
            self._people.print(plain(each) if isinstance(each, str) else each, soft_wrap=isinstance(each, str))

    def diagnosis(self, checks: Sequence[Check]) -> None:
        well = not any(each.status is Status.DEFECT for each in checks)
        rows = [
            {"name": each.name, "status": each.status.value, "found": each.found, "remedy": each.remedy}
            for each in checks
        ]
        self.document({"well": well, "checks": rows})
        if not self._as_json:
            self._people.print(diagnosis_table(checks))
        if not well:
            raise typer.Exit(ExitCode.FAILED)

    def crash_points(self) -> None:
        names = ("name", "done", "undone")
        rows = [dict(zip(names, (each.value, each.done, each.undone), strict=True)) for each in CrashPoint]
        self.document({"crash_points": rows})
        if not self._as_json:
            table = _table("Name", "What has happened", "What has not")
            for row in rows:
                table.add_row(*row.values())
            self._people.print(table)

    def refuse(self, message: str, remedy: str, problems: list[dict[str, Any]]) -> NoReturn:
        self.document({"error": {"code": "usage", "message": message, "remedy": remedy, "problems": problems}})
        self.aside(f"{message}\n→ {remedy}", "red")
        raise typer.Exit(ExitCode.USAGE)

    def fail(self, error: MergeHubError) -> NoReturn:
        self.document({"error": {"code": error.code, "message": error.message, "remedy": error.remedy}})
        self.aside(f"{error.message}\n→ {error.remedy}", "red")
        raise typer.Exit(ExitCode.FAILED)

    def _outcomes(self, document: Mapping[str, Any]) -> None:
        self._people.print(outcome_table(document))
        self._out.write(f"\n{totals(document)}\n")
        if gated := in_words(document):
            self._out.write(f"{gated}\n")
        self._out.write("\n")

    def _line(self, name: str, value: str) -> None:
        self._out.write(f"{name + ':':<11}{value}\n")

    def _end(self, problems: tuple[str, ...]) -> None:
        for problem in problems:
            self.aside(problem, "red")
        if problems:
            raise typer.Exit(ExitCode.FAILED)


def told_bad_usage(message: str) -> int:
    """The exit code, after one JSON document that says what is wrong with the command line."""
    try:
        with told(as_json=True) as teller:
            teller.refuse(message, "add --help to the command to see what it takes", [])
    except typer.Exit as exit_:
        return exit_.exit_code


def diagnosis_table(checks: Sequence[Check]) -> Table:
    """A row a check; what to do stands below what was found, so that a narrow terminal has room for both."""
    table = _table("What", "", "Found, and what to do")
    for each in checks:
        found = plain(each.found)
        if each.remedy:
            found.append(f"\n→ {plain(each.remedy).plain}", style="italic")
        table.add_row(plain(each.name), Text(each.status.value, style=HEALTH[each.status]), found)
    return table


def _table(first: str, second: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    table.add_column(first, overflow="fold")
    table.add_column(second, overflow="fold")
    for each in others:
        table.add_column(each, overflow="fold")
    return table


def outcome_table(document: Mapping[str, Any]) -> Table:
    """
    A row a pull request, below its team and repository.

    Texts of the code host are shown as they are, never as markup or control characters.
    """
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Title", overflow="fold", max_width=TITLE_WIDTH)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("How, or why not", overflow="fold")
    for team in document["teams"]:
        for repository in team["repositories"]:
            rows = repository_rows(repository)
            if table.row_count:
                table.add_row()
            name = Text.assemble((f"{team['team']}  ", "dim"), (plain(repository["repository"]).plain, "bold"))
            table.add_row(None, name, None, None if rows else Text("no open pull requests", style="dim"))
            for row in rows:
                outcome = str(row["outcome"])
                cells = plain(row["title"]), Text(outcome, style=STYLES[outcome]), plain(row["why"])
                table.add_row(str(row["pull request"]), *cells)
    return table


def simulation_table(found: Comparison) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    for column in report.COLUMNS:
        table.add_column(column, justify="left" if column == report.COLUMNS[0] else "right")
    for row in report.rows(found):
        table.add_row(*row, style="bold" if row[0] == "merge-hub" else None)
    return table


def plain(value: object) -> Text:
    return Text("".join(character if character.isprintable() else " " for character in str(value)))


def _problem(problem: Problem) -> dict[str, Any]:
    names = ("file", "line", "column", "key", "message", "remedy")
    return {name: getattr(problem, name) for name in names}
