"""Every team, every repository, side by side; one repository's failure stops no other, and is reported at the end."""

from typing import Any

from prefect import flow

from flows.boundary import whole_run
from flows.choices import StageChoice, TeamChoice
from flows.sign_off_form import ask_in_the_ui, may_be_suspended, until_signed
from tasks.redaction import without_secrets


@flow(
    name="enterprise-merge",
    flow_run_name="{team} to {stage}",
    description="Lands the pull requests of one team or of all, and tells people what came of it.",
)
@without_secrets
def enterprise_merge(
    team: TeamChoice = "all",
    repository: str | None = None,
    stage: StageChoice = "merge",
    all_gates: bool = False,  # noqa: FBT001, FBT002 -- a parameter of a flow, which people see by its name
    wait_for_signatures: bool = False,  # noqa: FBT001, FBT002 -- a parameter of a flow, which people see by its name
) -> dict[str, Any]:
    """
    The whole run as `merge-hub run --json` shows it; with `all_gates` no gate is stopped because another one failed.

    With `wait_for_signatures` a run that was deployed is suspended while a plan waits, and takes signatures in a form.

    Raises RunIncomplete, which carries the same document, when any repository or pull request failed.
    """

    def run() -> dict[str, Any]:
        return whole_run(team, repository, stage, all_gates=all_gates)

    return until_signed(run, ask_in_the_ui) if wait_for_signatures and may_be_suspended() else run()
