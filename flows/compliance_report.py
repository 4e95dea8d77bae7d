"""What landed in a period and how it was controlled, as evidence that people sign off."""

from typing import Any

from prefect import flow

from config.schema import Stage
from flows import wiring
from flows.choices import TeamChoice
from tasks.anchoring import anchor_log
from tasks.compliance_report import make_compliance_report, show_compliance_report
from tasks.domain.compliance_report.announcement import PACK
from tasks.domain.compliance_report.period import asked_for
from tasks.domain.compliance_report.signing import row
from tasks.domain.run import assignments
from tasks.notification import notify_incidents
from tasks.redaction import redacted_document, without_secrets
from tasks.report_signing import verdict_on
from tasks.sealing import seal_log


@flow(
    name="compliance-report",
    flow_run_name="compliance report {period} of {team}",
    description="What landed in a period, how it was controlled and what is open, as evidence that people sign off.",
)
@without_secrets
def compliance_report(
    team: TeamChoice = "all", period: str = "last-month", since: str | None = None, until: str | None = None
) -> dict[str, Any]:
    """
    `period` is `2026-11`, `2026-W47`, `2026-Q4`, `2026`, or `last-week` and the like; with `since` and `until` these.

    Returns the report as its JSON has it, where its forms are, who signed it, and what could not be delivered.
    """
    with wiring.begin_run(Stage.MERGE) as run:
        services, configuration = run.services, run.configuration
        assignments(configuration, team, None)
        chosen = asked_for(period, since, until, services.clock.now())
        seal_log(services)
        made = make_compliance_report(configuration.organization.name, team, chosen, services)
        show_compliance_report(made)
        undelivered = notify_incidents(configuration, services)
        seal_log(services)
        anchor_log(services)
        verdict = verdict_on(made.recorded, configuration, services.log, services.signatures)
        return redacted_document(
            {
                **made.document,
                "report": row(made.recorded, verdict, configuration),
                "directory": str(made.directory),
                "files": sorted([*made.forms, PACK]),
                "undelivered": list(undelivered),
            }
        )
