"""
What landed and had to be taken back, and how long that took.

A failure is an incident, at the date of the first landed of the merges that it took back; two of one merge are one.
What was taken back without an incident on record counts by itself. A rollback is no change that can fail: it is neither
among the merges nor, if it is taken back in turn, among the failures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from tasks.frames.gate_runs import grouped_means
from tasks.frames.groups import grouped_counts, groups_of
from tasks.frames.quantiles import grouped_quantiles
from tasks.frames.times import seconds_between, weeks_of

_REWORK = ("hotfix", "emergency", "rollback")


@dataclass(frozen=True, slots=True)
class Failures:
    """
    `merges`: those of the population that failed, with `failure`, true once an incident, and `week`.

    `rollbacks`: rows of the ledger with when the failing merge had landed; `incidents`: one row each, once it is over.
    """

    merges: pd.DataFrame
    rollbacks: pd.DataFrame
    incidents: pd.DataFrame


def failures_of(merges: pd.DataFrame, rollbacks: pd.DataFrame) -> Failures:
    """`merges` of all times; `rollbacks` with team and latest repository name."""
    told = _blamed(rollbacks, merges)
    taken = _taken_back(merges, told)
    failed = pd.concat([told.loc[told["merge"].notna(), ["merge", "incident"]], taken], ignore_index=True).astype(
        {"merge": "int64"}
    )
    rows = merges.loc[failed["merge"]].assign(incident=failed["incident"].to_numpy(), merge=failed["merge"].to_numpy())
    rows = rows[~rows["rollback"] & rows["number"].notna()].sort_values(["merged_at", "repository_id", "number"])
    first = ~rows["incident"].duplicated()
    rows = rows.assign(failure=(first & ~rows["merge"].where(first).duplicated()).to_numpy())
    rows = rows.sort_values("failure", ascending=False, kind="stable").drop_duplicates("merge")
    return Failures(rows, told.drop(columns="merge"), _incidents(told))


def _blamed(rollbacks: pd.DataFrame, merges: pd.DataFrame) -> pd.DataFrame:
    """With `merge`, the row of the failing merge (NA: unknown), and `landed_at`."""
    by_commit = _row_by(merges, "merge_commit")
    by_number = _row_by(merges, "number")
    commit = (rollbacks["repository_id"] + "\n" + rollbacks["failing_commit"].astype("str")).map(by_commit)
    number = (rollbacks["repository_id"] + "\n" + rollbacks["number"].astype("str")).map(by_number)
    merge = number.fillna(commit).astype("Int64")
    landed = merges["merged_at"].reindex(merge.fillna(-1).astype("int64")).to_numpy()
    return rollbacks.assign(
        merge=merge, landed_at=pd.Series(landed, index=rollbacks.index).astype(merges["merged_at"].dtype)
    )


def _row_by(merges: pd.DataFrame, column: str) -> "pd.Series[int]":
    known = merges[merges[column].notna()]
    places = pd.Series(known.index, index=known["repository_id"] + "\n" + known[column].astype("str"))
    return places[~places.index.duplicated()]


def _taken_back(merges: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Merges that a merged pull request takes back and no incident tells of, each an incident of its own."""
    backs = merges[merges["rollback_of"].notna()]
    place = (backs["repository_id"] + "\n" + backs["rollback_of"].astype("str")).map(_row_by(merges, "merge_commit"))
    found = place.dropna().astype("int64")
    found = found[~found.isin(told["merge"].dropna().astype("int64"))].drop_duplicates()
    return pd.DataFrame({"merge": found, "incident": "\n" + found.astype("str")})


def _incidents(told: pd.DataFrame) -> pd.DataFrame:
    """Over when the last of its rollbacks has landed; missing while one has not. Of the team of the first to fail."""
    ordered = told.sort_values(["landed_at", "rollback_id"])
    grouped = ordered.groupby("incident", sort=True)
    rows = grouped[["team", "repository_id", "repository", "landed_at"]].first()
    over = grouped["restored_at"].max().where(~ordered["restored_at"].isna().groupby(ordered["incident"]).any())
    seconds = seconds_between(rows["landed_at"], over)
    return rows.assign(restored_at=over, restore_time=seconds.where(seconds >= 0), week=weeks_of(over)).reset_index()


def restore_table(rollbacks: pd.DataFrame) -> pd.DataFrame:
    edges = {
        "detect_seconds": ("landed_at", "detected_at"),
        "decide_seconds": ("detected_at", "decided_at"),
        "execute_seconds": ("decided_at", "restored_at"),
        "restore_seconds": ("landed_at", "restored_at"),
    }
    return rollbacks.assign(
        **{name: _known(seconds_between(rollbacks[a], rollbacks[b])) for name, (a, b) in edges.items()}
    )


def _known(seconds: "pd.Series[float]") -> "pd.Series[float]":
    return seconds.where(seconds >= 0)


def stability_counts(
    merges: pd.DataFrame, failures: Failures, landings: pd.DataFrame, keys: Sequence[str]
) -> pd.DataFrame:
    """`merges`, `failures` and `landings` of the window."""
    failed = failures.merges
    of = grouped_counts(groups_of(merges, keys), change_fail_n=merges["number"].notna() & ~merges["rollback"])
    back = grouped_counts(
        groups_of(failed, keys), change_fail_k=failed["failure"], failed_merges=np.ones(len(failed), np.bool_)
    )
    again = grouped_counts(
        groups_of(landings, keys),
        deployment_rework_n=np.ones(len(landings), np.bool_),
        deployment_rework_k=landings["class"].isin(_REWORK),
    )
    ended = failures.incidents
    restored = grouped_quantiles(groups_of(ended, keys), ended["restore_time"], "restore_time")
    mean = grouped_means(ended, keys, restore_time_mean=ended["restore_time"])
    table = of
    for part in (back, again, restored, mean, _review_rework(merges, keys)):
        table = table.merge(part, on=list(keys), how="outer")
    return table


def _review_rework(merges: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    rows = merges[merges["person"] & merges["first_review_at"].notna() & merges["pushes_after_review"].notna()]
    pushes = rows["pushes_after_review"].astype("float64")
    table = grouped_counts(
        groups_of(rows, keys), review_rework_n=np.ones(len(rows), np.bool_), review_rework_k=pushes > 0
    )
    return table.merge(grouped_means(rows, keys, pushes_after_review=pushes), on=list(keys))


def open_incidents(incidents: pd.DataFrame, until: datetime) -> pd.DataFrame:
    return incidents[incidents["restored_at"].isna() & ~(incidents["landed_at"] >= until)]
