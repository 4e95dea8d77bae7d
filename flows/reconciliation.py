"""Who answers for each commit on every target branch: daily, whoever brought it there and however they did."""

from typing import Any

from prefect import flow

from config.schema import Stage
from flows import wiring
from flows.boundary import guarded, judge, seal
from flows.choices import TeamChoice
from flows.rounds import side_by_side
from tasks.audit import close_open_intents
from tasks.discovery import discover
from tasks.domain.reconciliation_report import failed_ref, problems_of, whole_document
from tasks.domain.run import Assignment, Result, RunIncomplete, assignments
from tasks.notification import notify_incidents
from tasks.reconciliation import publish_reconciliation, reconcile
from tasks.redaction import redacted_document, without_secrets


@flow(
    name="reconcile-repository",
    flow_run_name="reconcile {repository}",
    description="Classifies every commit that the target branch of one repository has and had not.",
)
@without_secrets
def reconcile_repository(team: str, repository: str, run_id: str) -> dict[str, Any]:
    """One entry of `refs` in what `merge-hub reconcile --json` shows."""
    with wiring.connect(team, repository, Stage.MERGE.value, run_id) as (rules, services):
        snapshot = discover(rules, services)
        close_open_intents(rules, snapshot, services)
        return reconcile(rules, snapshot, services)


@flow(
    name="reconciliation",
    flow_run_name="reconcile {team}",
    description="Accounts for every commit on every target branch, and keeps the ledger of what went around the hub.",
)
@without_secrets
def reconciliation(team: TeamChoice = "all", repository: str | None = None) -> dict[str, Any]:
    """
    What `merge-hub reconcile --json` shows.

    Raises RunIncomplete, which carries the same document, while somebody has to do something about it.
    """
    with wiring.begin_run(Stage.MERGE) as run:
        chosen = assignments(run.configuration, team, repository)

        def reconciled(each: Assignment) -> Result:
            named = {"team": each.team, "repository": each.repository, "run_id": run.run_id}
            found = guarded(each, run, lambda: reconcile_repository(**named))
            return failed_ref(each.team, found) if found["status"] == "failed" else found

        found = side_by_side(chosen, reconciled)
        document = redacted_document(whole_document([found[each] for each in chosen]))
        problems = (*problems_of(document), *judge(run), *notify_incidents(run.configuration, run.services), *seal(run))
        publish_reconciliation(document)
    if problems:
        raise RunIncomplete(document, problems)
    return document
