"""
The sandbox's S3: SeaweedFS with an S3 gateway and a real Object Lock, on loopback, with credentials of its own.

SeaweedFS puts a gRPC port at each port + 10000, so ports come in pairs, picked below the system's ephemeral range; who
loses a race for one exits, and is started again with others. It is stopped by SIGKILL: SIGTERM drains for 20 s, and
acknowledged writes survive either.
"""

import asyncio
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from deployments.sandbox.s3_request import Credentials, put_nothing

LOOPBACK = "127.0.0.1"
_GRPC_OFFSET = 10_000
_ATTEMPTS = 5
_READY_WITHIN_SECONDS = 60.0
_LEASH = Path(__file__).with_name("leash.py")
_ROLES = ("s3", "master", "volume", "filer")


class ObjectStoreError(Exception):
    """The object store could not be started; the sentence says where to look."""


@dataclass(frozen=True, slots=True)
class ObjectStore:
    url: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class _Ports:
    s3: int
    master: int
    volume: int
    filer: int


@asynccontextmanager
async def running_object_store(directory: Path, *, bucket: str | None = None) -> AsyncIterator[ObjectStore]:
    """
    Starts on what `directory` holds, with the same credentials. A new `bucket` has Object Lock enabled.

    To be entered on a thread that outlives it, see `leash`.
    """
    credentials = _credentials(directory)
    weeds = await _start(directory)
    try:
        store = ObjectStore(f"http://{LOOPBACK}:{weeds.ports.s3}", credentials)
        if bucket is not None:
            await asyncio.to_thread(_create_bucket, store, bucket)
        yield store
    finally:
        await weeds.kill()


def _credentials(directory: Path) -> Credentials:
    for name in ("master", "data"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    identities = directory / "identities.json"
    if not identities.exists():
        keys = {"accessKey": f"SANDBOX{secrets.token_hex(6).upper()}", "secretKey": secrets.token_urlsafe(30)}
        content = {"identities": [{"name": "sandbox", "credentials": [keys], "actions": ["Admin"]}]}
        identities.touch(mode=0o600)
        identities.write_text(json.dumps(content))
    keys = json.loads(identities.read_text())["identities"][0]["credentials"][0]
    return Credentials(keys["accessKey"], keys["secretKey"])


async def _start(directory: Path) -> "_Weeds":
    for _ in range(_ATTEMPTS):
        weeds = _Weeds(directory, _free_ports())
        try:
            async with asyncio.timeout(_READY_WITHIN_SECONDS):
                if await weeds.start():
                    return weeds
        except BaseException:
            await weeds.kill()
            raise
        await weeds.kill()
    raise ObjectStoreError(f"SeaweedFS exited {_ATTEMPTS} times; its log is {directory / 'weed.log'}")


class _Weeds:
    """
    SeaweedFS as two processes.

    The master comes first: a volume server that meets a master without leader sleeps for five seconds, and the one in
    the same process meets it so in every third start.
    """

    def __init__(self, directory: Path, ports: _Ports) -> None:
        self.ports = ports
        self._directory = directory
        self._processes: list[asyncio.subprocess.Process] = []

    async def start(self) -> bool:
        """Whether it came to accept objects; False if it exited, which it does where it loses a port to another."""
        await self._launch(*_master_arguments(self._directory, self.ports))
        if not await self._is_answered(self.ports.master, "/cluster/status", holding=b'"IsLeader":true'):
            return False
        await self._launch(*_server_arguments(self._directory, self.ports))
        # The gateway answers before there is a volume to write to; the master knows about volumes.
        return await self._is_answered(self.ports.master, "/dir/assign") and await self._is_answered(
            self.ports.s3, "/status"
        )

    async def kill(self) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
        _remove_sockets(self.ports)

    async def _launch(self, *arguments: str) -> None:
        command = [_weed(), "-logtostderr=true", *arguments, f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"]
        leashed = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *command]
        environment = {"HOME": str(self._directory), "PATH": os.defpath}
        with (self._directory / "weed.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *leashed, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self._processes.append(process)

    async def _is_answered(self, port: int, path: str, *, holding: bytes = b"") -> bool:
        while all(process.returncode is None for process in self._processes):
            answer = await asyncio.to_thread(_answer, port, path)
            if answer is not None and holding in answer:
                return True
            await asyncio.sleep(0.05)
        return False


def _master_arguments(directory: Path, ports: _Ports) -> list[str]:
    return [
        "master",
        f"-mdir={directory / 'master'}",
        f"-port={ports.master}",
        "-telemetry=false",
        # With the defaults a restart waits up to 20 s for an election among one.
        "-electionTimeout=500ms",
        "-heartbeatInterval=20ms",
        "-volumeSizeLimitMB=256",
    ]


def _server_arguments(directory: Path, ports: _Ports) -> list[str]:
    return [
        "server",
        "-master=false",
        f"-master.peers={LOOPBACK}:{ports.master}",
        f"-dir={directory / 'data'}",
        "-s3",
        f"-s3.config={directory / 'identities.json'}",
        f"-s3.port={ports.s3}",
        f"-volume.port={ports.volume}",
        f"-filer.port={ports.filer}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        # Every bucket grows seven volumes; of the default eight, a second bucket would find one left.
        "-volume.max=400",
    ]


def _weed() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise ObjectStoreError("the program `weed` is missing: install merge-hub with its extra `sandbox`")
    return found


def _free_ports() -> _Ports:
    found: set[int] = set()
    while len(found) < len(_ROLES):
        port = 10_500 + secrets.randbelow(_GRPC_OFFSET)
        if all(_is_free(candidate) for candidate in (port, port + _GRPC_OFFSET)):
            found.add(port)
    return _Ports(*found)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) != 0


def _answer(port: int, path: str) -> bytes | None:
    """None unless it is a success."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.read() if response.status == HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _create_bucket(store: ObjectStore, bucket: str) -> None:
    host = store.url.removeprefix("http://")
    status = put_nothing(host, f"/{bucket}", {"x-amz-bucket-object-lock-enabled": "true"}, store.credentials)
    if status not in {HTTPStatus.OK, HTTPStatus.CONFLICT}:
        raise ObjectStoreError(f"the bucket {bucket} could not be created: {status}")


def _remove_sockets(ports: _Ports) -> None:
    for role in _ROLES:
        port = getattr(ports, role)
        for name in (f"{role}-{port}", f"{role}-grpc-{port + _GRPC_OFFSET}"):
            Path(f"/tmp/seaweedfs-{name}.sock").unlink(missing_ok=True)  # noqa: S108 -- where SeaweedFS puts them
