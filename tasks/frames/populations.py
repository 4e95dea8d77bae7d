"""
The rows that a report counts, each with its team, its repository's latest name, its end and the week of it.

`merges` is the one list of what was merged: what the code host calls merged, what landed by the hub, and what the code
host lists on a target branch although neither knows of it. One pull request is one merge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.frames.attribution import attributed, latest_names
from tasks.frames.facts import Frames
from tasks.frames.times import weeks_of

_NUMBERED = ["repository_id", "number"]
_COMMITTED = ["repository_id", "commit"]
_OF_PULL = [
    *_NUMBERED, "repository", "team", "author_kind", "first_commit_at", "opened_at", "ready_at", "first_review_at",
    "policy_complete_at", "merged_at", "closed_at", "deployed_at", "merge_commit", "draft_seconds",
    "pushes_after_review", "rollback_of", "state",
]  # fmt: skip
_OF_LANDING = ["repository", "team", "opened_at", "author_kind"]


@dataclass(frozen=True, slots=True)
class Population:
    """
    Every row known of, whenever it was; `merges` has those of `pulls` that were merged, and what nobody opened.

    `merges`: number (NA: pushed), commit, merged_at, class (NA: not by the hub), rollback, landed (the hub has it on
    record), seen (the code host lists it), person (a person's, and no rollback), and what is known of the pull request.
    """

    pulls: pd.DataFrame
    merges: pd.DataFrame


def population_of(frames: Frames) -> Population:
    names = latest_names(frames)
    owners = frames.repository_team
    landings = frames.landing.sort_values(["landed_at", "commit"]).drop_duplicates(_NUMBERED)
    pulls = _pulls(frames.pull_request, landings)
    merged = pulls[pulls["merged_at"].notna()]
    merges = _listed(merged, frames.merge_seen)
    moment = merges["opened_at"].fillna(merges["merged_at"])
    merges = attributed(merges.assign(belongs_at=moment), "belongs_at", owners, names)
    pulls = attributed(pulls, "opened_at", owners, names)
    return Population(_sorted(_judged(pulls)), _sorted(_judged(merges)))


def _pulls(pulls: pd.DataFrame, landings: pd.DataFrame) -> pd.DataFrame:
    """What the code host says comes first; what it does not say is taken from the landing."""
    told = landings[[*_NUMBERED, *_OF_LANDING, "commit", "landed_at", "class"]]
    both = pulls[_OF_PULL].merge(_whole(told), on=_NUMBERED, how="outer", suffixes=("", "_landed"))
    for name in _OF_LANDING:
        both[name] = both[name].where(both[name].notna(), both[f"{name}_landed"])
    landed = both["landed_at"].notna()
    both["author_kind"] = both["author_kind"].fillna("unknown")
    both["merged_at"] = both["merged_at"].fillna(both["landed_at"])
    both["merge_commit"] = both["merge_commit"].fillna(both["commit"])
    both["ready_at"] = both["ready_at"].where(both["ready_at"].notna() | both["merged_at"].isna(), both["opened_at"])
    return both.assign(landed=landed).drop(columns=[f"{name}_landed" for name in _OF_LANDING])


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(number=frame["number"].astype("Int64"))


def _listed(merged: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """With a row for each merge that only the code host's list has."""
    listed = seen.sort_values(["merged_at", "commit"])
    numbers = _keys(listed, _NUMBERED)
    numbered = listed["number"].notna()
    listed = listed[~(numbered & numbers.duplicated())]
    by_number = _keys(merged, _NUMBERED).isin(_keys(listed, _NUMBERED)[listed["number"].notna()])
    commits = _keys(listed, _COMMITTED)
    by_commit = _keys(merged, _COMMITTED).isin(commits) | _keys(
        merged.assign(commit=merged["merge_commit"]), _COMMITTED
    ).isin(commits)
    known_numbers = _keys(listed, _NUMBERED).isin(_keys(merged, _NUMBERED)) & listed["number"].notna()
    known_commits = commits.isin(_keys(merged, _COMMITTED)) | commits.isin(
        _keys(merged.assign(commit=merged["merge_commit"]), _COMMITTED)
    )
    others = listed[~(known_numbers | known_commits)]
    known = merged.assign(seen=by_number | by_commit)
    return _joined(known, others[["repository_id", "repository", "team", "number", "commit", "merged_at"]])


def _joined(known: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    if others.empty:
        return known
    added = others.assign(seen=True, landed=False, merge_commit=others["commit"], author_kind="unknown")
    added = added.reindex(columns=known.columns).astype(known.dtypes.to_dict())
    return pd.concat([known, added], ignore_index=True)


def _keys(frame: pd.DataFrame, columns: Sequence[str]) -> "pd.Series[str]":
    """Both as one text."""
    first, second = (frame[name].astype("str").fillna("") for name in columns)
    return first + "\n" + second


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    rollback = (frame["class"] == "rollback").fillna(value=False) | frame["rollback_of"].notna()
    bot = frame["author_kind"] == "bot"
    return frame.assign(
        rollback=rollback.astype(bool),
        bot=bot.astype(bool),
        person=(frame["number"].notna() & ~bot & ~rollback).astype(bool),
        week=weeks_of(frame["merged_at"]),
    )


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["repository_id", "number", "merge_commit"], ignore_index=True)


def since(moments: pd.Series, start: object, end: object) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Whether each lies in the window."""
    return ((moments >= start) & (moments < end)).to_numpy(dtype=bool, na_value=False)
