"""The report as tables: what it is of, and one frame a table of `tasks.frames.schema`, with exactly its columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from tasks.frames.columns import DTYPES, Table
from tasks.frames.schema import EVERY_TEAM, TABLES


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` on and before `until`; a row belongs to the window that its end falls in."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What the report is of: a team or `all`, a repository (its name) or `all`.

    `before` is the window that `comparison` compares with; None: none. `data_to` is the newest fact; None for none.
    """

    window: Window
    before: Window | None = None
    team: str = EVERY_TEAM
    repository: str = EVERY_TEAM
    data_to: datetime | None = None


@dataclass(frozen=True)
class MetricsTables(Mapping[str, pd.DataFrame]):
    """By name, in the order of `TABLES`; all of them, each possibly without a row (`totals` always has one)."""

    scope: Scope
    frames: Mapping[str, pd.DataFrame] = field(repr=False)

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


def shaped(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """`frame` with exactly the table's columns, in their types, sorted by its keys; what it lacks is missing."""
    types = {column.name: DTYPES[column.kind] for column in table.columns}
    whole = frame.reindex(columns=list(types)).astype(types)
    return whole.sort_values([column.name for column in table.keys], ignore_index=True)
