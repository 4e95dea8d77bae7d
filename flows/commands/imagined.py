"""The command that compares queue strategies."""

import typer

from flows import simulation
from flows.options import Config, Json
from flows.terminal import told
from tasks.domain.simulation.comparison import Parameters
from tasks.domain.simulation.strategies import STRATEGIES

app = typer.Typer()


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
