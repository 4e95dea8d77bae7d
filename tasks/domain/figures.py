"""
How the metrics are said: a number with what it was counted from, and no number where there is none.

Rows are those of the tables that `tasks.metrics` makes, one a team or a gate; a value that cannot be said is None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.escaping import for_markdown
from tasks.domain.metrics import LEAST_FOR_MEDIAN, LEAST_FOR_NINETIETH

Row = Mapping[str, object]

NOTHING_YET = "The audit log holds nothing yet: no pull request was landed, refused or held."
NO_VALUE = "\N{EN DASH}"

_MERGE_TIME = "from opening a pull request to its landing. Half of them, and nine in ten, took no longer than this."
_TOO_FEW = (
    f"no median of fewer than {LEAST_FOR_MEDIAN} and no nine in ten of fewer than {LEAST_FOR_NINETIETH}: the fastest "
    "and the slowest landing are shown instead, or nothing."
)
_GATE_SUCCESS = (
    "runs that passed, of those that passed, failed or timed out, with the interval that holds the true rate 95 times "
    "in 100. Cached results are no runs; runs that came to no answer are counted as errored."
)
_COMPLIANT = (
    "landings for which the log holds a decision that satisfied every blocking rule, of all landings. Without a "
    "recorded decision a landing is not compliant."
)
DEFINITIONS = (
    ("Merge time", _MERGE_TIME),
    ("Too few", _TOO_FEW),
    ("Gate success", _GATE_SUCCESS),
    ("Compliant", _COMPLIANT),
    ("Held, refused, failed", "the last word on each pull request that has not landed."),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """`note` is what the value was counted from; `share` and its interval, from 0 to 1, can be drawn."""

    value: str
    note: str = ""
    share: float | None = None
    interval: tuple[float, float] | None = None


def team_cells(row: Row) -> tuple[Cell, ...]:
    counts = tuple(Cell(str(row[name])) for name in ("held", "refused", "failed"))
    return (
        Cell(str(row["merged"])),
        _median(row),
        _ninetieth(row),
        rate_cell(row["gate_passed"], row["gate_n"], (row["gate_success_low"], row["gate_success_high"])),
        rate_cell(row["compliant"], row["merged"]),
        *counts,
    )


def gate_cells(row: Row) -> tuple[Cell, ...]:
    return (
        rate_cell(row["gate_passed"], row["gate_n"], (row["gate_success_low"], row["gate_success_high"])),
        Cell(str(row["gate_errored"])),
        Cell(duration(_number(row["seconds_p50"]))),
        Cell(duration(_number(row["seconds_p90"]))),
    )


def total_cells(rows: Sequence[Row]) -> dict[str, Cell]:
    """Counts only: what is blended over teams is no percentile."""
    merged = _sum(rows, "merged")
    waiting = {name: _sum(rows, name) for name in ("held", "refused", "failed")}
    said = ", ".join(f"{count} {name}" for name, count in waiting.items() if count)
    return {
        "Merged": Cell(str(merged)),
        "Compliant landings": rate_cell(_sum(rows, "compliant"), merged),
        "Gate success": rate_cell(_sum(rows, "gate_passed"), _sum(rows, "gate_n")),
        "Not landed": Cell(str(sum(waiting.values())), said),
    }


def rate_cell(successes: object, attempts: object, interval: tuple[object, object] = (None, None)) -> Cell:
    passed, of = _number(successes) or 0, _number(attempts) or 0
    if not of:
        return Cell(NO_VALUE, "n = 0")
    note = f"{passed:.0f} of {of:.0f}"
    low, high = (_number(bound) for bound in interval)
    if low is None or high is None:
        return Cell(percent(passed / of), note, passed / of)
    return Cell(percent(passed / of), f"{note}; {percent(low)} to {percent(high)}", passed / of, (low, high))


def percent(share: float) -> str:
    """Never 100 where anything is missing."""
    return "100 %" if share == 1 else f"{min(share, 0.999):.1%}".replace("%", " %")


def duration(seconds: float | None) -> str:
    if seconds is None:
        return NO_VALUE
    for limit, unit, name in ((1, 0.001, "ms"), (60, 1, "s"), (3600, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}" if unit < 1 else f"{seconds / unit:.1f} {name}"
    return f"{seconds / 86_400:.1f} d"


def summary(teams: Sequence[Row], scope: str) -> str:
    """The report in Markdown; `scope` says what was counted."""
    if not teams:
        return f"# Metrics\n\n{NOTHING_YET}"
    times = ("Merge time, half within", "nine in ten within")
    heads = ("Team", "Merged", *times, "Gate success", "Compliant", "Held", "Refused", "Failed")
    lines = [f"| {' | '.join([for_markdown(str(row['team'])), *map(_said, team_cells(row))])} |" for row in teams]
    terms = [f"- **{term}**: {meaning}" for term, meaning in DEFINITIONS]
    table = [f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}", *lines]
    return "\n".join(["# Metrics", "", scope, "", *table, "", *terms])


def scope(events: int, newest: str | None, bounds: str) -> str:
    return f"Counted from events 1 to {events} of the audit log, the newest of {newest}; {bounds}."


def mission_row(row: Row) -> dict[str, object]:
    """A team by the names of the organization's own dashboard: hours on average, a share, a score out of 100."""
    compliant = _number(row["landings_compliant"])
    return {
        "team": row["team"],
        "prs_merged": row["merged"],
        "avg_merge_time": row["merge_hours_mean"],
        "gate_success_rate": row["gate_success"],
        "compliance_score": None if compliant is None else round(100 * compliant, 2),
    }


def _said(cell: Cell) -> str:
    return f"{cell.value} ({cell.note})" if cell.note else cell.value


def _median(row: Row) -> Cell:
    count, hours = _number(row["merge_time_n"]) or 0, _number(row["merge_hours_p50"])
    if hours is not None:
        return Cell(duration(hours * 3600), f"n = {count:.0f}")
    fastest, slowest = _number(row["merge_hours_min"]), _number(row["merge_hours_max"])
    if fastest is None or slowest is None:
        return Cell(NO_VALUE, "n = 0")
    return Cell(f"{duration(fastest * 3600)} to {duration(slowest * 3600)}", f"too few, n = {count:.0f}")


def _ninetieth(row: Row) -> Cell:
    hours = _number(row["merge_hours_p90"])
    return Cell(NO_VALUE, "too few") if hours is None else Cell(duration(hours * 3600))


def _sum(rows: Iterable[Row], name: str) -> int:
    return sum(int(_number(row[name]) or 0) for row in rows)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
