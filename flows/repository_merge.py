"""
The journey of one repository's pull requests: read this first.

Each line is a step of the same name in `tasks/`, and each step decides in `tasks/domain/`. In each round a batch is
formed, gated as it would land, cleared, signed off, announced, landed and read back, until nothing more can land.
"""

from typing import Any

from prefect import flow

from flows import wiring
from tasks.audit import close_open_intents, record_intent, record_outcomes
from tasks.compliance import check_compliance
from tasks.discovery import discover
from tasks.domain.change_set_documents import told_from
from tasks.domain.result import repository_result, stopped
from tasks.gates import run_gates
from tasks.land import land
from tasks.plan import form_batch, make_plan
from tasks.report import publish_report
from tasks.sign_off import ask_for_sign_offs, check_sign_off
from tasks.verify import close_landing, verify_branch, verify_landing


@flow(
    name="repository-merge",
    flow_run_name="{repository}",
    description="Lands the pull requests of one repository, under its team's gates and the organization's policies.",
)
def repository_merge(
    team: str, repository: str, stage: str, run_id: str, change_sets: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """
    What came of each open pull request, as `merge-hub run --json` shows it: one part of the run `run_id`.

    Members of change sets land by `flows/unit_merge.py`; `change_sets` says what became of those, None: nobody knows.
    Raises RepositoryStopped with what was known by then, or any error before that, when the world fails.
    """
    with wiring.connect(team, repository, stage, run_id) as (rules, services):
        snapshot, journey = discover(rules, services), None
        try:
            close_open_intents(rules, snapshot, services)
            earlier = verify_branch(rules, snapshot, services)
            journey = earlier.added_to(make_plan(rules, earlier.seen_in(snapshot), told_from(change_sets), services))
            while (batch := form_batch(journey, services)).candidates:
                gated = run_gates(journey, batch, services)
                cleared = check_compliance(journey, gated, services)
                cleared = check_sign_off(journey, cleared, services)
                announced = record_intent(journey, gated, cleared, services)
                reply = land(journey, announced, services)
                landing = verify_landing(journey, reply, services)
                journey = journey.after(batch, gated, cleared, landing)
                close_landing(journey, landing, services)
                journey = verify_branch(rules, snapshot, services).added_to(journey)
            journey = record_outcomes(ask_for_sign_offs(journey, services), batch, services)
            publish_report(rules, snapshot, services)
            return repository_result(journey)
        except Exception as error:
            raise stopped(snapshot, journey, error) from error
