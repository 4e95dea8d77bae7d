"""
The audit log in a database: one table, one writer at a time, nothing changed or removed.

The database is where events get their number and their time; the bytes it keeps are what evidence is made of. SQLite
is the only dialect so far: what another one has to say for itself (how a writer shuts the others out, how a row is
made unchangeable) stands in `_begin` and `_REFUSALS`.

A log comes into being with its first event: reading one that does not exist creates nothing.
"""

import fcntl
import functools
import itertools
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    DDL,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    cast,
    create_engine,
    event,
    func,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tasks.adapters.audit_event import DAMAGED, Position, decoded, in_sequence, sequenced
from tasks.adapters.clock import timestamp
from tasks.domain.audit import Event, EventType
from tasks.domain.errors import AuditLogError
from tasks.ports import Clock

_PAGE = 500
_READ_BEFORE = 4096
"""How many events a process need not understand again; the oldest are forgotten."""

_METADATA = MetaData()
_EVENT = Table(
    "audit_event",
    _METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("time", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("repository_id", Text),
    Column("bytes", LargeBinary, nullable=False),
    Index("audit_event_by_repository", "repository_id", "seq"),
)
_REFUSALS = tuple(
    DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no annotation
        f"CREATE TRIGGER audit_event_no_{action} BEFORE {action} ON audit_event "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    )
    for action in ("UPDATE", "DELETE")
)
for _refusal in _REFUSALS:
    event.listen(_EVENT, "after_create", _refusal)

_REMEDIES = (
    (("SQLITE_FULL", "SQLITE_IOERR"), "Free space on the disk that holds the log, then run again."),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"),
        "Let the account of merge-hub write the file and its folder.",
    ),
    (("SQLITE_BUSY", "SQLITE_LOCKED"), "Find the program that holds the file open (`fuser FILE`), then run again."),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB"), DAMAGED),
)


class SqlAuditLog:
    """
    Safe for threads and processes; `lock_timeout` is how many seconds a writer waits for the others.

    `may_begin` is asked before the very first event is taken, and raises where there should be a log already.
    """

    def __init__(
        self, url: str, clock: Clock, *, lock_timeout: float = 30.0, may_begin: Callable[[], None] | None = None
    ) -> None:
        self._file = _database_file(url)
        self._clock = clock
        self._may_begin = may_begin
        self._engine = create_engine(url, connect_args={"timeout": lock_timeout})
        event.listen(self._engine, "connect", self._prepare)
        event.listen(self._engine, "begin", _begin)
        # SQLite's lock is polled, and unfair; threads of one process queue here.
        self._turn = threading.Lock()
        self._begun = False

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        if not events:
            return ()
        with self._turn, self._writing() as connection:
            _METADATA.create_all(connection)
            last, known = _last(connection), _known_ids(connection, [each.id for each in events])
            if last.seq == 0 and self._may_begin is not None:
                self._may_begin()
            new = sequenced(events, known=known, last=last, now=timestamp(self._clock.now()))
            if new:
                connection.execute(insert(_EVENT), [_row(each, content) for each, content in new])
        return tuple(each for each, _ in new)

    def take_over(self, events: Iterable[Event]) -> int:
        """
        Brings in those of `events`, all that ever were, which the log lacks, as they are: all or none; how many.

        What it has must be just what they say; raises AuditLogError, or what `events` raises, and has taken nothing.
        """
        taken, arriving = 0, iter(events)
        with self._turn, self._writing() as connection:
            _METADATA.create_all(connection)
            while page := tuple(itertools.islice(arriving, _PAGE)):
                lacking = _lacking(page, connection)
                if lacking:
                    connection.execute(insert(_EVENT), [_row(each, content) for each, content in lacking])
                taken += len(lacking)
        return taken

    def events(
        self,
        *,
        repository_id: str | None = None,
        types: Collection[EventType] | None = None,
        mentioning: str | None = None,
        after: int = 0,
        newest_first: bool = False,
    ) -> Iterator[Event]:
        """
        Ends with the event that was the last when iteration began.

        That none is missing is seen by who leaves none out; that one is filed under other names, by who reads it.
        """
        until = self.size()
        wanted = _wanted(repository_id, types, mentioning)
        order = _EVENT.c.seq.desc() if newest_first else _EVENT.c.seq
        while rows := self._page(select(_EVENT).where(*wanted).order_by(order), after, until):
            if not wanted:
                numbered = [(row.seq, row.bytes) for row in rows]
                in_sequence(numbered, until if newest_first else after + 1, step=-1 if newest_first else 1)
            yield from map(_read, rows)
            after, until = (after, rows[-1].seq - 1) if newest_first else (rows[-1].seq, until)

    def size(self) -> int:
        with self._reading() as connection:
            return 0 if connection is None else _last(connection).seq

    def lines(self, first: int, last: int) -> bytes:
        if first > last:
            return b""
        wanted = select(_EVENT.c.seq, _EVENT.c.bytes).where(_EVENT.c.seq.between(first, last)).order_by(_EVENT.c.seq)
        with self._reading() as connection:
            rows = [] if connection is None else [(row.seq, row.bytes) for row in connection.execute(wanted)]
        found = in_sequence(rows, first)
        if len(found) != last - first + 1:
            raise AuditLogError(f"the audit log lacks event {first + len(found)}", remedy=DAMAGED)
        return b"".join(content + b"\n" for _, content in found)

    def close(self) -> None:
        self._engine.dispose()

    def _prepare(self, connection: Any, _record: object) -> None:
        # Python's own transactions begin late, at the first change; `_begin` says when ours do.
        connection.isolation_level = None
        # Two that turn a new file to WAL at once do not wait for each other: to SQLite that would be a deadlock.
        with _alone_in(self._file.parent):
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    def _page(self, wanted: Select[Any], after: int, until: int) -> Sequence[Row[Any]]:
        page = wanted.where(_EVENT.c.seq > after, _EVENT.c.seq <= until).limit(_PAGE)
        with self._reading() as connection:
            return [] if connection is None else connection.execute(page).all()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._explained("did not take the events"):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.connect().execution_options(sequencer=True) as connection, connection.begin():
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """None where there is no log yet."""
        with self._explained("could not be read"):
            if not self._file.exists():
                yield None
                return
            with self._engine.connect() as connection:
                # What is there stays there, so that it is looked for until it is found.
                self._begun = self._begun or inspect(connection).has_table(_EVENT.name)
                yield connection if self._begun else None

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise AuditLogError(f"the audit log {self._file} {what}: {_cause(error)}", remedy=_remedy(error)) from error


