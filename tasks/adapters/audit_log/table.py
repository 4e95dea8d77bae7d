"""The one table of the audit log, the same in every database; what guards it stands with the database."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData()
EVENT = Table(
    "audit_event",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("time", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("repository_id", Text),
    Column("bytes", LargeBinary, nullable=False),
    Index("audit_event_by_repository", "repository_id", "seq"),
)
