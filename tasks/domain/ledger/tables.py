"""
The tables of the ledger: their columns, natural keys and kinds, read off the rows that are written into them.

A table may have several kinds of rows, each with the key and some of the columns; whoever writes one of them leaves
the columns that it does not have as they are.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar, get_args, get_origin, get_type_hints

from tasks.domain.ledger.gating import BatchRow, EvaluationRow, ForecastRow, GateResultRow, QueueStayRow
from tasks.domain.ledger.keeping import CursorRow, RepositoryTeamRow
from tasks.domain.ledger.landing import LandingControlRow, LandingRow, MergeSeenRow, RollbackRow
from tasks.domain.ledger.pull_requests import (
    PolicyCompleteRow,
    PullRequestRow,
    ReviewRow,
    StateSpanRow,
    TakesBackRow,
)

SCHEMA_VERSION = 1


class Kind(StrEnum):
    """What a column holds. MOMENT is an aware UTC time to the microsecond, NUMBER a float, of seconds as a rule."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TRUTH = "truth"
    MOMENT = "moment"


class Row(Protocol):
    """One of the dataclasses of this package; `month` is the column that says which month it belongs to."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    month: ClassVar[str | None]


@dataclass(frozen=True, slots=True)
class Column:
    """`field` is the dataclass's name for it, which cannot be a word of Python."""

    name: str
    kind: Kind
    nullable: bool

    @property
    def field(self) -> str:
        return "class_" if self.name == "class" else self.name


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    key: tuple[str, ...]
    month: str | None
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


ROWS: tuple[type[Row], ...] = (
    PullRequestRow,
    PolicyCompleteRow,
    TakesBackRow,
    StateSpanRow,
    ReviewRow,
    EvaluationRow,
    GateResultRow,
    BatchRow,
    QueueStayRow,
    LandingRow,
    LandingControlRow,
    MergeSeenRow,
    RollbackRow,
    ForecastRow,
    RepositoryTeamRow,
    CursorRow,
)

_KINDS: tuple[tuple[type, Kind], ...] = (
    (bool, Kind.TRUTH),
    (str, Kind.TEXT),
    (int, Kind.WHOLE),
    (float, Kind.NUMBER),
    (datetime, Kind.MOMENT),
)


R = TypeVar("R", bound=Row)


@lru_cache
def columns_of(kind: type[Row]) -> tuple[Column, ...]:
    """In the order in which they are declared."""
    return tuple(_column(field, hint) for field, hint in _hints(kind).items())


def values_of(row: Row) -> dict[str, Any]:
    """By column; members of vocabularies as plain text."""
    return {column.name: _plain(getattr(row, column.field)) for column in columns_of(type(row))}


def row_of(kind: type[R], values: Mapping[str, Any]) -> R:
    """What `values_of` makes `values` of; columns that the row does not have are left out. Raises ValueError."""
    hints = _hints(kind)
    found = {column.field: values[column.name] for column in columns_of(kind)}
    return kind(**{field: _meant(value, hints[field]) for field, value in found.items()})


UNDATED = "undated"


def month_of(table: str, values: Mapping[str, Any]) -> str:
    """As `2026-11`, in UTC; UNDATED for a table without months, or where nobody has told the time yet."""
    name = TABLES[table].month
    moment = None if name is None else values.get(name)
    return UNDATED if moment is None else f"{moment.astimezone(UTC):%Y-%m}"


@lru_cache
def _hints(kind: type[Row]) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__dataclass_fields__ if name in hints and not _of_class(hints[name])}


def _of_class(hint: Any) -> bool:
    return get_origin(hint) is ClassVar


def _plain(value: object) -> object:
    return value.value if isinstance(value, StrEnum) else value


def _meant(value: Any, hint: Any) -> Any:
    present = _present(hint)
    return present(value) if value is not None and issubclass(present, StrEnum) else value


def _present(hint: Any) -> type:
    options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    found: type = next(each for each in options if each is not type(None))
    return found


def _column(field: str, hint: Any) -> Column:
    kind = next(kind for python, kind in _KINDS if issubclass(_present(hint), python))
    nullable = isinstance(hint, types.UnionType) and type(None) in get_args(hint)
    return Column(field.rstrip("_"), kind, nullable=nullable)


def _table(kinds: Sequence[type[Row]]) -> Table:
    first = kinds[0]
    found: dict[str, Column] = {}
    for kind in kinds:
        found |= {column.name: column for column in columns_of(kind) if column.name not in found}
    if len(kinds) > 1:
        # Whoever writes first knows nothing of the others' columns.
        found = {name: Column(name, column.kind, nullable=name not in first.key) for name, column in found.items()}
    return Table(first.table, first.key, first.month, tuple(found.values()))


TABLES: Mapping[str, Table] = {
    name: _table([kind for kind in ROWS if kind.table == name]) for name in dict.fromkeys(kind.table for kind in ROWS)
}
"""By name, in the order of the flow of facts: from the pull request to what was taken back."""

FACTS = tuple(name for name in TABLES if name != "cursor")
"""The tables that reports read."""
