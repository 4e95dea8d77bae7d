"""
What Prefect itself takes for the flows and tasks of a run when none of them does anything.

`python -m tests.benchmarks.prefect_alone GATES` reads how many evaluations of how many gates each repository had, as a
JSON list of lists, and prints seconds.
"""

import json
import os
import sys
import time

from config.settings import read_settings
from flows import prefect_environment

STEPS_BEFORE_AND_AFTER, STEPS_OF_A_ROUND = 7, 6


def main() -> None:
    repositories: list[list[int]] = json.loads(sys.argv[1])
    positions = list(range(len(repositories)))
    out = os.dup(1)
    os.dup2(2, 1)
    prefect_environment.prepare(read_settings(os.environ).home)
    from prefect import flow, task  # noqa: PLC0415 -- Prefect reads its environment when imported
    from prefect.cache_policies import NO_CACHE  # noqa: PLC0415

    from flows.rounds import side_by_side  # noqa: PLC0415

    @task(cache_policy=NO_CACHE)
    def step() -> None:
        pass

    @task(cache_policy=NO_CACHE)
    def gate() -> None:
        step()

    @flow
    def journey(position: int) -> None:
        for _ in range(STEPS_BEFORE_AND_AFTER):
            step()
        for gates in repositories[position]:
            for _ in range(STEPS_OF_A_ROUND):
                step()
            for future in [gate.submit() for _ in range(gates)]:
                future.wait()

    @flow
    def whole() -> None:
        side_by_side(positions, journey)  # type: ignore[arg-type]  # what it is given it hands on

    @flow
    def nothing() -> None:
        pass

    prefect_environment.wait_until_ready()
    nothing()
    began = time.monotonic()
    with prefect_environment.without_heartbeat():
        whole()
    os.write(out, str(time.monotonic() - began).encode())


if __name__ == "__main__":
    main()
