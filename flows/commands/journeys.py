"""Commands that run the journey, and what looks at it."""

from typing import Annotated

import typer

from config.schema import Stage
from flows.options import Config, Json, Repository, Team, use
from flows.running import examine_all, report_metrics, run_teams
from flows.terminal import told

app = typer.Typer()


@app.command(epilog="Example: merge-hub run --team team-a --stage gate")
def run(
    team: Team = "all",
    repository: Repository = None,
    stage: Annotated[Stage, typer.Option(help="How far to go; a team's own stage may end it earlier.")] = Stage.MERGE,
    *,
    all_gates: Annotated[
        bool, typer.Option("--all-gates", help="Run every gate to its end, also where another one has failed.")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Land what may land: every team, every repository."""
    with told(as_json=as_json) as teller:
        use(config)
        teller.run(run_teams(team, repository, stage, all_gates=all_gates))


@app.command(epilog="Example: merge-hub plan --team team-a")
def plan(team: Team = "all", repository: Repository = None, *, as_json: Json = False, config: Config = None) -> None:
    """Say what would happen and why, and change nothing but the hub's own files."""
    run(team, repository, Stage.OBSERVE, as_json=as_json, config=config)


@app.command(epilog="Example: merge-hub metrics --team team-a")
def metrics(team: Team = "all", *, as_json: Json = False, config: Config = None) -> None:
    """Report merge times, gate success and compliance per team."""
    with told(as_json=as_json) as teller:
        use(config)
        teller.metrics(report_metrics(team))


@app.command(epilog="Example: merge-hub doctor --config config/")
def doctor(
    *,
    crash_points: Annotated[
        bool, typer.Option("--crash-points", help="List where MERGE_HUB_CRASH_AT can kill a run, and do no more.")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Look at everything that a run needs, change nothing, and say what is not well and what to do."""
    with told(as_json=as_json) as teller:
        if crash_points:
            teller.crash_points()
        else:
            use(config)
            teller.diagnosis(examine_all())
