"""
Pull requests that are open at a moment: what they wait for, and for how long.

What is not merged is not dropped: it would make whatever is stuck look as if it were not there.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from tasks.frames.calendars import working_seconds
from tasks.frames.groups import grouped_counts, groups_of
from tasks.frames.stages import Calendars
from tasks.frames.times import seconds_between

_PULL = ["repository_id", "number"]
WAITS_FOR = {
    "draft": "its author, to finish it",
    "pickup": "a first review",
    "review": "approvals and policies",
    "wait": "entry into the queue",
    "queue": "gates and its turn",
}


def open_at(pulls: pd.DataFrame, moment: datetime) -> pd.DataFrame:
    """Of `pulls`, those opened by then and neither merged nor closed by then; a reopened one has no closing time."""
    ended = (pulls["merged_at"] <= moment) | ((pulls["closed_at"] <= moment) & (pulls["state"] != "open"))
    return pulls[(pulls["opened_at"] <= moment) & ~ended.fillna(value=False).astype(bool)]


def backlog(pulls: pd.DataFrame, stays: pd.DataFrame, moment: datetime, calendars: Calendars) -> pd.DataFrame:
    """Of pull requests open at `moment`, with `stage`, `stage_at` and ages in seconds."""
    queued = stays[(stays["entered_at"] <= moment) & ~(stays["left_at"] <= moment)]
    inside = queued.sort_values([*_PULL, "sequence"]).drop_duplicates(_PULL, keep="last")
    rows = open_at(pulls, moment).merge(
        inside[[*_PULL, "entered_at"]].astype({"number": "Int64"}), on=_PULL, how="left"
    )
    edges = [rows[name].where(rows[name] <= moment) for name in _EDGES]
    ready, reviewed, complete, entered = edges
    conditions = [entered.notna(), ready.isna(), complete.notna(), reviewed.notna()]
    stage = np.select(conditions, ["queue", "draft", "wait", "review"], "pickup")
    since = entered.fillna(complete.where(ready.notna())).fillna(reviewed.where(ready.notna())).fillna(ready)
    now = pd.Series(pd.Timestamp(moment), index=rows.index).dt.as_unit("us")
    return rows.assign(
        ready_at=ready,
        stage=stage,
        stage_at=since.fillna(rows["opened_at"]),
        waits_for=pd.Series(stage, index=rows.index, dtype="str").map(WAITS_FOR),
        age_seconds=seconds_between(rows["opened_at"], now),
        ready_seconds=seconds_between(ready, now),
        ready_working_seconds=working_seconds(ready, now, rows["team"], calendars),
        stage_seconds=seconds_between(since.fillna(rows["opened_at"]), now),
    )


_EDGES = ("ready_at", "first_review_at", "policy_complete_at", "entered_at")


def backlog_counts(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    groups = groups_of(rows, keys)
    table = grouped_counts(groups, open=np.ones(len(rows), np.bool_), awaiting_now=rows["stage"] == "wait")
    oldest = rows.groupby(list(keys), as_index=False).agg(open_oldest_seconds=("ready_seconds", "max"))
    return table.merge(oldest, on=list(keys), how="left")
