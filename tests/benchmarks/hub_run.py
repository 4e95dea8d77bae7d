"""
One run of the hub in a process of its own, as the command makes it, with the time that each part took.

`python -m tests.benchmarks.hub_run STARTED PROFILED` prints a document; STARTED is when the process was started, by the
clock that all processes share.
"""

import json
import os
import resource
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from config.loader import load
from config.schema import Gate
from config.settings import read_settings
from flows import prefect_environment
from tasks.domain.gates import GateResult
from tests.benchmarks.sampling import Sampler


def main() -> None:
    started, profiled = float(sys.argv[1]), sys.argv[2] == "yes"
    out = os.dup(1)
    os.dup2(2, 1)
    prefect_environment.prepare(read_settings(os.environ).home)
    from prefect import flow  # noqa: PLC0415 -- Prefect reads its environment when imported

    from flows import wiring  # noqa: PLC0415
    from flows.enterprise_merge import enterprise_merge  # noqa: PLC0415
    from flows.wiring import opening  # noqa: PLC0415
    from tasks.domain.run import RunIncomplete  # noqa: PLC0415

    wiring.load_meanwhile(load(read_settings(os.environ).config_directory))
    prefect_environment.wait_until_ready()
    flow(name="nothing")(_nothing)()
    prefect = time.monotonic() - started
    gates = _watched_gates(opening)
    spent, began = _spent(), time.monotonic()
    sampler = Sampler("repository")
    with prefect_environment.without_heartbeat(), sampler if profiled else nullcontext():
        try:
            document = enterprise_merge()
        except RunIncomplete as incomplete:
            document = incomplete.document | {"problems": incomplete.problems}
    told = {
        "prefect": prefect,
        "run": time.monotonic() - began,
        "gates": gates,
        "processor": {name: seconds - spent[name] for name, seconds in _spent().items()},
        "peak": _peaks(),
        "document": document,
        "profile": sampler.most(20),
    }
    os.write(out, json.dumps(told).encode())


def _nothing() -> None:
    pass


def _spent() -> dict[str, float]:
    """Seconds of a processor that this process, what it started and has ended, and Prefect's server have used."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    server = Path(f"/proc/{prefect_environment.server_process()}/stat").read_text().rpartition(")")[2].split()
    ticks = os.sysconf("SC_CLK_TCK")
    return {
        "hub": own.ru_utime + own.ru_stime,
        "git and gates": children.ru_utime + children.ru_stime,
        "Prefect's server": (int(server[11]) + int(server[12])) / ticks,
    }


def _peaks() -> dict[str, float]:
    """In MB: of this process, of the largest one that it started and that has ended, and of Prefect's server."""
    own, largest = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = Path(f"/proc/{prefect_environment.server_process()}/status").read_text()
    server = next(line for line in told.splitlines() if line.startswith("VmHWM:"))
    peaks = {"hub": own, "git or gate": largest, "Prefect's server": int(server.split()[1])}
    return {name: kilobytes / 1000 for name, kilobytes in peaks.items()}


def _watched_gates(opening: Any) -> list[tuple[str, float, float]]:
    """Filled while gates run: the beginning of the candidate's id, and when the gate itself ran."""
    seen: list[tuple[str, float, float]] = []

    class Watched(opening.ProcessGateRunner):  # type: ignore[misc]  # its type is known at run time only
        def run(self, gate: Gate, checkout: Path, log: Path, *rest: object) -> GateResult:
            result: GateResult = super().run(gate, checkout, log, *rest)
            ended = time.monotonic()
            seen.append((log.parent.name.partition("-")[0], ended - result.seconds, ended))
            return result

    opening.ProcessGateRunner = Watched
    return seen


if __name__ == "__main__":
    main()
