"""The demo: AcmeCorp's pull requests on the sandbox, all teams, then the metrics."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from config.loader import load
from config.schema import Stage
from config.settings import read_settings
from flows import prefect_environment
from flows.running import Finished, report_metrics, run_teams

CONFIGURATION = Path(__file__).parent.parent / "deployments" / "sandbox" / "config"


def prepare() -> Path:
    """Begins with what takes longest, Prefect; returns the home directory, a new one each time, which stays."""
    home = read_settings(os.environ).home
    demos = home.absolute() / "demo"
    with prefect_environment.keeping_in(demos):
        demos.mkdir(parents=True, exist_ok=True)
        here = Path(tempfile.mkdtemp(prefix="run-", dir=demos))
    prefect_environment.prepare(home)
    return here


def verifier_keys() -> list[str]:
    """What a stranger verifies this hub's evidence by."""
    settings = read_settings(os.environ)
    from flows.wiring.sealing import open_seal  # noqa: PLC0415 -- adapters take a second to import

    with ExitStack() as closing:
        seal = open_seal(load(settings.config_directory), settings, os.environ, closing)
    return [str(seal.log.key), str(seal.attest.key)]


def demonstrate(here: Path, world: Mapping[str, str], configuration: Path = CONFIGURATION) -> Finished:
    """`world` are the variables that lead to the sandbox."""
    os.environ.update(world, MERGE_HUB_HOME=str(here), MERGE_HUB_CONFIG_DIR=str(configuration))
    run = run_teams("all", None, Stage.MERGE)
    metrics = report_metrics("all")
    document = {
        "home": str(here),
        "store": run.document["audit"]["store"],
        "keys": verifier_keys(),
        "dashboard": metrics.document["dashboard"],
        "run": run.document,
    }
    return Finished(document, (*run.problems, *metrics.problems))
