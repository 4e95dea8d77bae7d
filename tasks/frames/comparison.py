"""
Two windows side by side, measure by measure.

A difference is clear only where its 95 % interval excludes none: Newcombe's of two rates, a bootstrap's of two medians.
Of what has no interval nothing is clear. A difference of few is shown and not called a change.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.frames.columns import Kind
from tasks.frames.counted import Known, Rows
from tasks.frames.measures import MEASURES
from tasks.frames.measuring import measured, rated
from tasks.frames.quantiles import least_values
from tasks.frames.schema import EVERY_TEAM
from tasks.frames.statistics import newcombe, quantile_difference
from tasks.frames.tables import Window

GOOD = {
    "gate_success": True, "gate_eventual": True, "flake_rate": False, "retry_recovery": None, "within_objective": True,
    "queue_failure": False, "change_fail": False, "deployment_rework": False, "review_rework": None,
    "compliance": True, "coverage": True,
}  # fmt: skip
"""The rates, and whether more is better; None: neither is."""

MEDIANS = {
    "merge_time": "merge_time",
    "merge_time_working": "merge_time_working",
    "lead_time": "",
    "queue_time": "queue",
    "restore_time": "restore_time",
}
"""Times whose medians are compared, and the column of rows that has them; less is better."""

COUNTS = (
    "merged_per_week", "depth_mean", "restarts_per_merged", "evaluations_per_landed", "runner_seconds_per_merged",
    "forecast_error",
)  # fmt: skip
"""Without an interval."""

_KINDS = {column.name: column.kind for column in MEASURES}


@dataclass(frozen=True, slots=True)
class _Side:
    """A window: its measures by team, and the rows that medians are of."""

    table: pd.DataFrame
    rows: Rows

    def value(self, team: str, name: str) -> float:
        return float(self.table[name].get(team, np.nan))

    def count(self, team: str, name: str) -> int:
        return int(self.table[name].get(team, 0))

    def told_until(self, team: str) -> object:
        return self.table["lead_time_until"].get(team)

    def values(self, team: str, name: str) -> npt.NDArray[np.float64]:
        rows = self.rows.incidents if name == "restore_time" else self.rows.merges[self.rows.merges["person"]]
        return rows.loc[rows["team"] == team, name].to_numpy(np.float64)


def comparison_table(known: Known) -> pd.DataFrame:
    """Empty where the scope has no other window."""
    scope = known.scope
    if scope.before is None:
        return pd.DataFrame()
    parts: list[dict[str, object]] = []
    earlier, later = known.within(scope.before), known.within(scope.window)
    for before, after in (
        (_side(earlier.together(), scope.before), _side(later.together(), scope.window)),
        (_side(earlier, scope.before), _side(later, scope.window)),
    ):
        teams = sorted({*before.table.index, *after.table.index} | ({EVERY_TEAM} if not parts else set()))
        parts += [row for team in teams for row in _compared(team, before, after)]
    return pd.DataFrame(parts)


def _side(rows: Rows, window: Window) -> _Side:
    teams = pd.concat([rows.merges["team"], rows.attempts["team"], rows.left["team"], rows.incidents["team"]])
    index = pd.DataFrame({"team": sorted(teams.unique())}, dtype="str")
    table = rated(measured(rows, ["team"], index, window), MEASURES).set_index("team")
    return _Side(table, rows)


def _compared(team: str, before: _Side, after: _Side) -> Iterator[dict[str, object]]:
    for name, good in GOOD.items():
        yield _rate(team, name, good, before, after)
    for name in MEDIANS:
        yield _median(team, name, before, after)
    for name in COUNTS:
        yield _row(team, name, before, after)


def _rate(team: str, name: str, good: bool | None, before: _Side, after: _Side) -> dict[str, object]:  # noqa: FBT001 -- as the table has it
    (failed, of), (later, later_of) = (
        (side.count(team, f"{name}_k"), side.count(team, f"{name}_n")) for side in (before, after)
    )
    low, high = newcombe(before=(failed, of), after=(later, later_of))
    told = {"before_n": of, "after_n": later_of}
    return _row(team, name, before, after) | told | _judged("newcombe", float(low), float(high), good=good)


def _median(team: str, name: str, before: _Side, after: _Side) -> dict[str, object]:
    row = _row(team, f"{name}_p50", before, after)
    counts = [side.count(team, f"{name}_n") for side in (before, after)]
    row |= {"before_n": counts[0], "after_n": counts[1]}
    if name == "lead_time" and before.told_until(team) != after.told_until(team):
        return row | {"difference": np.nan}
    if min(counts) < least_values(0.5):
        return row
    earlier, later = (_values_of(side, team, name) for side in (before, after))
    low, high = quantile_difference(earlier, later)
    return row | _judged("bootstrap", low, high, good=False)


def _values_of(side: _Side, team: str, name: str) -> npt.NDArray[np.float64]:
    if name != "lead_time":
        return side.values(team, MEDIANS[name])
    return side.values(team, "to_deploy" if side.told_until(team) == "deployed" else "to_merge")


def _row(team: str, name: str, before: _Side, after: _Side) -> dict[str, object]:
    earlier, later = before.value(team, name), after.value(team, name)
    return {
        "team": team,
        "metric": name,
        "kind": _KINDS.get(name, Kind.SECONDS).value,
        "method": "none",
        "before": earlier,
        "after": later,
        "difference": later - earlier,
        "clear": False,
    }


def _judged(method: str, low: float, high: float, *, good: bool | None) -> dict[str, object]:
    """`good`: whether more is better."""
    clear = low > 0 or high < 0
    better = (low > 0) == good if clear and good is not None else None
    return {"method": method, "low": low, "high": high, "clear": clear, "better": better}
