"""
To which team, and under which name, a row is counted.

A pull request belongs to the team that owned its repository when it was opened, everything else to the team that owned
it when it happened: that is what `team` says in a row of the ledger. Where it says nothing, who owned the repository at
that moment is looked up; of a time before anything is known of it, the first owner is taken. A repository goes by its
latest name.
"""

import pandas as pd

from tasks.frames.facts import Frames
from tasks.frames.times import MISSING, Microseconds, microseconds_of

_NAMED = {
    "pull_request": "updated_at",
    "landing": "landed_at",
    "merge_seen": "merged_at",
    "evaluation": "started_at",
    "queue_stay": "entered_at",
    "repository_team": "from_at",
}


def latest_names(frames: Frames) -> "pd.Series[str]":
    """By repository id."""
    parts = [
        getattr(frames, table)[["repository_id", "repository", moment]].set_axis(["id", "name", "at"], axis=1)
        for table, moment in _NAMED.items()
    ]
    known = pd.concat([part for part in parts if len(part)] or parts[:1]).dropna(subset=["name"])
    names: pd.Series[str] = known.sort_values(["id", "at", "name"]).groupby("id")["name"].last()
    return names


def attributed(frame: pd.DataFrame, moment: str, owners: pd.DataFrame, names: "pd.Series[str]") -> pd.DataFrame:
    """`frame` with `team` (empty: nobody knows) and `repository` told in every row; `moment` is the column to go by."""
    team = frame["team"].fillna("") if "team" in frame else pd.Series("", index=frame.index, dtype="str")
    unknown = team == ""
    if unknown.any() and len(owners):
        team = team.mask(unknown, _owner_at(frame.loc[unknown], moment, owners).reindex(frame.index).fillna(""))
    told = frame["repository"] if "repository" in frame else pd.Series(dtype="str", index=frame.index)
    return frame.assign(
        team=team.astype("str"),
        repository=frame["repository_id"].map(names).astype("str").fillna(told).fillna(frame["repository_id"]),
    )


def _owner_at(frame: pd.DataFrame, moment: str, owners: pd.DataFrame) -> "pd.Series[str]":
    """Empty where the repository had an owner before, and none then."""
    asked = pd.DataFrame(
        {"id": frame["repository_id"], "at": microseconds_of(frame[moment]), "row": range(len(frame))},
        index=frame.index,
    ).sort_values(["at", "row"])
    known = pd.DataFrame(
        {
            "id": owners["repository_id"],
            "at": microseconds_of(owners["from_at"]),
            "until": _end(owners["to_at"]),
            "team": owners["team"],
        }
    ).sort_values(["at", "id", "team"])
    last = pd.merge_asof(asked.reset_index(names="place"), known, on="at", by="id").set_index("place")
    first = known.groupby("id")["team"].first()
    owner = last["team"].mask(last["at"] >= last["until"], "").fillna(last["id"].map(first))
    return owner.fillna("").astype("str")


def _end(moments: pd.Series) -> Microseconds:
    found = microseconds_of(moments).copy()
    found[found == MISSING] = 2**62
    return found
