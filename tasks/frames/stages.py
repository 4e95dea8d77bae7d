"""
How long people's pull requests took to merge, and where the time went.

A stage that did not happen, or whose edges contradict each other, is missing: it is no zero. The one exception is
`merge`, whose edges are told by two clocks, so that it may come out a little under none. `wait` and `queue` are of the
last entry into the queue. Working seconds are those of the team's calendar; of a team without one they are missing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from config.schema import Calendar
from tasks.frames.calendars import working_seconds
from tasks.frames.gate_runs import grouped_means
from tasks.frames.groups import grouped_counts, groups_of
from tasks.frames.quantiles import grouped_quantiles
from tasks.frames.schema import STAGES
from tasks.frames.statistics import kaplan_meier_median
from tasks.frames.times import seconds_between

Calendars = Mapping[str, Sequence[Calendar]]

_EDGES = {
    "coding": ("first_commit_at", "opened_at"),
    "pickup": ("ready_at", "first_review_at"),
    "review": ("first_review_at", "policy_complete_at"),
    "wait": ("policy_complete_at", "entered_at"),
    "queue": ("entered_at", "left_at"),
    "merge": ("left_at", "merged_at"),
    "merge_time": ("ready_at", "merged_at"),
}
_PULL = ["repository_id", "number"]


def timed(pulls: pd.DataFrame, stays: pd.DataFrame, spans: pd.DataFrame, calendars: Calendars) -> pd.DataFrame:
    """`pulls` with the edges of the last stay, and seconds of each stage and of merging as `X` and `X_working`."""
    last = stays.sort_values([*_PULL, "sequence"]).drop_duplicates(_PULL, keep="last")
    rows = pulls.merge(last[[*_PULL, "entered_at", "left_at"]].astype({"number": "Int64"}), on=_PULL, how="left")
    worked = _Worked(rows["team"], calendars)
    for stage, (start, end) in _EDGES.items():
        clock, working = seconds_between(rows[start], rows[end]), worked.between(rows[start], rows[end])
        rows[stage], rows[f"{stage}_working"] = (_possible(each, clock, stage) for each in (clock, working))
    return _drafted(rows, spans, calendars).assign(
        to_deploy=_positive(seconds_between(rows["first_commit_at"], rows["deployed_at"])),
        to_merge=_positive(seconds_between(rows["first_commit_at"], rows["merged_at"])),
    )


class _Worked:
    def __init__(self, teams: pd.Series, calendars: Calendars) -> None:
        self._teams = teams
        self._calendars = calendars

    def between(self, starts: pd.Series, ends: pd.Series) -> "pd.Series[float]":
        return working_seconds(starts, ends, self._teams, self._calendars)


def _possible(values: "pd.Series[float]", clock: "pd.Series[float]", stage: str) -> "pd.Series[float]":
    return values.clip(lower=0) if stage == "merge" else values.where(clock >= 0)


def _positive(values: "pd.Series[float]") -> "pd.Series[float]":
    return values.where(values >= 0)


def _drafted(rows: pd.DataFrame, spans: pd.DataFrame, calendars: Calendars) -> pd.DataFrame:
    """All intervals as a draft together; without one of them on record, what the code host's sum says."""
    drafts = spans[spans["state"] == "draft"].merge(rows[[*_PULL, "team", "merged_at"]], on=_PULL)
    ends = drafts["to_at"].fillna(drafts["merged_at"])
    drafts = drafts.assign(
        clock=seconds_between(drafts["from_at"], ends),
        working=working_seconds(drafts["from_at"], ends, drafts["team"], calendars),
    )
    sums = drafts.groupby(_PULL, as_index=False)[["clock", "working"]].sum(min_count=1)
    found = rows[_PULL].merge(sums.astype({"number": "Int64"}), on=_PULL, how="left").set_index(rows.index)
    never = rows["draft_seconds"] == 0
    working = found["working"].mask(found["clock"].isna() & never & rows["team"].isin(list(calendars)), 0.0)
    return rows.assign(draft=rows["draft_seconds"].fillna(found["clock"]), draft_working=working)


def merge_times(merges: pd.DataFrame, keys: Sequence[str], objective_seconds: float) -> pd.DataFrame:
    """Of people's merged pull requests: `merge_time*`, `lead_time*`, `queue_time*` and the counts of the objective."""
    rows = merges[merges["person"]]
    groups = groups_of(rows, keys)
    deployed = rows["deployed_at"].notna()
    any_deployed = pd.Series(_any(groups.codes, deployed, len(groups))[groups.codes], index=rows.index, dtype=bool)
    values = {
        "merge_time": rows["merge_time"],
        "merge_time_working": rows["merge_time_working"],
        "lead_time": rows["to_deploy"].where(any_deployed, rows["to_merge"]),
        "queue_time": rows["queue"],
    }
    working = rows["merge_time_working"]
    table = grouped_counts(groups, within_objective_n=working.notna(), within_objective_k=working <= objective_seconds)
    for name, seconds in values.items():
        table = table.merge(grouped_quantiles(groups, seconds, name), on=list(keys))
    means = grouped_means(rows, keys, **{f"{name}_mean": seconds for name, seconds in values.items()})
    known = _any(groups.codes, deployed, len(groups))
    until = np.where(known, "deployed", "merged")
    return table.merge(means, on=list(keys)).assign(lead_time_until=until).pipe(_unsaid)


def _any(codes: "np.typing.NDArray[np.int64]", holds: "pd.Series[bool]", size: int) -> "np.typing.NDArray[np.bool_]":
    inside = codes >= 0
    return np.bincount(codes[inside], weights=holds.to_numpy(float)[inside], minlength=size) > 0


def _unsaid(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(lead_time_until=table["lead_time_until"].where(table["lead_time_n"] > 0))


def censored(cohort: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of pull requests that became ready in the window, with `lasted` and whether that `ended` in a merge."""
    groups = groups_of(cohort, keys)
    table = grouped_counts(groups, merge_time_censored_n=np.ones(len(cohort), np.bool_))
    lasted, ended = cohort["lasted"].to_numpy(), cohort["ended"].to_numpy(bool)
    medians = [
        kaplan_meier_median(lasted[groups.codes == code], ended[groups.codes == code])[0] for code in range(len(groups))
    ]
    enough = table["merge_time_censored_n"] >= LEAST_FOR_MEDIAN
    return table.assign(merge_time_censored_p50=pd.Series(medians, index=table.index, dtype="float64").where(enough))


LEAST_FOR_MEDIAN = 5


def stage_table(merges: pd.DataFrame) -> pd.DataFrame:
    rows = merges[merges["person"]]
    groups = groups_of(rows, ["team"])
    parts = []
    for order, stage in enumerate(STAGES):
        clock, working = rows[stage], rows[f"{stage}_working"]
        part = grouped_counts(groups, unknown=clock.isna()).assign(stage=stage, order=order)
        for name, values in (("clock", clock), ("working", working)):
            part = part.merge(grouped_quantiles(groups, values, name), on="team")
        means = grouped_means(rows, ["team"], clock_mean=clock, working_mean=working)
        parts.append(part.merge(means, on="team"))
    return pd.concat(parts, ignore_index=True)
