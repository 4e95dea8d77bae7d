"""
All servers of the sandbox as one program.

It says in one line on standard output when everything answers, and leaves nothing behind but a `--data` directory.

Everything runs on the main thread's event loop, and stopping is cancelling its one task: each server is a context that
undoes itself, however far the start had come.
"""

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from deployments.sandbox.chat import Chat
from deployments.sandbox.codehost import CodeHostSettings, create_app
from deployments.sandbox.environment import environment, exports
from deployments.sandbox.mailbox import Mailbox
from deployments.sandbox.object_store import ObjectStore, running_object_store
from deployments.sandbox.options import Options, Seed
from deployments.sandbox.s3_request import REGION
from deployments.sandbox.seed import plant

LOOPBACK = "127.0.0.1"
AUDIT_BUCKET = "acmecorp-audit-logs"
CONFIGURATION = Path(__file__).parent / "config"
"""AcmeCorp's."""


class SandboxError(Exception):
    """The sandbox cannot be started as asked; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """What is printed when everything answers; `s3_url` is None without an object store."""

    ready: bool
    api_url: str
    git_url: str
    s3_url: str | None
    smtp: str
    slack_url: str


class Servers:
    """The servers of one sandbox; `start` registers how each is undone on the `stack` it is given."""

    def __init__(self, options: Options, data: Path) -> None:
        self._options = options
        self._data = data
        self._mailbox = Mailbox()
        self._chat = Chat()
        self._store: ObjectStore | None = None
        self._smtp = ""

    async def start(self, stack: AsyncExitStack) -> ReadyLine:
        listener = stack.enter_context(_listener(self._options.port))
        settings = self._settings(f"http://{LOOPBACK}:{listener.getsockname()[1]}")
        smtp = await self._mailbox.listen()
        stack.callback(smtp.close)
        self._smtp = f"{LOOPBACK}:{smtp.sockets[0].getsockname()[1]}"
        await stack.enter_async_context(_http_server(create_app(settings), listener))
        async with asyncio.TaskGroup() as starting:
            if self._options.object_store:
                starting.create_task(self._start_object_store(stack))
            if self._options.seed is Seed.ACME:
                starting.create_task(plant(settings.api_url, self._data))
        return self._ready_line(settings)

    def exports(self, ready: ReadyLine) -> str:
        """With a home of its own: what was learnt of one sandbox is wrong of the next."""
        variables = {**environment(ready, self._s3_state()), "MERGE_HUB_HOME": str(self._data / "merge-hub")}
        if self._options.seed is Seed.ACME:
            variables["MERGE_HUB_CONFIG_DIR"] = str(CONFIGURATION)
        return exports(variables)

    async def _start_object_store(self, stack: AsyncExitStack) -> None:
        directory = self._data / "object-store"
        self._store = await stack.enter_async_context(running_object_store(directory, bucket=AUDIT_BUCKET))

    def _settings(self, public_url: str) -> CodeHostSettings:
        return CodeHostSettings(
            data=self._data,
            public_url=public_url,
            smart_http=self._options.smart_http,
            extra_routes=(*self._mailbox.routes(), *self._chat.routes()),
            extra_state=self._state,
        )

    def _state(self) -> dict[str, object]:
        return {"data": str(self._data), "seed": self._options.seed, "smtp": self._smtp, "s3": self._s3_state()}

    def _s3_state(self) -> dict[str, str] | None:
        if self._store is None:
            return None
        return {
            "endpoint_url": self._store.url,
            "access_key_id": self._store.credentials.access_key,
            "secret_access_key": self._store.credentials.secret_key,
            "region": REGION,
            "bucket": AUDIT_BUCKET,
        }

    def _ready_line(self, settings: CodeHostSettings) -> ReadyLine:
        over_http = f"{settings.public_url}/{{repository}}.git"
        return ReadyLine(
            ready=True,
            api_url=settings.api_url,
            git_url=over_http if settings.smart_http else f"file://{settings.git_root}/{{repository}}.git",
            s3_url=None if self._store is None else self._store.url,
            smtp=self._smtp,
            slack_url=f"{settings.public_url}/slack/enterprise",
        )


async def serve(options: Options) -> None:
    """Runs until SIGINT or SIGTERM (or the end of standard input, if so told)."""
    _cancel_when_told(options)
    with suppress(asyncio.CancelledError), _data_directory(options.data) as data:
        async with AsyncExitStack() as stack:
            servers = Servers(options, data)
            ready = await servers.start(stack)
            if options.env is not None:
                _write(options.env, servers.exports(ready))
            print(json.dumps(asdict(ready)), flush=True)  # noqa: T201 -- the contract of this program
            await asyncio.Event().wait()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"{path} cannot be written: {error.strerror}; give another --env") from error


def _cancel_when_told(options: Options) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def stop() -> None:
        # A second cancellation would interrupt the undoing of the first.
        if task is not None and not task.cancelling():
            task.cancel()

    def stop_at_eof() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    if options.stop_at_eof:
        loop.add_reader(sys.stdin.fileno(), stop_at_eof)


@contextmanager
def _data_directory(given: Path | None) -> Iterator[Path]:
    if given is None:
        with tempfile.TemporaryDirectory(prefix="merge-hub-sandbox-", ignore_cleanup_errors=True) as directory:
            yield Path(directory).resolve()
        return
    given.mkdir(parents=True, exist_ok=True)
    with (given / "sandbox.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SandboxError(f"another sandbox is running on {given}: stop it, or give another --data") from error
        yield given.resolve()


@contextmanager
def _listener(port: int) -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError as error:
            raise SandboxError(
                f"port {port} cannot be had: {error.strerror}; leave out --port for a free one"
            ) from error
        yield listener


class _HttpServer(uvicorn.Server):
    """Leaves signals to `serve`, which uvicorn would take for itself, and tells when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _http_server(application: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(
        application, log_config=None, access_log=False, timeout_graceful_shutdown=1, timeout_keep_alive=30
    )
    server = _HttpServer(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.answers.wait()
        yield
    finally:
        server.should_exit = True
        await running
