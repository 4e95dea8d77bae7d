"""
Records on disk: SQLite, one row a record, written before a request is answered.

A killed process loses nothing acknowledged. Identifiers come from one rising sequence for all kinds, reserved in
blocks, so that an identifier is never given twice, not even after a kill or a deletion.
"""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from .model import Entity

Record = TypeVar("Record", bound=Entity)
BLOCK = 1000


class Store:
    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # The write-ahead log survives a killed process without a sync for each write; only a power failure could lose.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS records (kind TEXT, id INTEGER, data TEXT, PRIMARY KEY (kind, id))"
        )
        self._database.execute("CREATE TABLE IF NOT EXISTS sequence (next INTEGER)")
        row = self._database.execute("SELECT next FROM sequence").fetchone()
        if row is None:
            self._database.execute("INSERT INTO sequence VALUES (1000)")
        self._next = self._reserved = row[0] if row else BLOCK

    def new_id(self) -> int:
        with self._lock:
            if self._next >= self._reserved:
                self._reserved = self._next + BLOCK
                self._database.execute("UPDATE sequence SET next = ?", (self._reserved,))
            self._next += 1
            return self._next - 1

    def save(self, *records: Entity) -> None:
        """All of them or none."""
        rows = [(type(record).__name__, record.id, record.model_dump_json()) for record in records]
        with self._lock:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
            self._database.execute("COMMIT")

    def delete(self, record: Entity) -> None:
        with self._lock:
            self._database.execute("DELETE FROM records WHERE kind = ? AND id = ?", (type(record).__name__, record.id))

    def load(self, kind: type[Record]) -> Iterator[Record]:
        with self._lock:
            rows = self._database.execute(
                "SELECT data FROM records WHERE kind = ? ORDER BY id", (kind.__name__,)
            ).fetchall()
        for (data,) in rows:
            yield kind.model_validate_json(data)

    def close(self) -> None:
        with self._lock:
            self._database.close()
