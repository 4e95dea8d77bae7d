"""SQLite: a file of one machine, which comes into being with the first event."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import DDL, URL, ColumnElement, Connection, Text, cast, create_engine, event, func

from tasks.adapters.audit_event import DAMAGED
from tasks.adapters.audit_log.database import REMEDY
from tasks.adapters.audit_log.table import EVENT
from tasks.domain.errors import AuditLogError

DRIVERS = frozenset({"sqlite", "sqlite+pysqlite"})

for _action in ("UPDATE", "DELETE"):
    _refusal = DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no annotation
        f"CREATE TRIGGER audit_event_no_{_action} BEFORE {_action} ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    )
    event.listen(EVENT, "after_create", _refusal.execute_if(dialect="sqlite"))

_REMEDIES = (
    (("SQLITE_FULL", "SQLITE_IOERR"), "Free space on the disk that holds the log, then run again."),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
        "Let the account of merge-hub write the file and its folder.",
    ),
    (("SQLITE_BUSY", "SQLITE_LOCKED"), "Find the program that holds the file open (`fuser FILE`), then run again."),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB"), DAMAGED),
)


class SqliteFile:
    def __init__(self, url: URL, *, lock_timeout: float) -> None:
        if url.database in {None, "", ":memory:"}:
            raise AuditLogError("an audit log cannot be kept in memory", remedy=REMEDY)
        self._file = Path(str(url.database))
        self.place = str(self._file)
        self.engine = create_engine(url, connect_args={"timeout": lock_timeout})
        event.listen(self.engine, "connect", self._prepare)
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self.engine.connect().execution_options(sequencer=True) as connection, connection.begin():
            yield connection

    def is_there(self) -> bool:
        return self._file.exists()

    def mentions(self, text: str) -> ColumnElement[bool]:
        return func.instr(func.lower(cast(EVENT.c.bytes, Text)), text.lower()) > 0

    def remedy(self, error: Exception) -> str:
        name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
        if isinstance(error, OSError):
            name = "SQLITE_CANTOPEN"
        return next(
            (remedy for names, remedy in _REMEDIES if name.startswith(names)),
            "Check the file and the disk that holds it, then run again.",
        )

    def _prepare(self, connection: Any, _record: object) -> None:
        # Python's own transactions begin late, at the first change; `_begin` says when ours do.
        connection.isolation_level = None
        # Two that turn a new file to WAL at once do not wait for each other: to SQLite that would be a deadlock.
        with _alone_in(self._file.parent):
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _begin(connection: Connection) -> None:
    # Who writes holds the lock from before it looks for the last number until the rows are durable.
    sequencer = connection.get_execution_options().get("sequencer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if sequencer else "BEGIN")
