"""
PostgreSQL: a server that several machines write to, in one sequence.

Writers queue for an advisory lock of the database, which the server gives back when a transaction ends in whatever
way: no writer that died is waited for. It guards the creation of the table as well, and each statement sees what
was committed before it (READ COMMITTED), so that what is read under the lock is what the last holder left.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import DDL, URL, ColumnElement, Connection, create_engine, event, func

from tasks.adapters.audit_log.table import EVENT
from tasks.redaction import keep_secret

DRIVERS = frozenset({"postgresql", "postgresql+psycopg"})

_LOCK = 0x6D657267_68756200
"""The number of the lock, which all that write to a log have to agree on: `mergehub`, shortened."""

_GUARDS = (
    (
        "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()"
    ),
    # Else it would not hold for who sets session_replication_role.
    "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_change",
)
for _guard in _GUARDS:
    _ddl = DDL(_guard)  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no annotation
    event.listen(EVENT, "after_create", _ddl.execute_if(dialect="postgresql"))

# A machine that vanished is noticed in about a minute, by us and by the server, which then lets others write.
_PATIENCE: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_BEGINNING = (
    "SET LOCAL lock_timeout = {lock_timeout}; "
    "SET LOCAL idle_in_transaction_session_timeout = '5min'; "
    "SET LOCAL tcp_keepalives_idle = 30; "
    "SELECT set_config('synchronous_commit', 'on', true) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local'); "
    "SELECT pg_advisory_xact_lock({lock})"
)

_AGAIN = "then run again: what the log has taken is not taken twice."
_UNREACHABLE = f"See that the database server runs and can be reached from here, {_AGAIN}"
_REFUSED = "Check user, password and database in `audit.database`, and the server's pg_hba.conf."
_REMEDIES = (
    ("28", _REFUSED),
    ("3D", _REFUSED),
    ("42501", "Grant the role of merge-hub USAGE and CREATE on its schema, and SELECT and INSERT on `audit_event`."),
    ("25006", f"The server takes no changes: name the primary in `audit.database`, not a standby, {_AGAIN}"),
    ("55P03", "Find the session that holds the lock (`pg_locks`, locktype advisory), then run again."),
    ("53100", f"Free space on the disk of the database server, {_AGAIN}"),
    ("53", f"Let the server take more connections, or close some, {_AGAIN}"),
    ("XX00", "The database is damaged: bring it back from a backup and compare it with the evidence store."),
)

_NOT_LET_IN = ("password authentication failed", "role ", "database ", "no pg_hba.conf entry", "permission denied")


class PostgresqlDatabase:
    def __init__(self, url: URL, *, lock_timeout: float) -> None:
        self.place = _place(url)
        if url.password:
            keep_secret(f"the password of {self.place}", str(url.password))
        self._beginning = _BEGINNING.format(lock_timeout=max(1, round(lock_timeout * 1000)), lock=_LOCK)
        self.engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            # The server may have been started anew since the last event; what is said to it then would be lost.
            pool_pre_ping=True,
            connect_args={name: value for name, value in _PATIENCE.items() if name not in url.query},
            hide_parameters=True,
        )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(self._beginning)
            yield connection

    def is_there(self) -> bool:
        return True

    def mentions(self, text: str) -> ColumnElement[bool]:
        """`encode` spells any bytes as ASCII, whatever the encoding of the database."""
        spelled = func.lower(func.encode(EVENT.c.bytes, "escape").collate("C"))
        return func.strpos(spelled, func.encode(text.lower().encode(), "escape")) > 0

    def remedy(self, error: Exception) -> str:
        state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
        said = str(getattr(error, "orig", None) or "")
        # What the server says before a connection stands has no code of its own.
        if not state and any(f"FATAL:  {words}" in said for words in _NOT_LET_IN):
            return _REFUSED
        return next((remedy for code, remedy in _REMEDIES if state.startswith(code)), _UNREACHABLE)


def _place(url: URL) -> str:
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{url.database or url.username or ''} at {host if isinstance(host, str) else host[0]}{port} (PostgreSQL)"
