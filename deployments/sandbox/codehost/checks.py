"""What statuses and check runs add up to."""

from .hosted import HostedRepository
from .model import CheckRun, CheckSuite, Status

STATES = ("error", "failure", "pending", "success")
SUITE_STATES = ("queued", "in_progress", "completed", "waiting", "requested", "pending")
PASSED = frozenset({"success", "neutral", "skipped"})
FAILED = frozenset({"failure", "timed_out", "cancelled", "action_required", "startup_failure"})


def latest_statuses(repository: HostedRepository, sha: str) -> list[Status]:
    """The newest of each context."""
    return list({status.context: status for status in repository.statuses.get(sha, [])}.values())


def combined_state(statuses: list[Status]) -> str:
    """Failure beats pending, pending beats success; nothing at all is pending."""
    states = {status.state for status in statuses}
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


def suite_runs(repository: HostedRepository, suite: CheckSuite) -> list[CheckRun]:
    return [run for run in list(repository.runs.values()) if run.suite == suite.id]


def suite_outcome(repository: HostedRepository, suite: CheckSuite) -> tuple[str, str | None]:
    """Status and conclusion."""
    runs = list({run.name: run for run in suite_runs(repository, suite)}.values())
    if not runs or any(run.status != "completed" for run in runs):
        return ("in_progress" if runs else "queued"), None
    conclusions = {run.conclusion for run in runs}
    failed = sorted(conclusion for conclusion in conclusions if conclusion in FAILED)
    return "completed", failed[0] if failed else "success"


def rollup(repository: HostedRepository, sha: str) -> str | None:
    """GraphQL's one state for statuses and check runs together; None where there is neither."""
    statuses = latest_statuses(repository, sha)
    runs = latest_runs(repository, sha)
    if not statuses and not runs:
        return None
    states = {status.state for status in statuses}
    conclusions = {run.conclusion if run.status == "completed" else "pending" for run in runs}
    if "error" in states:
        return "ERROR"
    if "failure" in states or conclusions & FAILED:
        return "FAILURE"
    if "pending" in states or conclusions - PASSED:
        return "PENDING"
    return "SUCCESS"


def latest_runs(repository: HostedRepository, sha: str) -> list[CheckRun]:
    runs = [run for run in list(repository.runs.values()) if run.head_sha == sha]
    return list({run.name: run for run in runs}.values())