def _database_file(url: str) -> Path:
    remedy = "Name a SQLite file, such as sqlite:////var/lib/merge-hub/audit.db."
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise AuditLogError("the address of the audit log is not one of a database", remedy=remedy) from error
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite"} or parsed.database in {None, "", ":memory:"}:
        raise AuditLogError(f"an audit log cannot be kept in {parsed!r}", remedy=remedy)
    return Path(str(parsed.database))


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


def _last(connection: Connection) -> Position:
    row = connection.execute(select(_EVENT.c.seq, _EVENT.c.time).order_by(_EVENT.c.seq.desc()).limit(1)).one_or_none()
    return Position(0, "") if row is None else Position(row.seq, row.time)


def _lacking(page: Sequence[Event], connection: Connection) -> Sequence[tuple[Event, bytes]]:
    there = select(_EVENT.c.seq, _EVENT.c.bytes).where(_EVENT.c.seq.between(page[0].seq, page[-1].seq))
    known = {row.seq: row.bytes for row in connection.execute(there)}
    arrived = [(each, each.canonical()) for each in page]
    for each, content in arrived:
        if known.get(each.seq, content) != content:
            raise AuditLogError(
                f"event {each.seq} of the audit log is another one than the evidence store has",
                remedy="Stop landing and keep both: a second log was begun beside the first. Move the log here away to "
                "bring back the one that is in evidence.",
            )
    return [(each, content) for each, content in arrived if each.seq not in known]


def _wanted(
    repository_id: str | None, types: Collection[EventType] | None, mentioning: str | None
) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if repository_id is not None:
        conditions.append(_EVENT.c.repository_id == repository_id)
    if types is not None:
        conditions.append(_EVENT.c.type.in_([each.value for each in types]))
    if mentioning is not None:
        conditions.append(func.instr(func.lower(cast(_EVENT.c.bytes, Text)), mentioning.lower()) > 0)
    return conditions


@functools.lru_cache(maxsize=_READ_BEFORE)
def _read(row: Row[Any]) -> Event:
    """What was found sound is so for as long as it is the very same row, bytes and all."""
    found = decoded(row.bytes, row.seq)
    if _row(found, row.bytes) != row._asdict():
        raise AuditLogError(f"event {row.seq} of the audit log is filed under other names", remedy=DAMAGED)
    return found


def _known_ids(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    queries: list[Select[str]] = [
        select(_EVENT.c.id).where(_EVENT.c.id.in_(ids[start : start + _PAGE])) for start in range(0, len(ids), _PAGE)
    ]
    return frozenset(found for query in queries for found in connection.scalars(query))


def _row(taken: Event, content: bytes) -> Mapping[str, object]:
    return {
        "seq": taken.seq,
        "id": taken.id,
        "time": taken.time,
        "type": taken.type.value,
        "repository_id": taken.repository.id if taken.repository else None,
        "bytes": content,
    }


def _cause(error: Exception) -> str:
    # SQLAlchemy's own text repeats the statement with the events in it.
    return str(getattr(error, "orig", None) or error)


def _remedy(error: Exception) -> str:
    name = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    if isinstance(error, OSError):
        name = "SQLITE_CANTOPEN"
    return next(
        (remedy for names, remedy in _REMEDIES if name.startswith(names)),
        "Check the file and the disk that holds it, then run again.",
    )
