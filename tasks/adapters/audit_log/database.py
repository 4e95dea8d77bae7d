"""What the audit log needs of a database: how its one writer shuts the others out, and what goes wrong there."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import URL, ColumnElement, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from tasks.domain.errors import AuditLogError

REMEDY = (
    "Name a SQLite file, such as sqlite:////var/lib/merge-hub/audit.db, or a PostgreSQL database, such as "
    "postgresql://merge-hub:PASSWORD@db.example.com/audit; characters such as @ in a password are written as %40."
)


class Database(Protocol):
    @property
    def place(self) -> str:
        """As people are told where it is, without a password."""
        ...

    @property
    def engine(self) -> Engine: ...

    def writing(self) -> AbstractContextManager[Connection]:
        """
        A transaction alone in writing, from before it looks for the last number until its rows are durable.

        What others wrote before it is seen in it.
        """
        ...

    def is_there(self) -> bool:
        """Whether there is anything to look for a log in; without, nothing is opened, so that nothing comes to be."""
        ...

    def mentions(self, text: str) -> ColumnElement[bool]:
        """Whether an event's bytes hold `text`, in any case of its ASCII letters."""
        ...

    def remedy(self, error: Exception) -> str: ...


def parsed(url: str) -> URL:
    """Raises AuditLogError, which repeats nothing of `url`: a password may stand anywhere in it."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise AuditLogError("the address of the audit log is not one of a database", remedy=REMEDY) from None
    if "@" in (found.host or ""):
        # Of a password with an @ in it, the rest would be taken for the host's name, and told with it.
        raise AuditLogError("the address of the audit log has more than one @", remedy=REMEDY)
    return found
