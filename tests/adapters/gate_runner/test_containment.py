"""Nothing that a gate starts lives on."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import pytest

from config.schema import Gate
from tasks.adapters.gate_runner import Isolation, ProcessGateRunner
from tasks.adapters.gate_runner.supervision import strongest_isolation
from tasks.domain.gates import GateResult, Verdict
from tests.adapters.gate_runner.conftest import ISOLATIONS, Bench, MakeBench
from tests.adapters.gate_runner.processes import gone_within, running


@pytest.fixture
def marker() -> str:
    return f"marker-{uuid.uuid4().hex}"


def lingering(marker: str) -> str:
    """A program that ignores being told to end, and bears the marker."""
    return f"sh -c 'trap \"\" TERM HUP; while :; do sleep 0.05; done' {marker}"


ESCAPES = {
    "in the background": "{} &",
    "in a session of its own": "setsid {} &",
    "twice forked": "(setsid sh -c '(exec setsid \"$@\" &)' x {} &)",
    "without any stream": "setsid {} < /dev/null > /dev/null 2>&1 &",
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES.keys())
def test_what_a_gate_leaves_behind_is_killed_and_does_not_hold_it_up(bench: Bench, marker: str, escape: str) -> None:
    started = time.monotonic()
    result = bench.run(f"{escape.format(lingering(marker))}\nsleep 0.2; echo done")

    assert result.verdict is Verdict.PASSED
    assert time.monotonic() - started < 5
    assert not running(marker)


def test_at_the_limit_everything_a_gate_started_is_killed(bench: Bench, marker: str) -> None:
    escapes = "\n".join(escape.format(lingering(marker)) for escape in ESCAPES.values())
    result = bench.run(f"trap '' TERM\n{escapes}\nwhile :; do sleep 0.05; done", timeout=1)

    assert result.verdict is Verdict.TIMED_OUT
    assert 3 <= result.seconds < 6
    assert not running(marker)


def test_hundreds_of_processes_are_killed_at_once(bench: Bench, marker: str) -> None:
    many = f"i=0; while [ $i -lt 200 ]; do setsid sh -c 'sleep 60; true' {marker} & i=$((i+1)); done; sleep 60"
    started = time.monotonic()
    result = bench.run(many, timeout=1)

    assert result.verdict is Verdict.TIMED_OUT
    assert time.monotonic() - started < 6
    assert not running(marker)


def test_a_chain_of_processes_that_each_die_at_once_is_broken(bench: Bench, marker: str, tmp_path: Path) -> None:
    hop = tmp_path / "checkout" / "hop"
    hop.write_text('#!/bin/sh\nsetsid "$0" "$1" > /dev/null 2>&1 &\n')
    hop.chmod(0o755)
    bench.run(f"./hop {marker}; sleep 0.3")

    assert gone_within(0.5, marker)


@pytest.mark.skipif(strongest_isolation() is Isolation.PROCESS_TREE, reason="everyone is everyone, without a namespace")
def test_a_gate_may_tell_everyone_to_end_and_ends_only_itself(make_bench: MakeBench) -> None:
    bench = make_bench(ProcessGateRunner(1))
    result = bench.run("trap '' TERM; kill -TERM 1; kill -KILL 1; kill -TERM -1 2> /dev/null; echo still here")

    assert (result.verdict, bench.log.read_text()) == (Verdict.PASSED, "still here\n")


def test_a_gate_cannot_stop_its_supervisor_by_asking(bench: Bench) -> None:
    result = bench.run("kill -TERM $PPID; sleep 0.1; echo still here")

    assert (result.verdict, bench.log.read_text()) == (Verdict.PASSED, "still here\n")


def test_a_gate_that_reads_its_input_finds_it_empty(bench: Bench) -> None:
    assert bench.output("cat; echo read") == "read\n"


def test_a_gate_has_no_terminal_and_a_session_of_its_own(bench: Bench) -> None:
    assert bench.output("test $(ps -o sid= -p $$) = $$ && (: < /dev/tty) 2> /dev/null || echo none") == "none\n"


def test_a_pipe_that_ends_early_ends_its_writer_as_in_any_shell(bench: Bench) -> None:
    # Which of the two writes first is the scheduler's business.
    assert sorted(bench.output("(yes; echo $? >&2) | head -1; sleep 0.1").split()) == ["141", "y"]


HUB = """
import signal
import sys
from pathlib import Path
from config.schema import Gate
from tasks.adapters.gate_runner import Isolation, ProcessGateRunner

# Whoever runs the tests in the background has had it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
isolation, command, place = sys.argv[1:]
gate = Gate(name="unit", command=command, timeout=60)
ProcessGateRunner(1, isolation=Isolation(isolation)).run(gate, Path(place) / "checkout", Path(place) / "gate.log")
"""


@pytest.mark.parametrize("isolation", ISOLATIONS)
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_gate_ends_with_the_hub_however_the_hub_ends(
    isolation: Isolation, end: signal.Signals, marker: str, tmp_path: Path
) -> None:
    (tmp_path / "checkout").mkdir()
    command = f"setsid {lingering(marker)} & {lingering(marker)}"
    hub = subprocess.Popen([sys.executable, "-c", HUB, isolation, command, str(tmp_path)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while len(running(marker)) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    begun = len(running(marker))
    os.kill(hub.pid, end)
    hub.wait(20)

    assert begun >= 2
    assert gone_within(5, marker)


def test_no_more_gates_run_at_once_than_there_are_slots(bench: Bench, tmp_path: Path) -> None:
    diary = tmp_path / "checkout" / ".." / "diary"
    results: list[GateResult] = []
    gate = Gate(name="unit", command=f"echo in >> {diary}; sleep 0.3; echo out >> {diary}", timeout=20)

    def work(number: int) -> None:
        results.append(bench.runner.run(gate, bench.checkout, tmp_path / f"{number}.log"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    _all(threads)
    inside = _most_inside(diary.read_text().split())

    assert [result.verdict for result in results] == [Verdict.PASSED] * 5
    assert inside == 2


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _most_inside(diary: list[str]) -> int:
    balance = [sum(1 if word == "in" else -1 for word in diary[: end + 1]) for end in range(len(diary))]
    return max(balance)
