"""A command on Prefect's own server, which it starts and which ends with it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

MERGE_HUB = str(Path(sys.executable).parent / "merge-hub")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    elsewhere = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return {**elsewhere, "MERGE_HUB_HOME": str(tmp_path)}


@pytest.mark.long
def test_nobody_waits_for_heartbeats_that_nobody_would_miss(tmp_path: Path, environment: dict[str, str]) -> None:
    reported(environment)
    with database_in(tmp_path) as database:
        told = {event for (event,) in database.execute("SELECT DISTINCT event FROM events")}

    assert ("prefect.flow-run.Completed" in told, "prefect.flow-run.heartbeat" in told) == (True, False)


@pytest.mark.long
def test_what_the_server_knows_of_older_runs_goes_with_them_and_its_room_is_given_back(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "config" / "teams").mkdir(parents=True)
    (tmp_path / "config" / "global.yml").write_text("organization: {name: AcmeCorp}\nexecution: {keep_runs: 1}\n")
    (tmp_path / "config" / "teams" / "a.yml").write_text("team: {name: a, repos: [acme/a]}\ngates: []\n")
    reported(environment | {"MERGE_HUB_CONFIG_DIR": str(tmp_path / "config")})
    before = counted(tmp_path)
    with database_in(tmp_path) as database:
        make_old(database)
        database.execute("CREATE TABLE ballast AS SELECT zeroblob(10000000) AS content")
        database.execute("DROP TABLE ballast")
    large = (tmp_path / "prefect" / "prefect.db").stat().st_size
    reported(environment | {"MERGE_HUB_CONFIG_DIR": str(tmp_path / "config")})
    files = {file.name: file.stat().st_size for file in (tmp_path / "prefect").glob("prefect.db*")}

    assert counted(tmp_path) == before
    assert (list(files), files["prefect.db"] < 3_000_000 < large) == (["prefect.db"], True)


def reported(environment: dict[str, str]) -> None:
    subprocess.run([MERGE_HUB, "metrics"], env=environment, capture_output=True, check=True, timeout=120)


@contextmanager
def database_in(home: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database, database:
        yield database


def counted(home: Path) -> dict[str, int]:
    kinds = ("flow_run", "task_run", "flow_run_state", "task_run_state", "artifact", "artifact_collection")
    with database_in(home) as database:
        return {kind: database.execute(f"SELECT count(*) FROM {kind}").fetchone()[0] for kind in kinds}  # noqa: S608 -- names of ours


def make_old(database: sqlite3.Connection) -> None:
    """Prefect forgets nothing that is younger than an hour."""
    for table, column in (("flow_run", "created"), ("flow_run", "end_time"), ("events", "occurred")):
        database.execute(f"UPDATE {table} SET {column} = datetime({column}, '-1 day') || '.000000'")  # noqa: S608 -- see above
