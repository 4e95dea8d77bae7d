"""
The report: every table of `tasks.frames.schema`, from the facts of the ledger.

The same facts give the same tables in whatever order they came. Each table is counted from rows; none from another.
"""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from tasks.frames.attention import attention_table
from tasks.frames.batching import batch_table, forecast_table
from tasks.frames.comparison import comparison_table
from tasks.frames.controls import control_table
from tasks.frames.counted import Reckoning, Rows, known_of, weeks_within
from tasks.frames.facts import Frames
from tasks.frames.gate_runs import gate_counts, gate_details, gate_weeks
from tasks.frames.measuring import measured, rated, zeroed
from tasks.frames.queueing import depth_table, exits
from tasks.frames.schema import EVERY_TEAM, TABLES
from tasks.frames.stability import restore_table
from tasks.frames.stages import stage_table
from tasks.frames.tables import MetricsTables, Scope, Window, shaped

_TEAM = ["team"]
_REPOSITORY = ["team", "repository_id", "repository"]
_GATE = ["team", "gate"]


def tables_of(frames: Frames, scope: Scope, reckoning: Reckoning, freshness: pd.DataFrame) -> MetricsTables:
    """`freshness`: repository_id, repository, source and data_to, as far as known."""
    known = known_of(frames, scope, reckoning)
    rows = known.within(scope.window)
    teams = _teams(rows, frames, scope)
    found = {
        "totals": measured(rows.together(), _TEAM, pd.DataFrame({"team": [EVERY_TEAM]}), scope.window),
        "teams": measured(rows, _TEAM, teams, scope.window),
        "repositories": measured(rows, _REPOSITORY, _present(rows, _REPOSITORY), scope.window),
        "weeks": _weeks(rows, teams, scope.window),
        "gates": gate_counts(rows.gates, _GATE).merge(gate_details(rows.gates, _GATE), on=_GATE, how="outer"),
        "gate_weeks": gate_weeks(rows.gates, [*_GATE, "week"]).merge(weeks_within(scope.window), on="week"),
        "stages": stage_table(rows.merges),
        "exits": exits(rows.left),
        "controls": control_table(rows.merges, rows.controls),
        "depth": depth_table(rows.clips),
        "batches": batch_table(rows.batches),
        "forecast": forecast_table(rows.forecasts),
        "restores": restore_table(rows.rollbacks),
        "open": _open(rows, reckoning),
        "freshness": _fresh(freshness, scope),
    }
    whole = {name: _finished(name, frame) for name, frame in found.items()}
    whole["comparison"] = shaped(comparison_table(known), TABLES["comparison"])
    whole["attention"] = shaped(attention_table(whole, rows, reckoning), TABLES["attention"])
    return MetricsTables(scope, {name: whole[name] for name in TABLES})


def _finished(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    table = TABLES[name]
    counted = zeroed(frame, table.values) if name in _COUNTED else frame
    return shaped(rated(counted, table.columns), table)


_COUNTED = ("gates", "gate_weeks", "stages", "exits", "controls", "batches", "forecast")
"""Where a count that no row has is 0."""


def _weeks(rows: Rows, teams: pd.DataFrame, window: Window) -> pd.DataFrame:
    index: pd.DataFrame = teams.merge(weeks_within(window), how="cross")
    return measured(rows, [*_TEAM, "week"], index, window)


_ACTIVE = ("merges", "cohort", "attempts", "entered", "clips", "batches", "rollbacks", "incidents", "failed", "open")


def _present(rows: Rows, keys: Sequence[str]) -> pd.DataFrame:
    """Of whom there is anything to count."""
    found = pd.concat([getattr(rows, name)[list(keys)] for name in _ACTIVE], ignore_index=True)
    present: pd.DataFrame = found.drop_duplicates(ignore_index=True)
    return present


def _teams(rows: Rows, frames: Frames, scope: Scope) -> pd.DataFrame:
    """Also those that own a repository in the window and have nothing to count."""
    owners = frames.repository_team
    owning = (owners["from_at"] < scope.window.until) & ~(owners["to_at"] <= scope.window.since)
    asked = owners["team"].eq(scope.team) | (scope.team == EVERY_TEAM)
    named = owners["repository"].eq(scope.repository) | (scope.repository == EVERY_TEAM)
    found = pd.concat([_present(rows, _TEAM), owners.loc[owning & asked & named, _TEAM]], ignore_index=True)
    return found.drop_duplicates(ignore_index=True)


def _open(rows: Rows, reckoning: Reckoning) -> pd.DataFrame:
    objectives = reckoning.objectives
    queued = (rows.open["stage"] == "queue") & (rows.open["stage_seconds"] > objectives.queue_seconds)
    late = rows.open["ready_working_seconds"] > objectives.merge_seconds
    return rows.open.assign(over_objective=queued | (late & rows.open["person"]))


def _fresh(freshness: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    if scope.repository != EVERY_TEAM:
        freshness = freshness[freshness["repository"] == scope.repository]
    return freshness.assign(stale=~(freshness["data_to"] >= scope.window.until - timedelta(days=1)))
