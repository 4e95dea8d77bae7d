"""
Prefect's own server, where nobody has set one up: started beside a command, on loopback, and gone when that is gone.

The one that Prefect starts by itself outlives a command that is killed, and holds on to its output. This one writes to
a file, and ends when the pipe to the command breaks, however that came about. It is started before Prefect is imported
here, so that both are ready at the same time.
"""

import atexit
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tasks.domain.errors import MergeHubError

READY_WITHIN_SECONDS = 120
_STOPS_WITHIN_SECONDS = 10
_PROGRAM = "deployments.embedded_prefect"
_LOG = "server.log"
_HANDED = frozenset({"DO_NOT_TRACK", "HOME", "LANG", "PATH", "SSL_CERT_FILE", "TMPDIR", "TZ", "VIRTUAL_ENV"})
_HANDED_ALL = ("LC_", "LD_", "PREFECT_", "PYTHON")
_LONGEST_LOG = 1_000_000
"""Bytes after which the log is begun anew."""


class PrefectNotReady(MergeHubError):
    code = "prefect-not-ready"


def _environment(environ: Mapping[str, str], auth_string: str | None) -> dict[str, str]:
    kept = {name: value for name, value in environ.items() if name in _HANDED or name.startswith(_HANDED_ALL)}
    return kept if auth_string is None else {**kept, "PREFECT_SERVER_API_AUTH_STRING": auth_string}


class PrefectServer:
    """Ends with this process at the latest, after Prefect itself has said its last."""

    def __init__(self, home: Path, keep_runs: int, *, auth_string: str | None = None) -> None:
        """
        `home` keeps the log, and the database, in which all but the latest `keep_runs` runs are forgotten.

        With `auth_string`, as Prefect calls it, the server answers nobody else. It is handed nothing of the environment
        but what Prefect and Python read.
        """
        self._log = home / _LOG
        long = self._log.exists() and self._log.stat().st_size > _LONGEST_LOG
        with socket.create_server(("127.0.0.1", 0)) as listening, self._log.open("wb" if long else "ab") as log:
            self.api_url = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
            self._process = subprocess.Popen(  # noqa: S603 -- our own program
                [sys.executable, "-m", _PROGRAM, str(listening.fileno()), str(home), str(keep_runs)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[listening.fileno()],
                env=_environment(os.environ, auth_string),
                start_new_session=True,
            )
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Raises PrefectNotReady."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PrefectNotReady(
                    "Prefect's own server did not start",
                    remedy=f"Read the end of {self._log}, or set PREFECT_API_URL to a server that runs.",
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Returns when it is gone; does nothing the second time."""
        with self._process as process:
            process.terminate()
            try:
                process.wait(_STOPS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.api_url}/health", timeout=READY_WITHIN_SECONDS):  # noqa: S310
                return True
        except (urllib.error.URLError, OSError):
            return False
