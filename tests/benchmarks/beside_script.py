"""
The hub beside a serial script (`serial.sh`) that does the same work: `make benchmark`, or with options as below.

Both get the same pull requests on one sandbox, each in an organization of its own; one in twenty breaks a gate.
Prefect's start-up is told apart. What the gates themselves took is the time in which at least one gate of the
repository that took longest was running.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.sandbox.process import Sandbox
from tests.flows.hub import PROJECT, Configuration
from tests.flows.world import Organization, World

GATES = ("license-check", "dependency-audit", "security-scan", "compliance-check", "tests", "integration-tests")
BREAKS = "tests"
ONE_IN = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """How much there is to do; `gate` is the command that every gate runs."""

    teams: int
    repositories: int
    pull_requests: int
    gate: str
    workers: int

    def __str__(self) -> str:
        count = self.teams * self.repositories * self.pull_requests
        return (
            f"{self.teams} teams by {self.repositories} repositories by {self.pull_requests} pull requests, of {count} "
            f"{count // ONE_IN} bad, {len(GATES)} gates of `{self.gate}`, max_workers {self.workers}"
        )


def main() -> None:
    chosen = _arguments()
    shape = Shape(chosen.teams, chosen.repositories, chosen.pull_requests, chosen.gate, chosen.workers)
    _say(f"{shape}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="merge-hub-benchmark-") as folder:
        place = Path(folder)
        with Sandbox(data=place / "sandbox", object_store=False) as sandbox:
            world = World(sandbox, place / "sandbox")
            hub = Hub(_seeded(world, "hub", shape), place / "hub", shape)
            script = None if chosen.without_script else Script(_seeded(world, "script", shape), place / "script")
            _compare(hub, script, profiled=chosen.profile)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.beside_script", description=__doc__)
    parser.add_argument("--teams", type=int, default=3)
    parser.add_argument("--repositories", type=int, default=2, help="of each team")
    parser.add_argument("--pull-requests", type=int, default=10, help="of each repository")
    parser.add_argument("--gate", default="sleep 1", help="the command of every gate; `true` measures the hub alone")
    parser.add_argument("--workers", type=int, default=36, help="gates that the hub runs at a time")
    parser.add_argument("--without-script", action="store_true", help="measure the hub only")
    parser.add_argument("--profile", action="store_true", help="say where the hub's own time goes")
    return parser.parse_args()


def _seeded(world: World, login: str, shape: Shape) -> Organization:
    """The bad ones are spread evenly, each in the middle of its repository."""
    organization = world.organization(login)
    position = 0
    for place in range(shape.teams * shape.repositories):
        repository = organization.repository(f"service-{place}")
        for number in range(1, shape.pull_requests + 1):
            position += 1
            bad = position % ONE_IN == ONE_IN // 2 + 5
            files = {f"change-{number}.txt": f"{number}\n", **({"broken": f"{number}\n"} if bad else {})}
            repository.pull_request(f"topic-{number}", files)
    return organization


def _commands(gate: str) -> dict[str, str]:
    return {name: f"{gate}; test ! -e broken" if name == BREAKS else gate for name in GATES}


class Script:
    def __init__(self, organization: Organization, place: Path) -> None:
        self._organization = organization
        self._place = place

    def run(self, shape: Shape) -> tuple[float, str]:
        self._place.mkdir(exist_ok=True)
        teams, gates = self._place / "teams", self._place / "gates"
        names = [each.full_name for each in self._organization.repositories]
        teams.write_text("".join(f"team-{at // shape.repositories} {name}\n" for at, name in enumerate(names)))
        gates.write_text("".join(f"{command}\n" for command in _commands(shape.gate).values()))
        world = self._organization.world.environment
        environment = {
            "PATH": os.environ["PATH"],
            "API_URL": world["MERGE_HUB_GITHUB_API_URL"],
            "GIT_URL": world["MERGE_HUB_GIT_URL"],
            "TOKEN": world["GITHUB_TOKEN"],
        }
        command = ["bash", str(Path(__file__).with_name("serial.sh")), str(self._place), str(teams), str(gates)]
        began = time.monotonic()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"the script failed: {done.stderr}")
        return time.monotonic() - began, done.stdout.strip()


@dataclass(frozen=True, slots=True)
class HubRun:
    """Seconds; `gates` is how long at least one gate was running in the repository that took longest with them."""

    prefect: float
    run: float
    end: float
    gates: float
    prefect_alone: float
    evaluations: int
    outcomes: dict[str, int]
    processor: dict[str, float]
    profile: list[tuple[str, float]]

    @property
    def own(self) -> float:
        return self.run - self.gates - self.prefect_alone

    def __str__(self) -> str:
        processor = ", ".join(f"{name} {seconds:.2f}" for name, seconds in self.processor.items())
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        return (
            f"{self.run:.2f} s, {outcomes}; {self.evaluations} candidates gated; beside it Prefect's start "
            f"{self.prefect:.2f} s and end {self.end:.2f} s\n"
            f"    of the run: gates {self.gates:.2f} s, Prefect with the same flows and tasks {self.prefect_alone:.2f} "
            f"s, the hub's own {self.own:.2f} s = {self.own / self.run:.0%} of the run\n"
            f"    seconds of a processor: {processor}"
        )


class Hub:
    def __init__(self, organization: Organization, place: Path, shape: Shape) -> None:
        config = Configuration(organization, place / "config")
        config.global_["execution"] = {"max_workers": shape.workers}
        repositories = iter(organization.repositories)
        gates = [{"name": name, "command": command} for name, command in _commands(shape.gate).items()]
        for number in range(shape.teams):
            owned = [next(repositories) for _ in range(shape.repositories)]
            config.team(f"team-{number}", *owned, gates=gates)
        config.write()
        self.shape = shape
        self._environment = {
            **organization.world.environment,
            "PATH": os.environ["PATH"],
            "HOME": os.environ["HOME"],
            "MERGE_HUB_HOME": str(place / "home"),
            "MERGE_HUB_CONFIG_DIR": str(config.directory),
            "SLACK_WEBHOOK_ENTERPRISE": f"{organization.world.root_url}/slack/{organization.login}",
        }

    def run(self, *, profiled: bool) -> HubRun:
        began = time.monotonic()
        told = json.loads(self._module("hub_run", str(began), "yes" if profiled else "no"))
        if problems := told["document"].get("problems"):
            raise SystemExit(f"the hub failed: {problems}")
        end = time.monotonic() - began - told["prefect"] - told["run"]
        repositories = [each for team in told["document"]["teams"] for each in team["repositories"]]
        groups = [_evaluations(each) for each in repositories]
        alone = float(self._module("prefect_alone", json.dumps(groups)))
        pulls = [pull["outcome"] for each in repositories for pull in each["pull_requests"]]
        return HubRun(
            prefect=told["prefect"],
            run=told["run"],
            end=end,
            gates=max(_busy(each, told["gates"]) for each in repositories),
            prefect_alone=alone,
            evaluations=sum(map(len, groups)),
            outcomes={outcome: pulls.count(outcome) for outcome in set(pulls)},
            processor=told["processor"],
            profile=told["profile"],
        )

    def _module(self, name: str, *arguments: str) -> bytes:
        command = [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments]
        return subprocess.run(command, cwd=PROJECT, env=self._environment, stdout=subprocess.PIPE, check=True).stdout


def _evaluations(repository: dict[str, Any]) -> list[int]:
    """How many gates each candidate had."""
    counts: dict[str, int] = {}
    for row in repository["gate_runs"]:
        counts[row["candidate"]] = counts.get(row["candidate"], 0) + 1
    return list(counts.values())


def _busy(repository: dict[str, Any], gates: list[tuple[str, float, float]]) -> float:
    """How long at least one gate of the repository was running."""
    own = {row["candidate"][:12] for row in repository["gate_runs"]}
    total, until = 0.0, 0.0
    for began, ended in sorted((began, ended) for candidate, began, ended in gates if candidate in own):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def _compare(hub: Hub, script: Script | None, *, profiled: bool) -> None:
    cold = hub.run(profiled=profiled)
    _say(f"hub, nothing cached: {cold}", *_profile(cold))
    warm = hub.run(profiled=profiled)
    _say(f"hub, nothing new: {warm}", *_profile(warm))
    if script is None:
        return
    serial, told = script.run(hub.shape)
    _say(f"script: {serial:.2f} s, {told}")
    again, told = script.run(hub.shape)
    _say(f"script, nothing new: {again:.2f} s, {told}")
    with_prefect = serial / (cold.prefect + cold.run + cold.end)
    _say(
        f"the hub is {serial / cold.run:.1f} times as fast as the script with nothing cached ({with_prefect:.1f} times "
        f"with Prefect's start and end), and looks {serial / warm.run:.1f} times as fast at them when nothing is new "
        f"({again / warm.run:.1f} times as fast as the script then is)"
    )


def _profile(run: HubRun) -> list[str]:
    return [f"    {share:6.1%}  {where}" for where, share in run.profile]


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
