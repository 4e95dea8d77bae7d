"""
The deployment `repository-merge`: one repository by itself, and all that a run of many owes to people.

It bears the name of the journey, `flows/repository_merge.py`, which runs within it: who starts one gets both.
"""

from typing import Any

from prefect import flow

from flows.boundary import whole_run
from flows.choices import StageChoice, TeamChoice
from tasks.redaction import without_secrets


@flow(
    name="repository-merge",
    flow_run_name="{repository} to {stage}",
    description="Lands the pull requests of one repository, and tells people what came of it.",
)
@without_secrets
def repository_alone(
    repository: str,
    team: TeamChoice = "all",
    stage: StageChoice = "merge",
    all_gates: bool = False,  # noqa: FBT001, FBT002 -- a parameter of a flow, which people see by its name
) -> dict[str, Any]:
    """
    The whole run as `merge-hub run --json` shows it; a `team` other than "all" must own the repository.

    With `all_gates` no gate is stopped because another one failed.

    Raises RunIncomplete, which carries the same document, when the repository or a pull request of it failed.
    """
    return whole_run(team, repository, stage, all_gates=all_gates)
