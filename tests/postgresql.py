"""
A real PostgreSQL server on loopback, which `make test-long` installs from tests/servers.lock (11 MB).

It refuses to run as root; who is root lets `nobody` run it, from a copy where that account may not read the original.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

_NOBODY = 65534
_SETTINGS = ("fsync=on", "autovacuum=off", "max_connections=60", "shared_buffers=16MB")


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`; None where there are none."""
    if named := os.environ.get("POSTGRESQL"):
        return Path(named) if Path(named, "postgres").exists() else None
    found = shutil.which("postgres")
    return None if found is None else Path(found).resolve().parent


@dataclass
class Server:
    folder: Path
    programs: Path
    port: int
    made: int = 0
    _process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    def database(self, name: str | None = None) -> str:
        """The address of a new, empty one."""
        self.made += 1
        name = name or f"log_{os.getpid()}_{self.made}"
        with closing(self.connect("postgres")) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.address(name)

    def address(self, name: str) -> str:
        return f"postgresql://hub:hunter2-of-hub@127.0.0.1:{self.port}/{name}"

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """As the superuser: what may be done by hand at a log."""
        name = make_url(database).database if "://" in database else database
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="hub", password="hunter2-of-hub", dbname=name, autocommit=True
        )

    def start(self, *settings: str) -> None:
        chosen = [each for setting in (*_SETTINGS, *settings) for each in ("-c", setting)]
        where = ["-D", str(self.folder / "data"), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        self._process = _begin([str(self.programs / "postgres"), *where, *chosen], self.folder)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        said = (self.folder / "log").read_text(errors="replace")
        raise AssertionError(f"PostgreSQL does not answer: {said}")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT is the end without a goodbye: what was not committed is gone, and recovery follows."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None


@contextmanager
def server(programs: Path, port: int) -> Iterator[Server]:
    # Not below pytest's own folder, which only its account may enter.
    with tempfile.TemporaryDirectory(prefix="merge-hub-postgresql-") as made:
        folder = Path(made)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, -1)
            if not _may_be_read_by_all(programs):
                root = shutil.copytree(programs.parent.parent, folder / "copied", symlinks=True)
                programs = root / programs.parent.name / programs.name
        (folder / "password").write_text("hunter2-of-hub\n")
        initdb = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "hub", "-A", "scram-sha-256"]
        made_ready = _begin([*initdb, "-E", "UTF8", "--locale=C", f"--pwfile={folder / 'password'}"], folder)
        assert made_ready.wait(timeout=120) == 0, (folder / "log").read_text(errors="replace")
        running = Server(folder, programs, port)
        running.start()
        try:
            yield running
        finally:
            running.stop()


def _begin(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    other: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY, "extra_groups": ()} if os.geteuid() == 0 else {}
    with (folder / "log").open("ab") as log:
        begun: subprocess.Popen[bytes] = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **other)
    return begun


def _may_be_read_by_all(program: Path) -> bool:
    return all(each.stat().st_mode & 0o005 == 0o005 for each in (program, *program.parents))
