"""
The facts of the ledger as frames, one a table, columns named and ordered as there.

Times are `datetime64[us, UTC]`, texts `str`, whole numbers `int64`, `Int64` where one may be missing, other numbers
`float64`, truths `bool` or `boolean`; what is missing is NaT, NA or NaN. An empty table has all its columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.domain.ledger import TABLES, Column, Kind, Row, values_of


@dataclass(frozen=True, slots=True)
class Frames:
    """A frame a table of the ledger, under the table's name."""

    pull_request: pd.DataFrame
    state_span: pd.DataFrame
    review: pd.DataFrame
    evaluation: pd.DataFrame
    gate_result: pd.DataFrame
    batch: pd.DataFrame
    queue_stay: pd.DataFrame
    landing: pd.DataFrame
    landing_control: pd.DataFrame
    merge_seen: pd.DataFrame
    rollback: pd.DataFrame
    forecast: pd.DataFrame
    repository_team: pd.DataFrame


def frames_of(tables: Mapping[str, Mapping[str, Sequence[Any]]]) -> Frames:
    """Of columns by table and name; a table that is left out is empty."""
    return Frames(**{name: frame_of(name, tables.get(name)) for name in Frames.__dataclass_fields__})


def frames_of_rows(rows: Sequence[Row]) -> Frames:
    """Of rows of any tables, in any order; each frame is in the order of its key."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.table, []).append(values_of(row))
    return frames_of({name: _columns(name, values) for name, values in found.items()})


def frame_of(table: str, columns: Mapping[str, Sequence[Any]] | None = None) -> pd.DataFrame:
    """What is not among `columns` is missing in every row."""
    told = columns or {}
    length = len(next(iter(told.values()), ()))
    series = {each.name: _series(each, told.get(each.name, (None,) * length)) for each in TABLES[table].columns}
    return pd.DataFrame(series)


def _columns(table: str, rows: Sequence[dict[str, Any]]) -> Mapping[str, Sequence[Any]]:
    """Rows of one key are one row: each tells its own columns."""
    described = TABLES[table]
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        merged.setdefault(tuple(row[name] for name in described.key), {}).update(row)
    ordered = [merged[key] for key in sorted(merged)]
    return {name: [row.get(name) for row in ordered] for name in described.names}


def _series(column: Column, values: Sequence[Any]) -> pd.Series:
    match column.kind:
        case Kind.MOMENT:
            times = pd.to_datetime(pd.Series(values, dtype=object), utc=True, format="ISO8601")
            return times.dt.as_unit("us")
        case Kind.TEXT:
            return pd.Series(values, dtype="str")
        case Kind.WHOLE:
            return pd.Series(values, dtype="Int64" if column.nullable else "int64")
        case Kind.NUMBER:
            return pd.Series(values, dtype="float64")
        case Kind.TRUTH:
            return pd.Series(values, dtype="boolean" if column.nullable else "bool")
