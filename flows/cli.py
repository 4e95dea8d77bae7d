"""
The command line, thin over the flows.

Nothing heavy is imported before it is needed: `--help` and `config check` never load Prefect. With `--json` one JSON
document goes to standard output and nothing else; what people are told on the way goes to standard error.
"""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer._click.exceptions import ClickException  # typer exports only some of what is raised for bad usage

from config.check import check
from config.json_schemas import json_schemas
from config.loader import load
from config.schema import Stage
from config.settings import read_settings
from deployments.sandbox.process import Sandbox
from flows import alerts, bypasses, demonstration, emergencies, evidence, history, pausing, reports, signing, simulation
from flows import governance_words as words
from flows.options import Config, Json, Repository, Team, use
from flows.running import examine_all, report_metrics, run_teams
from flows.sandbox_messages import keep_messages
from flows.terminal import told, told_bad_usage
from tasks.domain.pause import Scope
from tasks.domain.signing_desk import Wish
from tasks.domain.simulation.comparison import Parameters
from tasks.domain.simulation.strategies import STRATEGIES
from tasks.redaction import know_secrets, without_secrets_in

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Lands pull requests of many teams under gates and controls, and leaves evidence that a stranger can verify.",
    epilog="Example: merge-hub demo",
)
config_app = typer.Typer(no_args_is_help=True, help="What the organization decided.")
sandbox_app = typer.Typer(no_args_is_help=True, help="A whole world on loopback: code host, object store, mail, chat.")
app.add_typer(config_app, name="config")
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(emergencies.app, name="emergency")
app.add_typer(alerts.app, name="alerts")


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


@app.command(epilog="Example: merge-hub demo --keep")
def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandbox running until interrupted.")] = False,
    as_json: Json = False,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="DIR", help="Another configuration for it than its own.")
    ] = None,
) -> None:
    """Land the pull requests of AcmeCorp on the sandbox: no account, no token, nothing left running."""
    with told(as_json=as_json) as teller:
        chosen = config or demonstration.CONFIGURATION
        load(chosen)
        teller.aside("Starting the sandbox with AcmeCorp and its pull requests …")
        home = demonstration.prepare()
        with Sandbox(seed="acme", object_store=False) as sandbox:
            teller.aside("Landing what may land, for all teams …")
            finished = demonstration.demonstrate(home, sandbox.environment(), chosen)
            teller.demo(
                finished,
                keep_messages(home, sandbox.ask("GET", "/_sandbox/mail"), sandbox.ask("GET", "/_sandbox/slack")),
            )
            if keep:
                teller.aside(f"The sandbox answers at {sandbox.endpoints.root_url} until you press Ctrl-C.")
                _wait_for_interrupt()


@sandbox_app.command("serve", epilog="Example: merge-hub sandbox serve --seed acme --env sandbox.env")
def sandbox_serve(  # noqa: PLR0913 -- its options
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Of the code host and the chat; 0 takes a free one.")
    ] = 0,
    data: Annotated[Path | None, typer.Option(help="A directory that survives; else a temporary one.")] = None,
    seed: Annotated[str, typer.Option(metavar="acme|none", help="What to begin with.")] = "none",
    *,
    smart_http: Annotated[
        bool, typer.Option("--smart-http", help="Git over HTTP, with tokens and branch protection.")
    ] = False,
    env: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what merge-hub must know of it, for `. FILE` in a shell.")
    ] = None,
    as_json: Json = False,  # noqa: ARG001 -- what it prints is JSON anyway
    config: Config = None,  # noqa: ARG001 -- every command takes it; the sandbox has none
) -> None:
    """Serve the sandbox in the foreground; one JSON line says when it answers and where."""
    arguments = ["serve", f"--port={port}", f"--seed={seed}"]
    arguments += [] if data is None else [f"--data={data}"]
    arguments += [] if env is None else [f"--env={env}"]
    arguments += ["--smart-http"] if smart_http else []
    os.execv(sys.executable, [sys.executable, "-m", "deployments.sandbox", *arguments])  # noqa: S606 -- no shell wanted


