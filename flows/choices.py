"""What people choose from when they start a flow by hand; Prefect makes drop-downs of it, and refuses anything else."""

from typing import TYPE_CHECKING, Literal

from flows import wiring

if TYPE_CHECKING:
    TeamChoice = str
else:
    # A new team in the configuration appears without a change here.
    TeamChoice = Literal[("all", *wiring.team_names())]

StageChoice = Literal["observe", "gate", "merge"]
