"""Commit statuses, check runs and suites."""

from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import CheckRun, CheckSuite, Json, Status

from .accounts import integration, simple_user
from .commits import simple_commit
from .nodes import node_id
from .pulls import minimal_pull
from .repositories import html_url, minimal_repository, repository_url


def simple_status(host: Host, repository: HostedRepository, status: Status) -> Json:
    creator = simple_user(host, status.creator)
    return {
        "url": f"{repository_url(host, repository)}/statuses/{status.sha}",
        "avatar_url": creator["avatar_url"] if creator else None,
        "id": status.id,
        "node_id": node_id("SC", status.id),
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": status.created_at,
        "updated_at": status.created_at,
    }


def status_document(host: Host, repository: HostedRepository, status: Status) -> Json:
    return simple_status(host, repository, status) | {"creator": simple_user(host, status.creator)}


def check_run(host: Host, repository: HostedRepository, run: CheckRun) -> Json:
    url = f"{repository_url(host, repository)}/check-runs/{run.id}"
    page = f"{html_url(host, repository)}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.output.get("title"),
            "summary": run.output.get("summary"),
            "text": run.output.get("text"),
            "annotations_count": 0,
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite},
        "app": integration(host),
        "pull_requests": _pulls(host, repository, run.head_sha),
    }


def check_suite(
    host: Host,
    repository: HostedRepository,
    suite: CheckSuite,
    *,
    outcome: tuple[str, str | None],
    runs: list[CheckRun],
) -> Json:
    url = f"{repository_url(host, repository)}/check-suites/{suite.id}"
    branch = next((name for name, oid in repository.heads.items() if oid == suite.head_sha), None)
    return {
        "id": suite.id,
        "node_id": node_id("CS", suite.id),
        "head_branch": branch,
        "head_sha": suite.head_sha,
        "status": outcome[0],
        "conclusion": outcome[1],
        "url": url,
        "before": None,
        "after": suite.head_sha,
        "pull_requests": _pulls(host, repository, suite.head_sha),
        "app": integration(host),
        "repository": minimal_repository(host, repository),
        "created_at": suite.created_at,
        "updated_at": suite.created_at,
        "head_commit": simple_commit(repository.git.graph[suite.head_sha]),
        "latest_check_runs_count": len(runs),
        "check_runs_url": f"{url}/check-runs",
    }


def _pulls(host: Host, repository: HostedRepository, sha: str) -> list[Json]:
    return [
        minimal_pull(host, repository, issue)
        for issue in list(repository.open_pulls.values())
        if issue.pull and issue.pull.head_sha == sha
    ]
