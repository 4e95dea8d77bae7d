"""
Compliance, counted and never set.

A merge is compliant if every control that applies to it is proven, and at least one does. What is not on record is not
met; an approved exception is not met either. Of a merge that the hub has no record of, no control has evidence.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.frames.groups import grouped_counts, groups_of
from tasks.frames.schema import CONTROL_OUTCOMES

_LANDED = ["repository_id", "number", "commit"]


def proven(merges: pd.DataFrame, controls: pd.DataFrame) -> pd.DataFrame:
    """`merges` with `compliant` and `excepted`."""
    applicable = controls[controls["outcome"] != "not_applicable"]
    judged = applicable.assign(
        met=applicable["outcome"] == "proven", excepted=applicable["outcome"] == "exception_approved"
    )
    found = judged.groupby(_LANDED, as_index=False).agg(met=("met", "all"), excepted=("excepted", "any"))
    rows = merges[_LANDED].merge(found.astype({"number": "Int64"}), on=_LANDED, how="left").set_index(merges.index)
    return merges.assign(
        compliant=(rows["met"].fillna(value=False).astype(bool) & merges["landed"]),
        excepted=rows["excepted"].fillna(value=False).astype(bool),
    )


def compliance_counts(merges: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    every = np.ones(len(merges), np.bool_)
    return grouped_counts(
        groups_of(merges, keys),
        compliance_n=every,
        compliance_k=merges["compliant"],
        coverage_n=merges["seen"],
        coverage_k=merges["seen"] & merges["landed"],
        exceptions=merges["excepted"],
    )


def control_table(merges: pd.DataFrame, controls: pd.DataFrame) -> pd.DataFrame:
    """Every control that the team has been asked for, over all of its merges: the outcomes add up to these."""
    recorded = _keys(merges).isin(_keys(controls)) & merges["landed"]
    rows = merges[["team", *_LANDED]].assign(recorded=recorded)
    judged = controls.astype({"number": "Int64"}).merge(rows, on=_LANDED)
    conditions = {outcome: judged["outcome"] == outcome for outcome in CONTROL_OUTCOMES}
    table = grouped_counts(groups_of(judged, ["team", "control"]), **conditions)
    of = grouped_counts(groups_of(rows, ["team"]), unrecorded=~recorded, recorded=recorded)
    table = table.merge(of, on="team", how="left")
    told = table[list(CONTROL_OUTCOMES)].sum(axis=1)
    table["not_applicable"] += table["recorded"] - told
    table["no_evidence"] += table["unrecorded"]
    return table.assign(
        met_k=table["proven"],
        met_n=table[list(CONTROL_OUTCOMES)].sum(axis=1) - table["not_applicable"],
    )


def _keys(frame: pd.DataFrame) -> "pd.Series[str]":
    first, second, third = (frame[name].astype("str").fillna("") for name in _LANDED)
    return first + "\n" + second + "\n" + third
