"""The deployment `pause-landings`: stops all landings of a team, a repository or everything from the Prefect UI."""

from typing import Any, Literal

from prefect import flow

from flows import pausing
from flows.choices import TeamChoice
from tasks.domain.pause import Scope
from tasks.domain.run import EVERY_TEAM
from tasks.redaction import without_secrets


@flow(
    name="pause-landings",
    flow_run_name="{action} {team}",
    description="Stops all landings of one team, one repository or everything at once, or takes that back.",
)
@without_secrets
def pause_landings(
    action: Literal["pause", "resume"],
    owner: str,
    reason: str,
    team: TeamChoice = "all",
    repository: str | None = None,
    until: str | None = None,
) -> dict[str, Any]:
    """
    What is paused or resumed, and whether that is new; without `until` a pause lasts for 24 hours.

    Prefect does not know who starts a flow, so the `owner` is who they say they are.
    """
    scope = Scope(None if repository is not None or team == EVERY_TEAM else team, repository)
    if action == "resume":
        return pausing.resume(scope, owner=owner, stated="Prefect UI")
    return pausing.pause(scope, reason, until, owner=owner, stated="Prefect UI")
