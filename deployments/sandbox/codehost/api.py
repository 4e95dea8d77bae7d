"""
From an HTTP request to a handler and back: who asks, may they still, is what they have still fresh.

A handler runs in a thread and, when its path names a repository, under that repository's lock: requests to one
repository happen one after the other, to different repositories side by side.
"""

import hashlib
import json
import re
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from .authentication import authenticate, token_in
from .body import Body
from .call import Call, Listing, Reply
from .errors import NotFound, NotImplementedHere, Refusal, forbidden
from .grants import demand, grant_of
from .host import Host
from .hosted import HostedRepository
from .model import Account
from .paging import page
from .rest import routes

BY_ID = re.compile(r"^/repositories/(\d+)(/.*)?$")
OF_REPOSITORY = re.compile(r"^/repos/([^/]+)/([^/]+)")
JSON_TYPE = "application/json; charset=utf-8"


class RestApi:
    def __init__(self, host: Host) -> None:
        self.host = host

    async def endpoint(self, request: Request) -> Response:
        raw = await request.body()
        return await run_in_threadpool(self.answer, request, raw)

    def answer(self, request: Request, raw: bytes) -> Response:
        path = "/" + request.path_params.get("path", "").strip("/")
        resource = "search" if path.startswith("/search/") else "core"
        login = "anonymous"
        try:
            viewer = authenticate(self.host, request.headers.get("authorization"))
            login = request.scope["state"]["login"] = viewer.login
            if path != "/rate_limit" and self.host.limits.exhausted(login, resource):
                raise forbidden(f"API rate limit exceeded for {login}.")
            reply = self._reply(request, raw, path, viewer)
            response = self._respond(request, reply)
        except Refusal as refusal:
            response = _response(refusal.document(), refusal.status, refusal.headers)
        if response.status_code != 304 and path != "/rate_limit":  # noqa: PLR2004 - a fresh answer costs nothing
            self.host.limits.count(login, resource)
        response.headers.update(self.host.limits.headers(login, resource))
        response.headers["x-github-media-type"] = "github.v3; format=json"
        response.headers["x-github-api-version-selected"] = "2022-11-28"
        return response

    def _reply(self, request: Request, raw: bytes, path: str, viewer: Account) -> Reply:
        path = self._by_name(path)
        method = "GET" if request.method == "HEAD" else request.method
        found = routes.find(method, path)
        if found is None:
            raise NotImplementedHere(request.method, path)
        handler, parameters = found
        demand(
            grant_of(self.host, token_in(request.headers.get("authorization"))), method, path, self._repository(path)
        )
        call = Call(
            host=self.host,
            viewer=viewer,
            method=method,
            path=path,
            parameters=parameters,
            query=dict(request.query_params),
            headers=request.headers,
            body=Body.parse(raw),
        )
        with self._lock(path):
            answer = handler(call)
            if isinstance(answer, Listing):
                return page(answer, str(request.url.replace(query="")), call.query)
            return answer

    def _by_name(self, path: str) -> str:
        match = BY_ID.match(path)
        if match is None:
            return path
        repository = self.host.repositories.get(int(match[1]))
        if repository is None:
            raise NotFound
        return f"/repos/{repository.full_name}{match[2] or ''}"

    def _lock(self, path: str) -> AbstractContextManager[Any]:
        repository = self._repository(path)
        return repository.lock if repository else nullcontext()

    def _repository(self, path: str) -> HostedRepository | None:
        match = OF_REPOSITORY.match(path)
        return self.host.repository(unquote(match[1]), unquote(match[2])) if match else None

    @staticmethod
    def _respond(request: Request, reply: Reply) -> Response:
        response = _response(reply.payload, reply.status, dict(reply.headers))
        if request.method in {"GET", "HEAD"} and reply.status == 200:  # noqa: PLR2004 - only what was found has a tag
            tag = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()}"'
            known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
            if tag.removeprefix("W/") in known:
                response = Response(status_code=304)
            response.headers["etag"] = tag
            response.headers["cache-control"] = "private, max-age=60, s-maxage=60"
        return response


def _response(payload: Any, status: int, headers: dict[str, str]) -> Response:
    if payload is None:
        return Response(status_code=status, headers=headers)
    content = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status_code=status, headers=headers, media_type=JSON_TYPE)
