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
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.check import CheckReport
from config.errors import ConfigurationError, Problem, UnknownTeam, UnsetVariable
from flows.run_tables import diagnosis_table, outcome_table, simulation_table
from flows.running import Finished
from flows.tables import plain, table
from flows.usage import UnusableRequest
from tasks.crash_points import CrashPoint
from tasks.domain.compliance_report.period import UnusablePeriod
from tasks.domain.doctor import Check, Status
from tasks.domain.errors import MergeHubError
from tasks.domain.exposure import exposed
from tasks.domain.moments import UnusableMoment
from tasks.domain.outcomes import totals
from tasks.domain.run import UnknownRepository
from tasks.domain.search_report import in_words
from tasks.domain.signing_desk import UnknownPlan
from tasks.domain.simulation import report
from tasks.domain.simulation.comparison import Comparison, UnusableParameters
from tasks.redaction import redacted_value, without_secrets_in

WIDTH_WITHOUT_TERMINAL = 160


_BAD_USAGE = (
    UnsetVariable,
    UnknownTeam,
    UnknownRepository,
    UnknownPlan,
    UnusableMoment,
    UnusablePeriod,
    UnusableParameters,
    UnusableRequest,
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
            self._line("Exposed", exposed(finished.document["audit"], finished.document["finished_at"]))
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

    def report(self, finished: Finished, said: Sequence[str | Table]) -> None:
        self.sentences(finished.document, said)
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

    def concluded(self, finished: Finished, said: Sequence[str | Table]) -> None:
        """As `sentences`; fails where anything is left that somebody has to do."""
        self.sentences(finished.document, said)
        self._end(finished.problems)

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
            heads = ("Name", "What has happened", "What has not")
            self._people.print(table(*heads, rows=[tuple(row.values()) for row in rows]))

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


def _problem(problem: Problem) -> dict[str, Any]:
    names = ("file", "line", "column", "key", "message", "remedy")
    return {name: getattr(problem, name) for name in names}