@app.command("sign-off", epilog="Example: merge-hub sign-off 3f9a1c --role security-lead; merge-hub sign-off list")
def sign_off(  # noqa: PLR0913 -- its options
    plan: Annotated[
        str, typer.Argument(metavar="PLAN|list", help="A plan's digest, or the beginning of it; or `list`.")
    ],
    role: Annotated[str | None, typer.Option(help="As what you sign: a role of signers.yml.")] = None,
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your SSH key; else the one git signs with, or your agent's.")
    ] = None,
    person: Annotated[str | None, typer.Option(help="Who you are, where your key is in more than one name.")] = None,
    for_form: Annotated[
        bool, typer.Option("--for-form", help="Print the signature for the form in the Prefect UI; record nothing.")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Sign a plan with your own SSH key, or list what waits for whom."""
    with told(as_json=as_json or for_form) as teller:
        use(config)
        if plan == "list":
            teller.sentences(waiting := signing.awaited(), words.awaited(waiting))
        elif role is None:
            raise typer.BadParameter("name the role that you sign in, with --role ROLE", param_hint="--role")
        else:
            wish = Wish(plan, role, None if key is None else str(key), person)
            if for_form:
                teller.document(signing.signature_for_form(wish))
            else:
                teller.sentences(done := signing.sign(wish), words.signed(done))


@app.command(epilog="Example: merge-hub pause --team team-a --reason 'incident 4711' --until 2026-12-01T09:00:00Z")
def pause(
    reason: Annotated[str, typer.Option(help="Why, as everybody is told who is held.")],
    team: Annotated[str | None, typer.Option(metavar="NAME", help="This team only.")] = None,
    repository: Repository = None,
    until: Annotated[str | None, typer.Option(metavar="MOMENT", help="When it ends; else in 24 hours.")] = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Stop all landings, of everything or of a team or repository, at once; also those of a run that goes on."""
    with told(as_json=as_json) as teller:
        use(config)
        found = pausing.pause(Scope(team, repository), reason, until, stated="command line")
        teller.sentences(found, words.paused(found))


@app.command(epilog="Example: merge-hub resume --team team-a")
def resume(
    team: Annotated[str | None, typer.Option(metavar="NAME", help="The team that was paused.")] = None,
    repository: Repository = None,
    *,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Take back a pause that was given by command; name what was named then."""
    with told(as_json=as_json) as teller:
        use(config)
        found = pausing.resume(Scope(team, repository), stated="command line")
        teller.sentences(found, words.resumed(found))


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


@app.command(epilog="Example: merge-hub simulate --bad 0.1 --slots 5 --repetitions 20 --plot frontier.svg")
def simulate(  # noqa: PLR0913 -- its options
    context: typer.Context,
    *,
    strategy: simulation.Strategies = None,
    bad: simulation.Bad = 0.05,
    count: simulation.Count = 100,
    batch: simulation.Batch = 10,
    slots: simulation.Slots = 1,
    flake: simulation.Flake = 0,
    interaction: simulation.Interaction = 0,
    seed: simulation.Seed = 0,
    repetitions: simulation.Repetitions = 1,
    arrivals: simulation.Arrivals = None,
    peak: simulation.Peak = None,
    peak_hours: simulation.PeakHours = "9-17",
    day: simulation.Day = 144,
    gate_time: simulation.GateTime = 0,
    fail_fast: simulation.FailFast = 1,
    retries: simulation.Retries = None,
    recorded: simulation.Recorded = None,
    plot: simulation.Plot = None,
    as_json: Json = False,
    config: Config = None,  # noqa: ARG001 -- every command takes it; a queue that is simulated has none
) -> None:
    """Compare queue strategies on an imagined or a recorded load: their cost, their time, whom they refuse."""
    with told(as_json=as_json) as teller:
        parameters = Parameters(
            strategies=tuple(strategy or STRATEGIES),
            bad=bad,
            count=count,
            batch=batch,
            slots=slots,
            flake=flake,
            interaction=interaction,
            seed=seed,
            repetitions=repetitions,
            arrivals=arrivals,
            peak=peak,
            peak_hours=simulation.hours_of(peak_hours),
            day=day,
            spread=gate_time,
            fail_fast=fail_fast,
            retries=retries,
        )
        parameters = simulation.with_recorded(parameters, recorded, simulation.given_on(context))
        teller.simulation(simulation.simulated(parameters, plot), plot)


@config_app.command("check", epilog="Example: merge-hub config check --config config/")
def config_check(*, as_json: Json = False, config: Config = None) -> None:
    """Validate every file and say all that is wrong at once."""
    with told(as_json=as_json) as teller:
        use(config)
        teller.checked(check(read_settings(os.environ).config_directory, os.environ))


@config_app.command("schema", epilog="Example: merge-hub config schema > schemas.json")
def config_schema(*, as_json: Json = False, config: Config = None) -> None:  # noqa: ARG001 -- it is JSON anyway
    """Print the JSON Schema of every kind of file."""
    with told(as_json=True) as teller:
        teller.document(json_schemas())


history.add_to(app)
evidence.add_to(app)
bypasses.add_to(app)
reports.add_to(app)


def _wait_for_interrupt() -> None:
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()


def main() -> None:
    """Bad usage is told as JSON too where JSON is asked for: whoever reads it finds one document in any case."""
    know_secrets(os.environ)
    sys.stderr = without_secrets_in(sys.stderr)
    if "--json" not in sys.argv[1:]:
        app(prog_name="merge-hub")
    try:
        sys.exit(app(prog_name="merge-hub", standalone_mode=False))
    except ClickException as error:
        sys.exit(told_bad_usage(error.format_message()))
