"""The `/_sandbox` paths: what the world is, what went on, and what shall go wrong. None needs a token."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .body import Body
from .errors import NotFound, Refusal
from .faults import Faults
from .host import Host
from .hosted import HostedRepository
from .journal import Journal
from .model import Json
from .sync import synchronise
from .world import change_world, describe_world

Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    def __init__(self, host: Host, faults: Faults, journal: Journal) -> None:
        self.host = host
        self.faults = faults
        self.journal = journal

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Callable[[Body], Any], int]] = [
            ("POST", "/_sandbox/world", lambda body: change_world(self.host, body.fields), 200),
            ("GET", "/_sandbox/world", lambda _: describe_world(self.host), 200),
            ("GET", "/_sandbox/state", lambda _: self.state(), 200),
            ("POST", "/_sandbox/faults", lambda body: asdict(self.faults.add(body.fields)), 201),
            ("GET", "/_sandbox/faults", lambda _: [asdict(fault) for fault in self.faults.pending()], 200),
            ("DELETE", "/_sandbox/faults", lambda _: self.faults.clear(), 204),
            ("GET", "/_sandbox/requests", lambda _: self.journal.entries(), 200),
            ("DELETE", "/_sandbox/requests", lambda _: self.journal.clear(), 204),
        ]
        listed = [Route(path, _endpoint(handler, status), methods=[method]) for method, path, handler, status in table]
        pushed = Route("/_sandbox/pushed/{owner}/{name}", self.pushed, methods=["POST"])
        return [*listed, pushed]

    async def pushed(self, request: Request) -> Response:
        """Called by a repository's own hook, so that a push shows at once to those who wait for webhooks."""
        owner, name = request.path_params["owner"], request.path_params["name"]
        repository = self.host.repository(owner, name) or self.host.renamed(owner, name)
        if repository is not None:
            await run_in_threadpool(synchronise, self.host, repository)
        return Response(status_code=204 if repository else NotFound().status)

    def state(self) -> Json:
        repositories = [self._repository(one) for one in list(self.host.repositories.values())]
        return {
            "api_url": self.host.settings.api_url,
            "graphql_url": f"{self.host.settings.api_url}/graphql",
            "world": describe_world(self.host),
            "repositories": repositories,
            **self.host.settings.extra_state(),
        }

    def _repository(self, repository: HostedRepository) -> Json:
        synchronise(self.host, repository)
        pulls = [
            {
                "number": issue.number,
                "title": issue.title,
                "user": issue.user,
                "state": "merged" if issue.pull.merged_at else issue.state,
                "draft": issue.pull.draft,
                "head": {"ref": issue.pull.head_ref, "sha": issue.pull.head_sha},
                "base": {"ref": issue.pull.base_ref, "sha": issue.pull.base_sha},
                "labels": issue.labels,
                "merge_commit_sha": issue.pull.merge_commit_sha,
            }
            for issue in list(repository.issues.values())
            if issue.pull is not None
        ]
        return {
            "full_name": repository.full_name,
            "default_branch": repository.record.default_branch,
            "archived": repository.record.archived,
            "path": str(repository.git.directory),
            "branches": repository.heads,
            "pull_requests": pulls,
        }


def _endpoint(handler: Callable[[Body], Any], status: int) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        try:
            payload = await run_in_threadpool(lambda: handler(Body.parse(raw)))
        except Refusal as refusal:
            return JSONResponse(refusal.document(), refusal.status)
        return Response(status_code=status) if payload is None else JSONResponse(payload, status)

    return endpoint
