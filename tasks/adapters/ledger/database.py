"""
What the ledger needs of SQLite and of PostgreSQL: to be alone in writing, and to say what to do where one fails.

What it holds can be brought back from the audit log and the code host, so that a write need not have reached the
disk's platter before the work goes on, as one of the audit log must.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from tasks.domain.errors import LedgerError
from tasks.redaction import keep_secret

_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
_POSTGRESQL = frozenset({"postgresql", "postgresql+psycopg"})
_LOCK = 0x6D657267_6C656467
"""The number of the lock, which all that write to a ledger have to agree on: `mergledg`."""

_AGAIN = "then run again: what could not be written is written by the next run."
_ADDRESS = (
    "Name a PostgreSQL database in `metrics.database`, such as postgresql://merge-hub:PASSWORD@db.example.com/metrics, "
    "or leave it out for a file of this machine."
)


class Database(Protocol):
    @property
    def place(self) -> str:
        """As people are told where it is, without a password."""
        ...

    @property
    def engine(self) -> Engine: ...

    def writing(self) -> Iterator[Connection]: ...

    def is_there(self) -> bool: ...

    def remedy(self, error: Exception) -> str: ...


def open_database(address: str, *, lock_timeout: float) -> "SqliteLedger | PostgresqlLedger":
    """Raises LedgerError, which repeats nothing of `address`: a password may stand anywhere in it."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise LedgerError("the address of the ledger is not one of a database", remedy=_ADDRESS) from None
    if url.drivername in _SQLITE:
        return SqliteLedger(url, lock_timeout=lock_timeout)
    if url.drivername in _POSTGRESQL:
        return PostgresqlLedger(url, lock_timeout=lock_timeout)
    raise LedgerError(f"a ledger cannot be kept in {url.drivername}", remedy=_ADDRESS)


class SqliteLedger:
    """A file of one machine, which comes into being with the first row."""

    def __init__(self, url: URL, *, lock_timeout: float) -> None:
        self._file = Path(str(url.database))
        self.place = str(self._file)
        self.engine = create_engine(url, connect_args={"timeout": lock_timeout})
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection

    def is_there(self) -> bool:
        return self._file.exists()

    def remedy(self, error: Exception) -> str:
        name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            return f"Move {self.place} away, {_AGAIN} It is made anew of the audit log and the code host."
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return f"Find the program that holds {self.place} open (`fuser FILE`), {_AGAIN}"
        return f"Let the account of merge-hub write {self.place}, see that its disk has room, {_AGAIN}"


class PostgresqlLedger:
    """A server that several machines write to; writers queue for a lock that ends with their transaction."""

    def __init__(self, url: URL, *, lock_timeout: float) -> None:
        host = url.host or "localhost"
        self.place = f"{url.database or url.username or ''} at {host}{f':{url.port}' if url.port else ''} (PostgreSQL)"
        if url.password:
            keep_secret(f"the password of {self.place}", str(url.password))
        self._lock_timeout = max(1, round(lock_timeout * 1000))
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10} | dict(url.query),
            hide_parameters=True,
        )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {self._lock_timeout}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection

    def is_there(self) -> bool:
        return True

    def remedy(self, error: Exception) -> str:
        state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
        if state.startswith(("28", "3D", "42501")):
            return "Check user, password, database and grants of `metrics.database`: it makes its tables itself."
        return f"See that the server of `metrics.database` runs and can be reached from here, {_AGAIN}"


def _prepare(connection: Any, _record: object) -> None:
    # Python's own transactions begin late, at the first change; `_begin` says when ours do.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin(connection: Connection) -> None:
    # What is there is compared with what comes: nobody may write in between.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
