"""The ledger for who observes: what is there can be read, and nothing comes to be there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from tasks.domain.ledger import CursorRow, Row
from tasks.ports import Ledger

R = TypeVar("R", bound=Row)


class DryRunLedger:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def upsert(self, rows: Sequence[Row], *, source: str = "flows") -> int:  # noqa: ARG002 -- as the port has it
        return 0

    def rows(
        self,
        kind: type[R],
        *,
        repository_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[R]:
        return self._ledger.rows(kind, repository_id=repository_id, since=since, until=until)

    def columns(
        self, table: str, *, since: datetime | None = None, until: datetime | None = None
    ) -> Mapping[str, Sequence[Any]]:
        return self._ledger.columns(table, since=since, until=until)

    def cursor(self, source: str, repository_id: str = "") -> CursorRow | None:
        return self._ledger.cursor(source, repository_id)

    def commit_cursor(self, cursor: CursorRow) -> None:
        """Nothing was written, so that nothing may be said to be."""
