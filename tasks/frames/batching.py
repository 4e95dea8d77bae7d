"""How batches were tested: evaluations made beside those that the best plan was expected to need."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.frames.groups import grouped_counts, grouped_sums, groups_of

_BIN = 0.1


def batch_counts(batches: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of batches that ended in the window; parts of a split one count with it, their members do not count again."""
    whole = batches[batches["parent_batch_id"].isna()]
    parents = batches["parent_batch_id"].dropna()
    groups = groups_of(whole, keys)
    table = grouped_counts(groups, bisected_n=np.ones(len(whole), np.bool_), bisected_k=whole["batch_id"].isin(parents))
    sums = grouped_sums(
        groups,
        members=whole["size"].astype("float64"),
        batch_landed=whole["landed"].astype("float64"),
        optimum=whole["optimum"],
    )
    known = grouped_counts(groups, optimum_known=whole["optimum"].notna())
    every = groups_of(batches, keys)
    made = grouped_sums(
        every,
        evaluations=batches["runs"].astype("float64"),
        culprits=whole["culprits"].reindex(batches.index).astype("float64"),
    )
    deepest = batches.groupby(list(keys), as_index=False)["depth"].max()
    for part in (sums, known, made, deepest):
        table = table.merge(part, on=list(keys), how="outer")
    table["optimum"] = table["optimum"].where(table["optimum_known"] == table["bisected_n"])
    landed = table["batch_landed"].where(table["batch_landed"] > 0)
    return table.assign(
        evaluations_per_landed=table["evaluations"] / landed, optimum_per_landed=table["optimum"] / landed
    )


def batch_table(batches: pd.DataFrame) -> pd.DataFrame:
    table = batch_counts(batches, ["team"]).rename(columns={"batch_landed": "landed", "depth": "depth_max"})
    size = table["members"] / table["bisected_n"].where(table["bisected_n"] > 0)
    return table.assign(batches=table["bisected_n"], size_mean=size, saved=table["members"] - table["evaluations"])


def forecast_counts(forecasts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Of forecasts made in the window whose truth became known."""
    rows = forecasts[forecasts["bad"].notna()]
    bad = rows["bad"].astype("float64")
    groups = groups_of(rows, keys)
    known = grouped_counts(groups, forecast_n=np.ones(len(rows), np.bool_))
    sums = grouped_sums(groups, squares=(rows["probability"] - bad) ** 2, bias=rows["probability"] - bad)
    table = known.merge(sums, on=list(keys))
    return table.assign(
        forecast_error=table["squares"] / table["forecast_n"], forecast_bias=table["bias"] / table["forecast_n"]
    ).drop(columns=["squares", "bias"])


def forecast_table(forecasts: pd.DataFrame) -> pd.DataFrame:
    rows = forecasts[forecasts["bad"].notna()]
    tenth = np.minimum(np.floor(rows["probability"] / _BIN + 1e-9), 9)
    rows = rows.assign(bin=(tenth * _BIN).round(1), bad=rows["bad"].astype(bool))
    groups = groups_of(rows, ["bin"])
    table = grouped_counts(groups, n=np.ones(len(rows), np.bool_), observed_k=rows["bad"])
    table = table.merge(grouped_sums(groups, expected=rows["probability"]), on="bin")
    return table.assign(expected=table["expected"] / table["n"], observed_n=table["n"])
