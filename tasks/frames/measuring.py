"""The measures of any scope, be it everything, a team, a repository or a week: one arithmetic, always of rows."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.frames.backlog import backlog, backlog_counts
from tasks.frames.batching import batch_counts, forecast_counts
from tasks.frames.columns import Column, Kind
from tasks.frames.controls import compliance_counts
from tasks.frames.counted import Rows, weeks_within
from tasks.frames.gate_runs import gate_counts
from tasks.frames.groups import grouped_counts, groups_of
from tasks.frames.measures import MEASURES
from tasks.frames.queueing import by_week, depth_counts, queue_counts
from tasks.frames.stability import stability_counts
from tasks.frames.stages import censored, merge_times
from tasks.frames.statistics import wilson
from tasks.frames.tables import Window

_WEEK_SECONDS = timedelta(weeks=1).total_seconds()


def measured(rows: Rows, keys: Sequence[str], index: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Counts and times of each row of `index`, which has the keys; a count that no row has is 0."""
    weeks = weeks_within(window)["week"] if "week" in keys else None
    clips = rows.clips if weeks is None else by_week(rows.clips, weeks, window.until)
    parts = (
        _merged(rows.merges, keys),
        merge_times(rows.merges, keys, rows.objective_seconds),
        censored(rows.cohort, keys),
        gate_counts(rows.gates, keys),
        queue_counts(rows.entered, rows.left, keys),
        depth_counts(clips, keys),
        batch_counts(rows.batches, keys),
        stability_counts(rows.merges, rows.failures, rows.landings, keys),
        compliance_counts(rows.merges, keys),
        forecast_counts(rows.forecasts, keys),
        backlog_counts(rows.open if weeks is None else _open_by_week(rows, weeks, window), keys),
    )
    table = index
    for part in parts:
        table = table.merge(part, on=list(keys), how="left")
    return _divided(zeroed(table, MEASURES), window)


def _merged(merges: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    pulls = merges["number"].notna()
    return grouped_counts(
        groups_of(merges, keys),
        merged=pulls,
        merged_bots=pulls & merges["bot"],
        merged_rollbacks=pulls & merges["rollback"],
    )


def _divided(table: pd.DataFrame, window: Window) -> pd.DataFrame:
    """What is one count by another, or by the time that it took."""
    length = _lengths(table, window)
    merged = table["merged"].where(table["merged"] > 0)
    return table.assign(
        merged_per_week=table["merged"] / length * _WEEK_SECONDS,
        runner_seconds_per_merged=table["runner_seconds"] / merged,
        depth_mean=table["depth_seconds"].fillna(0.0) / length,
        restarts_per_merged=table["restarts"] / merged,
    )


def _lengths(table: pd.DataFrame, window: Window) -> "pd.Series[float]":
    """Seconds of the window that each row is of."""
    if "week" not in table:
        return pd.Series((window.until - window.since).total_seconds(), index=table.index)
    since, until = pd.Timestamp(window.since), pd.Timestamp(window.until)
    begin, end = table["week"], table["week"] + timedelta(weeks=1)
    length: pd.Series[float] = (end.where(end < until, until) - begin.where(begin > since, since)).dt.total_seconds()
    return length


def zeroed(table: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    counted = [column.name for column in columns if column.kind is Kind.COUNT]
    counted += ["runner_seconds", "wasted_seconds"]
    return table.assign(**{name: table[name].fillna(0) for name in counted if name in table})


def rated(table: pd.DataFrame, columns: Iterable[Column]) -> pd.DataFrame:
    """With share and interval of each rate, from its `_k` and `_n`."""
    added: dict[str, npt.NDArray[np.float64]] = {}
    for name in (column.name for column in columns if column.kind is Kind.SHARE and f"{column.name}_k" in table):
        successes, attempts = (table[f"{name}_{part}"].fillna(0).to_numpy(np.float64) for part in "kn")
        share = np.divide(successes, attempts, out=np.full(len(table), np.nan), where=attempts > 0)
        low, high = wilson(successes, attempts)
        added |= {name: share, f"{name}_low": low, f"{name}_high": high}
    return pd.concat([table, pd.DataFrame(added, index=table.index)], axis=1)


def _open_by_week(rows: Rows, weeks: pd.Series, window: Window) -> pd.DataFrame:
    ends = [min(week + timedelta(weeks=1), pd.Timestamp(window.until)) for week in weeks]
    return pd.concat(
        [backlog(rows.pulls, rows.stays, end, {}).assign(week=week) for week, end in zip(weeks, ends, strict=True)],
        ignore_index=True,
    )
