"""
How Prefect is set up where nobody set it up: its own embedded server on SQLite, nothing sent to anybody.

To be called before Prefect is imported. What the environment says already stays as it is.
"""

import os
from pathlib import Path


def prepare(home: Path, state: Path) -> None:
    """`home` keeps Prefect's database from run to run, `state` the results of gates."""
    defaults = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_HOME": str(home.absolute() / "prefect"),
        "PREFECT_LOCAL_STORAGE_PATH": str(state.absolute() / "results"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # A gate that fails is a result here; the run's own log in the Prefect UI still has every line.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        # Without batches the server shows a run's tasks half a minute late. It counts whole seconds: with less than one
        # it never sleeps.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    # Prefect does not make the directories above its own.
    Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)
