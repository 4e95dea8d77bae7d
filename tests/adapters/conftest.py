"""Servers that adapters speak to."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing

import pytest


@pytest.fixture
def bao() -> Iterator[str]:
    """OpenBao's own server, which `make test-long` installs from tests/servers.lock (75 MB)."""
    program = os.environ.get("BAO") or shutil.which("bao")
    if program is None:
        pytest.skip("there is no `bao` on the PATH")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [program, "server", "-dev", "-dev-root-token-id=root-of-bao", f"-dev-listen-address={address}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not _answers(address):
            time.sleep(0.05)
        yield f"http://{address}"
        process.kill()


def _answers(address: str) -> bool:
    host, _, port = address.partition(":")
    with closing(socket.socket()) as probe:
        return probe.connect_ex((host, int(port))) == 0
