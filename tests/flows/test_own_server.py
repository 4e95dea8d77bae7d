"""A command on Prefect's own server, which it starts and which ends with it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

MERGE_HUB = str(Path(sys.executable).parent / "merge-hub")


@pytest.mark.long
def test_nobody_waits_for_heartbeats_that_nobody_would_miss(tmp_path: Path) -> None:
    elsewhere = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment = {**elsewhere, "MERGE_HUB_HOME": str(tmp_path)}
    subprocess.run([MERGE_HUB, "metrics"], env=environment, capture_output=True, check=True, timeout=120)
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as database:
        told = {event for (event,) in database.execute("SELECT DISTINCT event FROM events")}

    assert ("prefect.flow-run.Completed" in told, "prefect.flow-run.heartbeat" in told) == (True, False)
