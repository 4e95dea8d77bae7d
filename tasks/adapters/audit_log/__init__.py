"""
The audit log in a database: one table, one writer at a time, nothing changed or removed.

The database is where events get their number and their time; the bytes it keeps are what evidence is made of. SQLite
and PostgreSQL keep the same bytes; what each has to say for itself (how a writer shuts the others out, how a row is
made unchangeable) stands in a module of its own.

A log comes into being with its first event: reading one that does not exist creates nothing.
"""

import functools
import itertools
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from tasks.adapters.audit_event import DAMAGED, Position, decoded, in_sequence, sequenced
from tasks.adapters.audit_log import postgresql, sqlite
from tasks.adapters.audit_log.database import REMEDY, Database, parsed
from tasks.adapters.audit_log.table import EVENT, METADATA
from tasks.adapters.clock import timestamp
from tasks.domain.audit import Event, EventType
from tasks.domain.errors import AuditLogError
from tasks.ports import Clock

_PAGE = 500
_READ_BEFORE = 4096
"""How many events a process need not understand again; the oldest are forgotten."""


class SqlAuditLog:
    """
    Safe for threads and processes; `lock_timeout` is how many seconds a writer waits for the others.

    `may_begin` is asked before the very first event is taken, and raises where there should be a log already.
    """

    def __init__(
        self, url: str, clock: Clock, *, lock_timeout: float = 30.0, may_begin: Callable[[], None] | None = None
    ) -> None:
        self._database = _database(url, lock_timeout)
        self._clock = clock
        self._may_begin = may_begin
        # SQLite's lock is polled, and unfair; threads of one process queue here.
        self._turn = threading.Lock()
        self._begun = False

    def append(self, events: Sequence[Event]) -> tuple[Event, ...]:
        if not events:
            return ()
        with self._turn, self._writing() as connection:
            last, known = _last(connection), _known_ids(connection, [each.id for each in events])
            if last.seq == 0 and self._may_begin is not None:
                self._may_begin()
            new = sequenced(events, known=known, last=last, now=timestamp(self._clock.now()))
            if new:
                connection.execute(insert(EVENT), [_row(each, content) for each, content in new])
        return tuple(each for each, _ in new)

    def take_over(self, events: Iterable[Event]) -> int:
        """
        Brings in those of `events`, all that ever were, which the log lacks, as they are: all or none; how many.

        What it has must be just what they say; raises AuditLogError, or what `events` raises, and has taken nothing.
        """
        taken, arriving = 0, iter(events)
        with self._turn, self._writing() as connection:
            while page := tuple(itertools.islice(arriving, _PAGE)):
                lacking = _lacking(page, connection)
                if lacking:
                    connection.execute(insert(EVENT), [_row(each, content) for each, content in lacking])
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
        wanted = self._wanted(repository_id, types, mentioning)
        order = EVENT.c.seq.desc() if newest_first else EVENT.c.seq
        while rows := self._page(select(EVENT).where(*wanted).order_by(order), after, until):
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
        wanted = select(EVENT.c.seq, EVENT.c.bytes).where(EVENT.c.seq.between(first, last)).order_by(EVENT.c.seq)
        with self._reading() as connection:
            rows = [] if connection is None else [(row.seq, row.bytes) for row in connection.execute(wanted)]
        found = in_sequence(rows, first)
        if len(found) != last - first + 1:
            raise AuditLogError(f"the audit log lacks event {first + len(found)}", remedy=DAMAGED)
        return b"".join(content + b"\n" for _, content in found)

    @property
    def place(self) -> str:
        """Where it is, as people are told."""
        return self._database.place

    def close(self) -> None:
        self._database.engine.dispose()

    def _wanted(
        self, repository_id: str | None, types: Collection[EventType] | None, mentioning: str | None
    ) -> Sequence[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if repository_id is not None:
            conditions.append(EVENT.c.repository_id == repository_id)
        if types is not None:
            conditions.append(EVENT.c.type.in_([each.value for each in types]))
        if mentioning is not None:
            conditions.append(self._database.mentions(mentioning))
        return conditions

    def _page(self, wanted: Select[Any], after: int, until: int) -> Sequence[Row[Any]]:
        page = wanted.where(EVENT.c.seq > after, EVENT.c.seq <= until).limit(_PAGE)
        with self._reading() as connection:
            return [] if connection is None else connection.execute(page).all()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._explained("did not take the events"), self._database.writing() as connection:
            METADATA.create_all(connection)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """None where there is no log yet."""
        with self._explained("could not be read"):
            if not self._database.is_there():
                yield None
                return
            with self._database.engine.connect() as connection:
                # What is there stays there, so that it is looked for until it is found.
                self._begun = self._begun or inspect(connection).has_table(EVENT.name)
                yield connection if self._begun else None

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            message = f"the audit log {self._database.place} {what}: {_cause(error)}"
            raise AuditLogError(message, remedy=self._database.remedy(error)) from error


def _database(url: str, lock_timeout: float) -> Database:
    address = parsed(url)
    if address.drivername in sqlite.DRIVERS:
        return sqlite.SqliteFile(address, lock_timeout=lock_timeout)
    if address.drivername in postgresql.DRIVERS:
        return postgresql.PostgresqlDatabase(address, lock_timeout=lock_timeout)
    raise AuditLogError(f"an audit log cannot be kept in {address.drivername}", remedy=REMEDY)


def _last(connection: Connection) -> Position:
    row = connection.execute(select(EVENT.c.seq, EVENT.c.time).order_by(EVENT.c.seq.desc()).limit(1)).one_or_none()
    return Position(0, "") if row is None else Position(row.seq, row.time)


def _lacking(page: Sequence[Event], connection: Connection) -> Sequence[tuple[Event, bytes]]:
    there = select(EVENT.c.seq, EVENT.c.bytes).where(EVENT.c.seq.between(page[0].seq, page[-1].seq))
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


@functools.lru_cache(maxsize=_READ_BEFORE)
def _read(row: Row[Any]) -> Event:
    """What was found sound is so for as long as it is the very same row, bytes and all."""
    found = decoded(row.bytes, row.seq)
    if _row(found, row.bytes) != row._asdict():
        raise AuditLogError(f"event {row.seq} of the audit log is filed under other names", remedy=DAMAGED)
    return found


def _known_ids(connection: Connection, ids: Sequence[str]) -> frozenset[str]:
    queries: list[Select[str]] = [
        select(EVENT.c.id).where(EVENT.c.id.in_(ids[start : start + _PAGE])) for start in range(0, len(ids), _PAGE)
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
    # SQLAlchemy's own text repeats the statement with the events in it; the driver's may have several lines.
    return " ".join(str(getattr(error, "orig", None) or error).split())
