"""One program forks the supervisors of all gates; what becomes of them does not hang on it."""

import os
import signal
import threading
import time
import uuid
from pathlib import Path

from tasks.adapters.gate_runner import starting
from tasks.domain.gates import GateResult, Verdict
from tests.adapters.gate_runner.conftest import Bench
from tests.adapters.gate_runner.processes import gone_within, running

PROGRAM = str(Path(starting.__file__).with_name("starter.py"))


def starters() -> list[int]:
    """Those of this process."""
    return [int(each) for each in running(PROGRAM) if _parent_of(each) == os.getpid()]


def _parent_of(process: str) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def test_one_starter_serves_all_gates_and_has_nothing_of_our_environment(bench: Bench) -> None:
    verdicts = [bench.run("true").verdict, bench.run("false").verdict]
    (starter,) = starters()

    assert verdicts == [Verdict.PASSED, Verdict.FAILED]
    assert b"PATH" not in Path(f"/proc/{starter}/environ").read_bytes()


def test_a_starter_that_was_killed_takes_its_gates_along_and_the_next_gate_has_another_one(bench: Bench) -> None:
    marker, found = f"marker-{uuid.uuid4().hex}", list[GateResult]()
    bench.run("true")
    (first,) = starters()
    gate = threading.Thread(target=lambda: found.append(bench.run(f"sh -c 'sleep 60; true' {marker}")))
    gate.start()
    _wait_for(marker)
    os.kill(first, signal.SIGKILL)
    gate.join(20)
    after = bench.run("true")

    assert [each.verdict for each in found] == [Verdict.ERRORED]
    assert gone_within(5, marker)
    assert after.verdict is Verdict.PASSED
    assert first not in starters()


def test_gates_that_end_leave_no_more_than_what_the_next_one_clears_away(bench: Bench) -> None:
    for _ in range(5):
        bench.run("true")
    (starter,) = starters()
    children = Path(f"/proc/{starter}/task/{starter}/children").read_text().split()

    assert len(children) <= 1


def _wait_for(marker: str) -> None:
    deadline = time.monotonic() + 20
    while not running(marker) and time.monotonic() < deadline:
        time.sleep(0.02)
