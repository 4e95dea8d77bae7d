"""
What the state directory holds after more and more runs, each of which lands one pull request and refuses another.

`python -m tests.benchmarks.disk [RUNS …]`, the numbers of runs after which it is measured; in bytes, by directory.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deployments.sandbox.process import Sandbox
from tests.benchmarks.memory import environment_of, run, sizes
from tests.flows.hub import NOT_BROKEN, Configuration
from tests.flows.world import World


def main() -> None:
    measured = [int(each) for each in sys.argv[1:]] or [1, 10, 30]
    with tempfile.TemporaryDirectory(prefix="merge-hub-benchmark-") as folder:
        _measure(measured, Path(folder))


def _measure(measured: list[int], place: Path) -> None:
    with Sandbox(data=place / "sandbox", object_store=False) as sandbox:
        world = World(sandbox, place / "sandbox")
        organization = world.organization("acme")
        repository = organization.repository("service")
        config = Configuration(organization, place / "config")
        config.team("team-a", repository, gates=[NOT_BROKEN])
        config.write()
        environment = environment_of(world, config, place)
        for number in range(1, max(measured) + 1):
            repository.pull_request(f"good-{number}", {f"{number}.txt": "x\n" * 1000})
            repository.pull_request(f"bad-{number}", {"broken": f"{number}\n"})
            told, _, _ = run(environment)
            if number in measured:
                sys.stdout.write(f"{number} runs, the last one {told}; disk in kB: {_told(sizes(place / 'home'))}\n")
                sys.stdout.flush()


def _told(taken: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {size / 1000:.0f}" for name, size in taken.items())


if __name__ == "__main__":
    main()
