import hashlib
import math
import signal

import pytest

from config.schema import Gate
from tasks.adapters.gate_runner import ProcessGateRunner
from tasks.domain.gates import Verdict
from tests.adapters.gate_runner.conftest import Bench


def test_a_gate_that_ends_with_0_passed(bench: Bench) -> None:
    result = bench.run("test -f README")

    assert (result.gate, result.required, result.verdict, result.exit_code) == ("unit", True, Verdict.PASSED, 0)
    assert not result.cached


@pytest.mark.parametrize("code", [1, 2, 124, 126, 127, 255])
def test_a_gate_that_ends_with_another_code_failed(bench: Bench, code: int) -> None:
    result = bench.run(f"exit {code}")

    assert (result.verdict, result.exit_code) == (Verdict.FAILED, code)


def test_a_command_that_does_not_exist_failed(bench: Bench) -> None:
    assert bench.run("no-such-command").exit_code == 127


@pytest.mark.parametrize("ending", ["exit 75", "exit 137", "exit 143", "kill -KILL $$", "kill -TERM $$"])
def test_an_end_that_says_nothing_about_the_code_is_errored_and_not_failed(bench: Bench, ending: str) -> None:
    assert bench.run(ending).verdict is Verdict.ERRORED


def test_a_crash_failed_with_the_code_that_a_shell_gives_it(bench: Bench) -> None:
    result = bench.run("kill -SEGV $$")

    assert (result.verdict, result.exit_code) == (Verdict.FAILED, 128 + signal.SIGSEGV)


def test_a_command_too_long_to_be_started_is_errored_and_says_so(bench: Bench) -> None:
    result = bench.run("true " + "x" * 200_000)

    assert (result.verdict, result.exit_code) == (Verdict.ERRORED, None)
    assert "could not be started" in bench.log.read_text()


def test_a_gate_over_its_limit_timed_out_without_an_exit_code(bench: Bench) -> None:
    result = bench.run("sleep 60", timeout=1)

    assert (result.verdict, result.exit_code) == (Verdict.TIMED_OUT, None)
    assert 1 <= result.seconds < 2


def test_a_gate_that_ends_well_when_told_to_at_its_limit_timed_out_all_the_same(bench: Bench) -> None:
    result = bench.run("trap 'echo cleaning up; exit 0' TERM; while :; do :; done", timeout=1)

    assert result.verdict is Verdict.TIMED_OUT
    assert bench.log.read_text() == "cleaning up\n"


def test_the_time_a_gate_took_is_measured_to_the_millisecond(bench: Bench) -> None:
    seconds = bench.run("sleep 0.3").seconds

    assert 0.3 <= seconds < 1
    assert math.isclose(seconds * 1000, round(seconds * 1000))


def test_a_gate_that_is_not_required_is_not(bench: Bench) -> None:
    assert not bench.run("true", required=False).required


def test_output_and_errors_go_into_one_log_in_order_and_its_digest_is_the_file_s(bench: Bench) -> None:
    result = bench.run("echo one; echo two >&2; echo three")

    assert bench.log.read_text() == "one\ntwo\nthree\n"
    assert result.log == f"sha256:{hashlib.sha256(bench.log.read_bytes()).hexdigest()}"


def test_a_gate_without_output_has_the_digest_of_nothing(bench: Bench) -> None:
    assert bench.run("true").log == f"sha256:{hashlib.sha256(b'').hexdigest()}"


@pytest.mark.parametrize(("slots", "limit"), [(0, 4096), (1, 10)])
def test_a_runner_without_slots_or_without_room_for_a_log_is_refused(slots: int, limit: int) -> None:
    with pytest.raises(ValueError, match="a gate needs a slot"):
        ProcessGateRunner(slots, limit)


def test_the_limit_counts_from_the_start_and_not_from_waiting_for_a_slot(bench: Bench) -> None:
    assert bench.runner.run(Gate(name="slow", command="sleep 0.5", timeout=1), bench.checkout, bench.log).exit_code == 0
