"""Commit statuses, check runs and their suites."""

from deployments.sandbox.codehost.body import Body
from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.checks import (
    STATES,
    SUITE_STATES,
    combined_state,
    latest_statuses,
    suite_outcome,
    suite_runs,
)
from deployments.sandbox.codehost.clock import now
from deployments.sandbox.codehost.errors import Invalid, NotFound
from deployments.sandbox.codehost.host import Happening
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import CheckRun, CheckSuite, Status
from deployments.sandbox.codehost.render.checks import check_run, check_suite, simple_status, status_document
from deployments.sandbox.codehost.render.repositories import minimal_repository, repository_url
from deployments.sandbox.codehost.router import Routes

routes = Routes()
COMMIT = "/repos/{owner}/{repo}/commits/{ref:path}"
RUNS = "/repos/{owner}/{repo}/check-runs"
CONCLUSIONS = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "stale",
    "timed_out",
)


@routes.post("/repos/{owner}/{repo}/statuses/{sha}")
def create_status(call: Call) -> Reply:
    repository = call.repository("write")
    commit = call.commit(repository, call.parameters["sha"])
    record = Status.model_validate(
        {
            "id": call.host.store.new_id(),
            "repository": repository.id,
            "sha": commit.oid,
            "state": call.body.one_of("state", STATES),
            "context": call.body.optional_text("context") or "default",
            "description": call.body.optional_text("description"),
            "target_url": call.body.optional_text("target_url"),
            "creator": call.viewer.login,
            "created_at": now(),
        }
    )
    repository.add(record)
    detail = {"sha": commit.oid, "state": record.state, "context": record.context}
    call.host.announce(Happening(repository, "status", None, call.viewer.login, detail=detail))
    return Reply(status_document(call.host, repository, record), 201)


@routes.get(COMMIT + "/statuses")
@routes.get("/repos/{owner}/{repo}/statuses/{ref:path}")
def list_statuses(call: Call) -> Listing:
    repository = call.repository()
    commit = call.commit(repository, call.parameters["ref"])
    found = list(reversed(repository.statuses.get(commit.oid, [])))
    return Listing(found, lambda record: status_document(call.host, repository, record))


@routes.get(COMMIT + "/status")
def show_combined(call: Call) -> Reply:
    repository = call.repository()
    commit = call.commit(repository, call.parameters["ref"])
    latest = latest_statuses(repository, commit.oid)
    url = repository_url(call.host, repository)
    return Reply(
        {
            "state": combined_state(latest),
            "statuses": [simple_status(call.host, repository, record) for record in latest],
            "sha": commit.oid,
            "total_count": len(latest),
            "repository": minimal_repository(call.host, repository),
            "commit_url": f"{url}/commits/{commit.oid}",
            "url": f"{url}/commits/{commit.oid}/status",
        }
    )


@routes.post(RUNS)
def create_run(call: Call) -> Reply:
    repository = call.repository("write")
    name = call.body.text("name", resource="CheckRun")
    commit = call.commit(repository, call.body.text("head_sha", resource="CheckRun"))
    suite = repository.suites.get(commit.oid)
    if suite is None:
        suite = CheckSuite(id=call.host.store.new_id(), repository=repository.id, head_sha=commit.oid, created_at=now())
        repository.add(suite)
    run = CheckRun(
        id=call.host.store.new_id(),
        repository=repository.id,
        suite=suite.id,
        head_sha=commit.oid,
        name=name,
        started_at=now(),
    )
    _change(call, run)
    repository.add(run)
    return _shown(call, repository, run, 201)


@routes.get(RUNS + "/{check_run_id}")
def show_run(call: Call) -> Reply:
    repository = call.repository()
    return Reply(check_run(call.host, repository, _run(call, repository)))


@routes.patch(RUNS + "/{check_run_id}")
def update_run(call: Call) -> Reply:
    repository = call.repository("write")
    run = _run(call, repository)
    _change(call, run)
    repository.save(run)
    return _shown(call, repository, run, 200)


def _change(call: Call, run: CheckRun) -> None:
    body = call.body
    run.name = body.optional_text("name") or run.name
    conclusion = body.one_of("conclusion", CONCLUSIONS) if body.raw("conclusion") else None
    status = body.one_of("status", SUITE_STATES, default="completed" if conclusion else run.status)
    if status == "completed" and not (conclusion or run.conclusion):
        raise Invalid(message="Invalid request.\n\nA completed check run needs a conclusion.")
    run.status = status
    run.conclusion = (conclusion or run.conclusion) if status == "completed" else None
    run.details_url = body.optional_text("details_url", run.details_url)
    run.external_id = body.optional_text("external_id", run.external_id) or ""
    run.started_at = body.moment("started_at", run.started_at)
    if status == "completed":
        run.completed_at = body.moment("completed_at", run.completed_at) or now()
    output = Body(body.mapping("output"))
    if output.fields:
        run.output = {key: output.optional_text(key) for key in ("title", "summary", "text")}


def _shown(call: Call, repository: HostedRepository, run: CheckRun, status: int) -> Reply:
    document = check_run(call.host, repository, run)
    action = "completed" if run.status == "completed" else "created"
    call.host.announce(Happening(repository, "check_run", action, call.viewer.login, detail={"check_run": document}))
    return Reply(document, status)


def _run(call: Call, repository: HostedRepository) -> CheckRun:
    found = repository.runs.get(call.number("check_run_id"))
    if found is None:
        raise NotFound
    return found


@routes.get(COMMIT + "/check-runs")
def list_runs(call: Call) -> Listing:
    """`filter=latest`, the default, keeps the newest run of each name."""
    repository = call.repository()
    commit = call.commit(repository, call.parameters["ref"])
    runs = [run for run in list(repository.runs.values()) if run.head_sha == commit.oid]
    if call.query.get("filter", "latest") == "latest":
        runs = list({run.name: run for run in runs}.values())
    name, status = call.query.get("check_name"), call.query.get("status")
    runs = [run for run in runs if name in {None, run.name} and status in {None, run.status}]
    return Listing(runs[::-1], lambda run: check_run(call.host, repository, run), envelope="check_runs")


@routes.get(COMMIT + "/check-suites")
def list_suites(call: Call) -> Listing:
    repository = call.repository()
    suite = repository.suites.get(call.commit(repository, call.parameters["ref"]).oid)
    return Listing(
        [suite] if suite else [],
        lambda one: check_suite(
            call.host, repository, one, outcome=suite_outcome(repository, one), runs=suite_runs(repository, one)
        ),
        envelope="check_suites",
    )
