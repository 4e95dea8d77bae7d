"""
How rows are written: compared with what is there, and only what differs, in one transaction that nobody else is in.

Each change is counted against the month that the row is in, and the one that it was in, so that an export knows which
of its files are not up to date.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select, tuple_, update

from tasks.adapters.ledger.schema import IDENTITY, METADATA, MONTH, SQL_TABLES
from tasks.domain.ledger import SCHEMA_VERSION, Row, columns_of, month_of, values_of

_PAGE = 500

Values = dict[str, Any]
Key = tuple[Any, ...]


def make_tables(connection: Connection) -> None:
    METADATA.create_all(connection)
    if connection.execute(select(IDENTITY)).first() is None:
        connection.execute(insert(IDENTITY), {"id": secrets.token_hex(16)})


def write_rows(rows: Sequence[Row], source: str, at: datetime, connection: Connection) -> int:
    """How many were new or changed anything."""
    months: Counter[tuple[str, str]] = Counter()
    written = 0
    for kind in dict.fromkeys(type(row) for row in rows):
        told = {"ingested_at": at, "source": source, "schema_version": SCHEMA_VERSION}
        latest = {_key(kind, values): values for values in (values_of(row) for row in rows if type(row) is kind)}
        for page in _pages(list(latest)):
            written += _write(kind, {key: latest[key] for key in page}, told, months, connection)
    _count(months, connection)
    return written


def _write(
    kind: type[Row],
    arriving: Mapping[Key, Values],
    told: Values,
    months: Counter[tuple[str, str]],
    connection: Connection,
) -> int:
    table = SQL_TABLES[kind.table]
    there = _there(kind, table, list(arriving), connection)
    new = [values for key, values in arriving.items() if key not in there]
    changed = [values for key, values in arriving.items() if key in there and _differs(values, there[key])]
    if new:
        connection.execute(insert(table), [told | values for values in new])
    if changed:
        connection.execute(_update(kind, table), [_bound(told | values) for values in changed])
    for values in (*new, *changed):
        before = there.get(_key(kind, values), {})
        months.update({(kind.table, month_of(kind.table, each)) for each in (before, before | values) if each})
    return len(new) + len(changed)


def _there(kind: type[Row], table: Table, keys: Sequence[Key], connection: Connection) -> Mapping[Key, Values]:
    wanted = select(table).where(tuple_(*(table.c[name] for name in kind.key)).in_(keys))
    found = [dict(row) for row in connection.execute(wanted).mappings()]
    return {_key(kind, values): values for values in found}


def _differs(values: Values, there: Values) -> bool:
    return any(there[name] != value for name, value in values.items())


def _update(kind: type[Row], table: Table) -> Any:
    statement = update(table).where(*(table.c[name] == bindparam(f"_{name}") for name in kind.key))
    changing = [column.name for column in columns_of(kind) if column.name not in kind.key]
    kept = [name for name in ("ingested_at", "source", "schema_version") if name not in kind.key]
    return statement.values({name: bindparam(f"_{name}") for name in (*changing, *kept)})


def _bound(values: Values) -> Values:
    return {f"_{name}": value for name, value in values.items()}


def _count(months: Mapping[tuple[str, str], int], connection: Connection) -> None:
    for (table, month), changes in sorted(months.items()):
        of_month = (MONTH.c.table == table, MONTH.c.month == month)
        counted = connection.execute(
            update(MONTH).where(*of_month).values(revision=MONTH.c.revision + changes)
        ).rowcount
        if not counted:
            connection.execute(insert(MONTH), {"table": table, "month": month, "revision": changes})


def _key(kind: type[Row], values: Mapping[str, Any]) -> Key:
    # PostgreSQL tells times in the zone of the session: the same moment is the same key.
    found = (values[name] for name in kind.key)
    return tuple(each.astimezone(UTC) if isinstance(each, datetime) else each for each in found)


def _pages(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    return (keys[start : start + _PAGE] for start in range(0, len(keys), _PAGE))
