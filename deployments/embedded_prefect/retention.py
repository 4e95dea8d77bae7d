"""
What the server forgets when it has served: all but the latest runs, with their tasks, logs, artifacts and events.

Prefect's own clean-up does it, which counts time and not runs, and does not run by itself in a server that lives as
long as a command: it is told how long ago the oldest run began that is kept. It cannot be told less than an hour, so
that what is younger is kept, however many runs it was.

Room that is given up stays in SQLite's file until that is rewritten, which is done when it has become a good part of
the file. What is written stands beside the file, in as much room again, until it is brought into it.
"""

import asyncio
import sqlite3
import traceback
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy
from prefect.server.database.dependencies import provide_database_interface
from prefect.server.services import db_vacuum
from prefect.settings import (
    PREFECT_API_DATABASE_CONNECTION_URL,
    PREFECT_SERVER_EVENTS_RETENTION_PERIOD,
    PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD,
    temporary_settings,
)
from prefect.types._datetime import now

SHORTEST = timedelta(hours=1, seconds=1)
UNUSED_SHARE = 4
"""The file is rewritten when one page of so many is unused."""


def forget_old_runs(home: Path, keep: int) -> None:
    """
    All but the latest `keep` that nobody started from within another one; what cannot be done is left to the next time.

    Does nothing where the database is another one than `home` has by itself: whose that is, looks after it.
    """
    database = home / "prefect.db"
    used = sqlalchemy.make_url(PREFECT_API_DATABASE_CONNECTION_URL.value()).database
    if not database.exists() or used != str(database):
        return
    try:
        asyncio.run(_forget(keep))
        _give_back(database)
    except (sqlalchemy.exc.SQLAlchemyError, sqlite3.Error):
        # Another server is at work in it: the last one to end will see to it.
        traceback.print_exc()


async def _forget(keep: int) -> None:
    db = provide_database_interface()
    top_level = sqlalchemy.select(db.FlowRun.created).where(db.FlowRun.parent_task_run_id.is_(None))
    async with db.session_context() as session:
        latest = top_level.order_by(db.FlowRun.created.desc()).offset(keep - 1).limit(1)
        oldest: datetime | None = (await session.execute(latest)).scalar_one_or_none()
    if oldest is None:
        return
    age = max(now("UTC") - oldest, SHORTEST)
    with temporary_settings(
        {PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD: age, PREFECT_SERVER_EVENTS_RETENTION_PERIOD: age}
    ):
        await db_vacuum.vacuum_old_flow_runs(db=db)
        await db_vacuum.vacuum_stale_artifact_collections(db=db)
        await db_vacuum.vacuum_old_events(db=db)


def _give_back(database: Path) -> None:
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        (unused,) = connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        if unused * UNUSED_SHARE >= pages:
            connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
