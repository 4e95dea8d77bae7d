"""Statuses, check runs, and their rollup on a commit."""

from typing import TYPE_CHECKING, Any

from deployments.sandbox.codehost.checks import (
    combined_state,
    latest_runs,
    latest_statuses,
    rollup,
    suite_outcome,
    suite_runs,
)
from deployments.sandbox.codehost.model import CheckRun, CheckSuite, Status
from deployments.sandbox.codehost.protection import demands_on
from deployments.sandbox.codehost.render.nodes import node_id, parse_node_id

from .connections import Connection, Window

if TYPE_CHECKING:
    from .git_objects import CommitObject


class StatusContextObject:
    typename = "StatusContext"

    def __init__(self, commit: "CommitObject", status: Status) -> None:
        self.commit = commit
        self.id = node_id("SC", status.id)
        self.context = status.context
        self.state = status.state.upper()
        self.description = status.description
        self.target_url = status.target_url
        self.created_at = status.created_at
        self._creator = status.creator

    @property
    def creator(self) -> Any:
        return self.commit.repository.context.actor(self._creator)

    def is_required(self, **pull: Any) -> bool:
        return _is_required(self.commit, self.context, **pull)


class StatusObject:
    typename = "Status"

    def __init__(self, commit: "CommitObject") -> None:
        self.commit = commit
        self._statuses = latest_statuses(commit.repository.hosted, commit.oid)
        self.id = node_id("ST", commit.repository.database_id, commit.oid)
        self.state = combined_state(self._statuses).upper()

    def contexts(self) -> list[StatusContextObject]:
        return [StatusContextObject(self.commit, status) for status in self._statuses]

    def context(self, name: str) -> StatusContextObject | None:
        return next((one for one in self.contexts() if one.context == name), None)


class CheckRunObject:
    typename = "CheckRun"

    def __init__(self, commit: "CommitObject", run: CheckRun) -> None:
        self.commit = commit
        self.id = node_id("CR", run.id)
        self.database_id = run.id
        self.name = run.name
        self.status = run.status.upper()
        self.conclusion = run.conclusion.upper() if run.conclusion else None
        self.started_at = run.started_at
        self.completed_at = run.completed_at
        self.details_url = run.details_url
        self.external_id = run.external_id
        self.title = run.output.get("title")
        self.summary = run.output.get("summary")
        self.url = f"{commit.repository.url}/runs/{run.id}"

    @property
    def check_suite(self) -> "SuiteObject":
        return SuiteObject(self.commit, self.commit.repository.hosted.suites[self.commit.oid])

    def is_required(self, **pull: Any) -> bool:
        return _is_required(self.commit, self.name, **pull)


class SuiteObject:
    typename = "CheckSuite"

    def __init__(self, commit: "CommitObject", suite: CheckSuite) -> None:
        self.commit = commit
        self.suite = suite
        self.id = node_id("CS", suite.id)
        self.database_id = suite.id
        self.created_at = suite.created_at
        status, conclusion = suite_outcome(commit.repository.hosted, suite)
        self.status = status.upper()
        self.conclusion = conclusion.upper() if conclusion else None

    @property
    def app(self) -> dict[str, Any]:
        app = self.commit.repository.context.host.app
        return {"id": node_id("A", app.id), "database_id": app.id, "name": "merge-hub", "slug": "merge-hub"}

    def check_runs(self, **window: Any) -> Connection:
        runs = suite_runs(self.commit.repository.hosted, self.suite)
        return Connection(runs, lambda run: CheckRunObject(self.commit, run), Window(**window))


class RollupObject:
    typename = "StatusCheckRollup"

    def __init__(self, commit: "CommitObject", state: str) -> None:
        self.commit = commit
        self.state = state
        self.id = node_id("SCR", commit.repository.database_id, commit.oid)

    def contexts(self, **window: Any) -> Connection:
        hosted = self.commit.repository.hosted
        found: list[Any] = [*latest_runs(hosted, self.commit.oid), *latest_statuses(hosted, self.commit.oid)]
        return Connection(found, self._context, Window(**window))

    def _context(self, record: CheckRun | Status) -> CheckRunObject | StatusContextObject:
        if isinstance(record, CheckRun):
            return CheckRunObject(self.commit, record)
        return StatusContextObject(self.commit, record)


def rollup_of(commit: "CommitObject") -> RollupObject | None:
    state = rollup(commit.repository.hosted, commit.oid)
    return RollupObject(commit, state) if state else None


def _is_required(
    commit: "CommitObject", context: str, pull_request_number: int | None = None, pull_request_id: str | None = None
) -> bool:
    hosted = commit.repository.hosted
    known = parse_node_id(pull_request_id) if pull_request_id else None
    issues = [
        issue
        for issue in list(hosted.issues.values())
        if issue.number == pull_request_number or (known and known[1] == [str(issue.id)])
    ]
    host, viewer = commit.repository.context.host, commit.repository.context.viewer
    return any(
        context in demands_on(host, hosted, issue.pull.base_ref, viewer).contexts for issue in issues if issue.pull
    )
