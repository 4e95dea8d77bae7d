"""
Peak memory of a run, and what it leaves on the disk, with more and more pull requests open.

`python -m tests.benchmarks.memory [COUNT …]`, each count in a sandbox of its own; the pull requests are gated and none
lands, so that all of them are held in mind at once. The same run is made twice: the disk must not grow with the second.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deployments.sandbox.process import Sandbox
from tests.flows.hub import PROJECT, Configuration
from tests.flows.world import World


def main() -> None:
    for count in [int(each) for each in sys.argv[1:]] or [10, 100, 1000]:
        with tempfile.TemporaryDirectory(prefix="merge-hub-benchmark-") as folder:
            _measure(count, Path(folder))


def _measure(count: int, place: Path) -> None:
    with Sandbox(data=place / "sandbox", object_store=False) as sandbox:
        world = World(sandbox, place / "sandbox")
        organization = world.organization("acme")
        repository = organization.repository("service")
        for number in range(count):
            repository.pull_request(f"topic-{number}", {f"{number}.txt": "x\n"}, body="Why. " * 100)
        config = Configuration(organization, place / "config")
        config.team("team-a", repository, gates=[{"name": "unit", "command": "true"}], stage="gate")
        config.write()
        environment = environment_of(world, config, place)
        for turn in ("first", "second"):
            told, peaks, seconds = run(environment)
            peak = ", ".join(f"{name} {size:.0f}" for name, size in peaks.items())
            disk = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in sizes(place / "home").items())
            sys.stdout.write(
                f"{count} pull requests, {turn} run: {seconds:.1f} s, {told}; peaks in MB: {peak}; disk in MB: {disk}\n"
            )
            sys.stdout.flush()


def environment_of(world: World, config: Configuration, place: Path) -> dict[str, str]:
    """Of a process that runs the hub with its state in `place`."""
    return {
        **world.environment,
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "MERGE_HUB_HOME": str(place / "home"),
        "MERGE_HUB_CONFIG_DIR": str(config.directory),
        "SLACK_WEBHOOK_ENTERPRISE": f"{world.root_url}/slack/{config.organization['login']}",
    }


def run(environment: dict[str, str]) -> tuple[str, dict[str, float], float]:
    began = time.monotonic()
    command = [sys.executable, "-m", "tests.benchmarks.hub_run", str(began), "no"]
    done = subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    pulls = [
        each for team in told["document"]["teams"] for one in team["repositories"] for each in one["pull_requests"]
    ]
    codes = {reason["code"] for pull in pulls for reason in pull["reasons"]}
    return f"{len(pulls)} {', '.join(sorted(codes))}", told["peak"], told["run"]


def sizes(home: Path) -> dict[str, int]:
    return {
        each.name: sum(file.stat().st_size for file in [each, *each.rglob("*")] if file.is_file())
        for each in sorted(home.iterdir())
        if not each.name.endswith(".lock")
    }


if __name__ == "__main__":
    main()
