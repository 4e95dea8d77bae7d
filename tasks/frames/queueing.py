"""
The queue: who came in, who left and why, and how many were in it at any moment.

Depth is exact, a running sum over entries and exits; nothing is sampled. Who leaves at the moment at which another
enters was never in it together with that one.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from tasks.domain.reasons import ReasonCode
from tasks.frames.groups import grouped_counts, grouped_sums, groups_of
from tasks.frames.times import DAY, MISSING, Microseconds, microseconds_of, moments_of

PROVEN_FAILURES = tuple(
    code.value for code in (ReasonCode.GATE_FAILED, ReasonCode.GATE_TIMED_OUT, ReasonCode.INTERACTION)
)
"""Reasons for which a required gate was seen to fail; conflicts, refusals and stops are no failures of it."""

_WEEK = 7 * DAY


def queue_counts(entered: pd.DataFrame, left: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of stays that began, and of stays that ended, in the window."""
    proven = (left["exit_class"] == "failed") & left["exit_code"].isin(PROVEN_FAILURES)
    groups = groups_of(left, keys)
    every = np.ones(len(left), np.bool_)
    out = grouped_counts(groups, left=every, queue_failure_n=every, queue_failure_k=proven)
    restarts = grouped_sums(groups, restarts=left["restarts"].astype("float64"))
    into = grouped_counts(groups_of(entered, keys), entered=np.ones(len(entered), np.bool_))
    return out.merge(restarts, on=list(keys)).merge(into, on=list(keys), how="outer")


def exits(left: pd.DataFrame) -> pd.DataFrame:
    told = left.assign(**{"class": left["exit_class"].fillna(""), "code": left["exit_code"].fillna("")})
    keys = ["team", "class", "code"]
    return grouped_counts(groups_of(told, keys), count=np.ones(len(told), np.bool_))


def clipped(stays: pd.DataFrame, since: datetime, until: datetime) -> pd.DataFrame:
    """What of each stay lies in the window, as `from` and `to` in microseconds; `to` is the end for who is still in."""
    start, end = _microseconds(since), _microseconds(until)
    left = microseconds_of(stays["left_at"])
    begun, ended = microseconds_of(stays["entered_at"]), np.where(left == MISSING, 2**62, left)
    inside = (begun < end) & (ended > start)
    return stays.assign(**{"from": np.maximum(begun, start), "to": np.minimum(ended, end), "still": ended > end})[
        inside
    ]


def by_week(clips: pd.DataFrame, weeks: pd.Series, until: datetime) -> pd.DataFrame:
    """Each stay once for each week that it touches, with what of it lies there; `still`: in it at the week's end."""
    begins = microseconds_of(weeks)
    ends = np.minimum(begins + _WEEK, _microseconds(until))
    pairs = clips.merge(
        pd.DataFrame({"week": weeks, "begin": begins, "end": ends}), how="cross", suffixes=("_left", "")
    )
    pairs = pairs[(pairs["from"] < pairs["end"]) & (pairs["to"] > pairs["begin"])]
    still = (pairs["to"] > pairs["end"]) | ((pairs["to"] == pairs["end"]) & pairs["still"])
    return pairs.assign(
        **{"from": pairs[["from", "begin"]].max(axis=1), "to": pairs[["to", "end"]].min(axis=1), "still": still}
    )


def depth_counts(clips: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Most at one moment, those still in it at the end, and `depth_seconds`: pull requests by how long each was in."""
    groups = groups_of(clips, keys)
    table = grouped_counts(groups, depth_now=clips["still"])
    lasting = (clips["to"] - clips["from"]).astype("float64") / 1e6
    table = table.merge(grouped_sums(groups, depth_seconds=lasting), on=list(keys))
    found = steps(clips, keys)
    most = found.groupby(list(keys), as_index=False).agg(depth_max=("depth", "max"))
    return table.merge(most, on=list(keys), how="left")


def steps(clips: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The keys, `at` (microseconds) and `depth`: one row for each moment at which the depth of the keys changes."""
    leaving = clips[~clips["still"]]
    moves = pd.concat(
        [
            clips[list(keys)].assign(at=clips["from"], by=1),
            leaving[list(keys)].assign(at=leaving["to"], by=-1),
        ],
        ignore_index=True,
    )
    moves = moves.groupby([*keys, "at"], as_index=False).agg(by=("by", "sum"))
    return moves.assign(depth=moves.groupby(list(keys))["by"].cumsum())[moves["by"] != 0]


def depth_table(clips: pd.DataFrame) -> pd.DataFrame:
    found = steps(clips, ["repository_id", "repository"])
    return found.assign(at=moments_of(found["at"].to_numpy(np.int64), found.index))


def _microseconds(moment: datetime) -> np.int64:
    found: Microseconds = microseconds_of(pd.Series([pd.Timestamp(moment)]).dt.as_unit("us"))
    return np.int64(found[0])
