"""
Groups of rows by columns, as whole numbers, so that counting is `bincount` and no text is touched twice.

Rows of which a key is missing belong to no group. Groups are in the order of their keys, and only those that have a
row exist: whoever wants empty weeks joins them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Holds: TypeAlias = "Truths | pd.Series[bool]"


@dataclass(frozen=True, slots=True)
class Groups:
    """`keys` has one row a group; `codes` says of each row of the table which group that is, -1 for none."""

    keys: pd.DataFrame
    codes: Codes

    def __len__(self) -> int:
        return len(self.keys)


def groups_of(frame: pd.DataFrame, columns: Sequence[str]) -> Groups:
    """Groups by `columns`; without any column, all rows are one group."""
    if not columns:
        return Groups(pd.DataFrame(index=[0]), np.zeros(len(frame), np.int64))
    grouped = frame.groupby(list(columns), sort=True, observed=True)
    codes = np.asarray(grouped.ngroup(), np.int64)
    keys = grouped.size().index.to_frame(index=False)
    return Groups(keys, codes)


def grouped_counts(groups: Groups, **conditions: Holds) -> pd.DataFrame:
    """The keys, and for each condition how many rows of the group it holds for. Without a condition: column `n`."""
    counted = conditions or {"n": np.ones(len(groups.codes), np.bool_)}
    return groups.keys.assign(**{name: _count(groups, np.asarray(holds, np.bool_)) for name, holds in counted.items()})


def grouped_sums(groups: Groups, **columns: "npt.NDArray[np.float64] | pd.Series[float]") -> pd.DataFrame:
    """The keys, and the sum of each column, missing values left out; 0 where a group has no value."""
    return groups.keys.assign(
        **{name: _sum(groups, np.asarray(column, np.float64)) for name, column in columns.items()}
    )


def grouped_mixtures(groups: Groups, one: Holds, other: Holds) -> pd.DataFrame:
    """
    The keys, `mixed`: whether some row of the group is `one` and some row is `other`; and `judged`: whether any is.

    A flake is a group of attempts at the same tree on the same base that is mixed of passes and failures.
    """
    counts = grouped_counts(groups, one=one, other=other)
    has_one, has_other = counts["one"] > 0, counts["other"] > 0
    return groups.keys.assign(mixed=has_one & has_other, judged=has_one | has_other)


def _count(groups: Groups, holds: Truths) -> Codes:
    return np.bincount(groups.codes[holds & (groups.codes >= 0)], minlength=len(groups))


def _sum(groups: Groups, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    known = (groups.codes >= 0) & ~np.isnan(values)
    return np.bincount(groups.codes[known], weights=values[known], minlength=len(groups)).astype(np.float64)
