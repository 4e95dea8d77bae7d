"""
The two ends of a run, for every flow that lands something: whatever it is about, people are told what came of it.

Between them each repository's journey goes its own way. Its failure ends here, as its result and as an incident.
"""

from typing import Any

from prefect import get_run_logger

from config.schema import Stage
from flows import wiring
from flows.repository_merge import repository_merge
from flows.rounds import in_rounds
from tasks.domain.errors import MergeHubError, Unforeseen
from tasks.domain.result import RepositoryStopped, unforeseen
from tasks.domain.run import Assignment, Result, RunIncomplete, assignments, problems_of, run_document
from tasks.notification import notify, notify_incidents
from tasks.outcomes import audit_summary, publish_outcomes, record_failure
from tasks.report import export_segments


def whole_run(team: str, repository: str | None, stage: str) -> dict[str, Any]:
    """
    A run of its own, as `merge-hub run --json` shows it, of every repository of `team` or of the one that is named.

    Raises RunIncomplete, which carries the same document, when any repository or pull request failed.
    """
    with wiring.begin_run(Stage(stage)) as run:
        chosen = assignments(run.configuration, team, repository)
        results = in_rounds(chosen, lambda assignment: _journey(assignment, run))
        undelivered = notify(run.configuration, run.services)
        unexported = _export(run)
        times = (run.started_at, run.services.clock.now())
        audit, digest = audit_summary(run.services), run.configuration.digest
        document = run_document(run.run_id, stage, digest, times, audit, results)
        publish_outcomes(document, run.services)
    if problems := (*problems_of(results), *undelivered, *unexported):
        raise RunIncomplete(document, problems)
    return document


def _journey(assignment: Assignment, run: wiring.Run) -> Result:
    """The one place where any failure of a repository becomes that repository's result, and an incident."""
    try:
        result: Result = repository_merge(assignment.team, assignment.repository, run.stage.value, run.run_id)
    except RepositoryStopped as stopped:
        result = _failed(assignment, stopped.error, run) | stopped.known
    except Exception as error:  # noqa: BLE001 -- isolation: whatever it was, the other repositories go on
        result = _failed(assignment, error if isinstance(error, MergeHubError) else unforeseen(error), run)
    notify_incidents(run.configuration, run.services)
    return result


def _failed(assignment: Assignment, error: MergeHubError, run: wiring.Run) -> Result:
    if isinstance(error, Unforeseen):
        get_run_logger().error("%s failed in a way that nobody foresaw", assignment.repository, exc_info=True)
    return record_failure(run.configuration, assignment, error, run.services)


def _export(run: wiring.Run) -> tuple[str, ...]:
    """The problem met, if any: what came of the pull requests is told all the same, and the next run exports again."""
    try:
        export_segments(run.services)
    except MergeHubError as error:
        return (f"the audit log was not exported as evidence: {error.message}. {error.remedy}",)
    return ()
