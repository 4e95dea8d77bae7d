"""
How Prefect is set up where nobody set it up: its own embedded server on SQLite, nothing sent to anybody.

To be called before Prefect is imported. What the environment says already stays as it is, and who has set up Prefect
there, by an address, a home or a profile, gets what they set up.
"""

import gc
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.schema.organization import Execution
from deployments.embedded_prefect.process import PrefectServer
from tasks.domain.errors import HomeUnusable
from tasks.redaction import keep_secret

KEEP_RUNS = Execution().keep_runs
"""As configuration has it where nothing is said of it."""
_SET_UP_BY = ("PREFECT_API_URL", "PREFECT_HOME", "PREFECT_PROFILE")
_STARTED: list[PrefectServer] = []
"""The one of this process, if it has started one."""


def prepare(home: Path, keep_runs: int = KEEP_RUNS) -> None:
    """
    `home` keeps Prefect's database from run to run, with what it knows of the latest `keep_runs`.

    Starts Prefect's server without waiting for it; does nothing the second time. Raises HomeUnusable.
    """
    ours = not any(os.environ.get(name) for name in _SET_UP_BY)
    defaults = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_HOME": str(home.absolute() / "prefect"),
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # A gate that fails is a result here; the run's own log in the Prefect UI still has every line.
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
        # Those that are used are told of when they are used.
        "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
        # A server that ends with the run has no automations that could be triggered.
        "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
        # Without batches the server shows a run's tasks half a minute late. It counts whole seconds: with less than one
        # it never sleeps.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    with keeping_in(own := Path(os.environ["PREFECT_HOME"])):
        # Prefect does not make the directories above its own.
        own.mkdir(parents=True, exist_ok=True)
        if ours:
            # Gates reach it as well as we do, and whoever it answers can start flows and read blocks.
            known = os.environ.setdefault("PREFECT_API_AUTH_STRING", f"merge-hub:{secrets.token_urlsafe(24)}")
            keep_secret("Prefect's own server", known, known.partition(":")[2])
            _STARTED.append(PrefectServer(own, keep_runs, auth_string=known))
            os.environ["PREFECT_API_URL"] = _STARTED[-1].api_url


@contextmanager
def keeping_in(directory: Path) -> Iterator[None]:
    """Raises HomeUnusable where something that is to be kept in `directory` cannot be."""
    try:
        yield
    except OSError as error:
        raise HomeUnusable(
            f"nothing can be kept in {directory}: {error.strerror}",
            remedy="Make room or grant write access there, or set MERGE_HUB_HOME to a place that has both.",
        ) from error


@contextmanager
def without_heartbeat() -> Iterator[None]:
    """
    Where the server is this process's own: it ends with the process, so nobody would miss the heartbeat of a run.

    Prefect makes each flow wait up to a second at its end for the thread that beats.
    """
    if not _STARTED:
        yield
        return
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings  # noqa: PLC0415 -- see above

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


def server_process() -> int | None:
    """The process id of the server that was started, if any."""
    return _STARTED[-1].pid if _STARTED else None


def wait_until_ready() -> None:
    """
    Returns when the server that was started answers. Raises PrefectNotReady.

    To be called when all is imported: what is loaded by now stays, so that the garbage collector need not go over it
    again and again, which was a quarter of a run's time.
    """
    for server in _STARTED:
        server.wait_until_ready()
    gc.freeze()
