"""
Git over HTTP: `git http-backend` behind GitHub's authentication.

Any user name goes with a token as password. Reading needs read access, pushing needs write access; what protects a
branch is handed to the repository's `update` hook, which sees each reference as git would move it.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from .authentication import account_of_token, basic_password, token_in
from .errors import Refusal
from .git.process import GIT, git_environment
from .grants import grant_of
from .host import Host
from .hosted import HostedRepository
from .model import Account
from .protection import demands_on
from .sync import synchronise

CHUNK = 1 << 16
CHALLENGE = {"www-authenticate": 'Basic realm="GitHub"'}


class DuplexResponse(StreamingResponse):
    """
    Leaves the request's stream alone.

    Starlette's own class reads it to hear of a disconnect, but git answers while it is still being told.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await self.stream_response(send)


class SmartHttp:
    def __init__(self, host: Host) -> None:
        self.host = host

    def routes(self) -> list[BaseRoute]:
        paths = {"info/refs": "GET", "git-upload-pack": "POST", "git-receive-pack": "POST"}
        return [Route(f"/{{owner}}/{{name}}.git/{path}", self.endpoint, methods=[m]) for path, m in paths.items()]

    async def endpoint(self, request: Request) -> Response:
        try:
            account = self._authenticate(request)
        except Refusal as refusal:
            return Response(refusal.message, 401, headers=CHALLENGE, media_type="text/plain")
        request.scope["state"]["login"] = account.login
        owner, name = request.path_params["owner"], request.path_params["name"]
        repository = self.host.repository(owner, name)
        moved = self.host.renamed(owner, name) if repository is None else None
        if moved is not None:
            target = str(request.url).replace(f"/{owner}/{name}.git/", f"/{moved.full_name}.git/", 1)
            return RedirectResponse(target, 301)
        if repository is None or not self.host.may(account, repository, "read"):
            return Response("Repository not found.", 404, media_type="text/plain")
        grant = grant_of(self.host, token_in(request.headers.get("authorization")))
        if grant is not None and not grant.sees(repository):
            return Response("Repository not found.", 404, media_type="text/plain")
        pushes = "git-receive-pack" in (request.url.path.rsplit("/", 1)[-1], request.query_params.get("service"))
        if grant is None:
            granted = True
        elif pushes:
            granted = grant.covers(repository) and grant.allows("contents", "write")
        else:
            granted = grant.reads("contents", repository)
        denied = pushes and (not self.host.may(account, repository, "write") or repository.record.archived)
        if denied or not granted:
            message = f"Permission to {repository.full_name}.git denied to {account.login}."
            return Response(message, 403, media_type="text/plain")
        return await self._serve(request, repository, account, pushes=pushes)

    def _authenticate(self, request: Request) -> Account:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                return account_of_token(self.host, basic_password(credentials))
            case "bearer" | "token":
                return account_of_token(self.host, credentials)
            case _:
                raise Refusal(401, "Authentication required")

    async def _serve(
        self, request: Request, repository: HostedRepository, account: Account, *, pushes: bool
    ) -> Response:
        if pushes:
            await run_in_threadpool(synchronise, self.host, repository)
        process = await asyncio.create_subprocess_exec(
            GIT,
            "http-backend",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._environment(request, repository, account),
        )
        feeding = asyncio.create_task(_feed(request, process))
        status, headers = await _read_headers(process)

        async def body() -> AsyncIterator[bytes]:
            try:
                while chunk := await _output(process).read(CHUNK):
                    yield chunk
                await feeding
                await process.wait()
                if pushes and request.method == "POST":
                    await run_in_threadpool(synchronise, self.host, repository)
            finally:
                feeding.cancel()
                if process.returncode is None:
                    process.kill()
                    await process.wait()

        return DuplexResponse(body(), status, headers)

    def _environment(self, request: Request, repository: HostedRepository, account: Account) -> dict[str, str]:
        service = request.url.path.split(".git/", 1)[1]
        client = request.client
        told = {
            "GIT_PROJECT_ROOT": str(self.host.settings.git_root.absolute()),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{repository.full_name}.git/{service}",
            "REQUEST_METHOD": request.method,
            "QUERY_STRING": request.url.query,
            "REMOTE_USER": account.login,
            "REMOTE_ADDR": client.host if client else "127.0.0.1",
            "CODEHOST_PUSHER": account.login,
            "CODEHOST_RULES": self._rules(repository, account),
        }
        carried = {
            "CONTENT_TYPE": "content-type",
            "CONTENT_LENGTH": "content-length",
            "HTTP_CONTENT_ENCODING": "content-encoding",
            "GIT_PROTOCOL": "git-protocol",
        }
        given = {name: request.headers[header] for name, header in carried.items() if header in request.headers}
        return git_environment() | told | given

    def _rules(self, repository: HostedRepository, account: Account) -> str:
        """One line a branch: what this pusher may not do to it."""
        lines = []
        for branch in repository.heads.keys() | repository.record.protections.keys():
            demands = demands_on(self.host, repository, branch, account)
            rules = {
                "no-push": demands.pushers is not None and account.login.lower() not in demands.pushers,
                "no-direct": demands.pull_request,
                "no-force": demands.forbid_force,
                "no-delete": demands.forbid_deletion,
            }
            lines.append(" ".join([branch, *(name for name, holds in rules.items() if holds)]))
        return "\n".join(lines)


async def _feed(request: Request, process: asyncio.subprocess.Process) -> None:
    stdin = process.stdin
    if stdin is None:
        return
    try:
        async for chunk in request.stream():
            stdin.write(chunk)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError, ClientDisconnect):
        pass
    finally:
        stdin.close()


async def _read_headers(process: asyncio.subprocess.Process) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := (await _output(process).readline()).strip():
        name, _, value = line.decode().partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers[name.lower()] = value.strip()
    return status, headers


def _output(process: asyncio.subprocess.Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise RuntimeError("git http-backend runs without a pipe")
    return process.stdout


def write_address(host: Host) -> None:
    """For the hook that runs after a push over `file://`."""
    address = urlsplit(host.settings.public_url)
    path = host.settings.data / "address"
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(f"{address.hostname} {address.port}\n")
    draft.replace(path)
