"""
The ledger in a database, SQLite or PostgreSQL: rows are found again by their natural keys.

A ledger comes into being with its first row: reading one that does not exist creates nothing, and finds nothing.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Text, inspect, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError

from tasks.adapters.ledger.database import open_database
from tasks.adapters.ledger.schema import MONTH, SQL_TABLES, Moment
from tasks.adapters.ledger.writing import make_tables, write_rows
from tasks.domain.errors import LedgerError
from tasks.domain.ledger import TABLES, CursorRow, Row, columns_of, row_of
from tasks.ports import Clock

R = TypeVar("R", bound=Row)


class SqlLedger:
    """Safe for threads and processes; `lock_timeout` is how many seconds a writer waits for the others."""

    def __init__(self, address: str, clock: Clock, *, lock_timeout: float = 30.0) -> None:
        self._database = open_database(address, lock_timeout=lock_timeout)
        self._clock = clock
        # SQLite's lock is polled, and unfair; threads of one process queue here.
        self._turn = threading.Lock()
        self._begun = False

    def upsert(self, rows: Sequence[Row], *, source: str = "flows") -> int:
        if not rows:
            return 0
        at = self._clock.now().astimezone(UTC)
        with self._turn, self._writing() as connection:
            return write_rows(rows, source, at, connection)

    def rows(
        self,
        kind: type[R],
        *,
        repository_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[R]:
        table = SQL_TABLES[kind.table]
        needed = [table.c[column.name].is_not(None) for column in columns_of(kind) if not column.nullable]
        wanted = select(*(table.c[column.name] for column in columns_of(kind))).where(*needed)
        if repository_id is not None:
            wanted = wanted.where(table.c["repository_id"] == repository_id)
        with self._reading() as connection:
            found = (
                ()
                if connection is None
                else connection.execute(_between(wanted, kind.table, since, until)).mappings().all()
            )
        return (row_of(kind, dict(row)) for row in found)

    def columns(
        self, table: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> Mapping[str, Sequence[Any]]:
        names = TABLES[table].names
        wanted = _between(select(*map(self._as_it_is, SQL_TABLES[table].c)), table, since, until)
        with self._reading() as connection:
            found = () if connection is None else connection.execute(wanted).all()
        # What has no row has no column either to `zip`.
        columns = zip(*found, strict=True) if found else ((),) * len(SQL_TABLES[table].c)
        return {
            column.name: values
            for column, values in zip(SQL_TABLES[table].c, columns, strict=True)
            if column.name in names
        }

    def cursor(self, source: str, repository_id: str = "") -> CursorRow | None:
        return next((row for row in self.rows(CursorRow, repository_id=repository_id) if row.source == source), None)

    def commit_cursor(self, cursor: CursorRow) -> None:
        self.upsert([cursor])

    def close(self) -> None:
        self._database.engine.dispose()

    def _as_it_is(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whole columns are understood at once by who reads them, much faster than value by value here."""
        plain = isinstance(column.type, Moment) and self._database.engine.dialect.name == "sqlite"
        return type_coerce(column, Text) if plain else column

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._explained("took no row"), self._database.writing() as connection:
            if not self._begun:
                make_tables(connection)
            yield connection
        self._begun = True

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """None: there is no ledger yet."""
        with self._explained("cannot be read"):
            if not self._database.is_there():
                yield None
                return
            with self._database.engine.connect() as connection, connection.begin():
                self._begun = self._begun or inspect(connection).has_table(MONTH.name)
                yield connection if self._begun else None

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            # SQLAlchemy's own text repeats the statement with the rows in it; the driver's may have several lines.
            cause = " ".join(str(getattr(error, "orig", None) or error).split())
            message = f"the ledger {self._database.place} {what}: {cause}"
            raise LedgerError(message, remedy=self._database.remedy(error)) from error


def _between(wanted: Select[Any], table: str, since: datetime | None, until: datetime | None) -> Select[Any]:
    described, there = TABLES[table], SQL_TABLES[table]
    if described.month is not None:
        wanted = wanted if since is None else wanted.where(there.c[described.month] >= since)
        wanted = wanted if until is None else wanted.where(there.c[described.month] < until)
    return wanted.order_by(*(there.c[name] for name in described.key))
