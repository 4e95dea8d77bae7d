"""The tables of the ledger as SQLAlchemy has them, made of what the domain says of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Double,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from tasks.domain import ledger
from tasks.domain.ledger import TABLES, Kind


class Moment(TypeDecorator[datetime]):
    """SQLite has no times: there it is RFC 3339 in UTC with microseconds, always as long, so that it sorts as time."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        chosen: TypeEngine[Any] = Text() if dialect.name == "sqlite" else TIMESTAMP(timezone=True)
        return dialect.type_descriptor(chosen)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy names the parameters
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)


_WHOLE = BigInteger().with_variant(Integer, "sqlite")
_TYPES: Mapping[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.WHOLE: _WHOLE,
    Kind.NUMBER: Double(),
    Kind.TRUTH: Boolean(),
    Kind.MOMENT: Moment(),
}

METADATA = MetaData()

BOOKKEEPING = ("ingested_at", "source", "schema_version")
"""What the database keeps of each row beside what it says; they are in no report and no file."""


def _table(described: ledger.Table) -> Table:
    columns: list[Column[Any]] = [
        Column(each.name, _TYPES[each.kind], primary_key=each.name in described.key, nullable=each.nullable)
        for each in described.columns
    ]
    kept: list[Column[Any]] = [
        Column("ingested_at", Moment(), nullable=False),
        Column("source", Text, nullable=False),
        Column("schema_version", Integer, nullable=False),
    ]
    # A name of its own for the bookkeeping of `cursor`, which has a `source` already.
    kept = [column for column in kept if column.name not in described.names]
    return Table(described.name, METADATA, *columns, *kept)


SQL_TABLES = {name: _table(described) for name, described in TABLES.items()}

MONTH = Table(
    "ledger_month",
    METADATA,
    Column("table", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("revision", _WHOLE, nullable=False),
)
"""How often the rows of a month have changed, so that what was exported is known to be up to date, or not."""

IDENTITY = Table("ledger_identity", METADATA, Column("id", Text, primary_key=True))
"""One row: which ledger this is. One that was made anew counts its months anew."""
