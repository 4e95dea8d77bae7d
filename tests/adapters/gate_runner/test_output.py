"""What is kept of a gate's output, and what happens when it cannot be."""

import hashlib
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Gate
from tasks.adapters.gate_runner import ProcessGateRunner
from tasks.adapters.gate_runner.output import KeptOutput
from tasks.domain.errors import GateOutputUnwritable
from tasks.domain.gates import Verdict
from tests.adapters.gate_runner.conftest import Bench, MakeBench

MEBIBYTE = 1 << 20


def test_a_gate_that_prints_a_gigabyte_costs_neither_memory_nor_disk(make_bench: MakeBench) -> None:
    bench = make_bench(ProcessGateRunner(1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = bench.run("head -c 1000000000 /dev/zero; echo end", timeout=60)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert result.verdict is Verdict.PASSED
    assert bench.log.stat().st_size <= 10 * MEBIBYTE
    assert bench.log.read_bytes().endswith(b"\0end\n")
    assert grown < 64 * 1024  # KiB


def test_a_gate_that_prints_without_end_is_stopped_at_its_limit(make_bench: MakeBench) -> None:
    bench = make_bench(ProcessGateRunner(1, 64 * 1024))
    result = bench.run("yes", timeout=1)

    assert result.verdict is Verdict.TIMED_OUT
    assert bench.log.stat().st_size <= 64 * 1024


def test_of_a_long_output_the_beginning_and_the_end_are_kept_and_what_is_left_out_is_counted(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(ProcessGateRunner(1, 2048))
    result = bench.run("seq 1 100000")
    log = bench.log.read_text()
    note = re.search(r"\n… (\d+) bytes left out …\n", log)

    assert note is not None
    assert log.startswith("1\n2\n3\n")
    assert log.endswith("99999\n100000\n")
    assert int(note[1]) == len("".join(f"{n}\n" for n in range(1, 100_001))) - (2048 - 64)
    assert result.log == f"sha256:{hashlib.sha256(bench.log.read_bytes()).hexdigest()}"


@given(st.lists(st.binary(max_size=900), max_size=12))
def test_the_log_is_the_output_or_its_two_ends_within_the_limit(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    log = tmp_path_factory.mktemp("kept") / "log"
    with KeptOutput(log, 1024) as output:
        for chunk in chunks:
            output.add(chunk)
        digest = output.finish()
    whole, kept = b"".join(chunks), log.read_bytes()

    assert len(kept) <= 1024
    assert digest == f"sha256:{hashlib.sha256(kept).hexdigest()}"
    assert kept == whole or (len(whole) > 960 and kept[:480] == whole[:480] and kept[-480:] == whole[-480:])


def test_a_log_on_a_full_disk_ends_the_gate_and_says_what_to_do(bench: Bench) -> None:
    full = Gate(name="unit", command="while :; do echo more; sleep 0.01; done", timeout=20)
    started = time.monotonic()
    with pytest.raises(GateOutputUnwritable) as refusal:
        bench.runner.run(full, bench.checkout, Path("/dev/full"))

    assert "No space left on device" in refusal.value.message
    assert "Make room" in refusal.value.remedy
    assert time.monotonic() - started < 10
    assert bench.beside == set()


def test_a_log_without_a_directory_is_refused_before_the_gate_runs(bench: Bench) -> None:
    witness = bench.checkout.parent / "witness"
    gate = Gate(name="unit", command=f"touch {witness}", timeout=20)
    with pytest.raises(GateOutputUnwritable, match="No such file or directory"):
        bench.runner.run(gate, bench.checkout, bench.checkout / "no" / "gate.log")

    assert not witness.exists()


SMALL_FILES_ONLY = """
import resource, sys
from pathlib import Path
from config.schema import Gate
from tasks.adapters.gate_runner import ProcessGateRunner
from tasks.domain.errors import GateOutputUnwritable

resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
place = Path(sys.argv[1])
try:
    ProcessGateRunner(1).run(Gate(name="unit", command=sys.argv[2]), place / "checkout", place / "gate.log")
except GateOutputUnwritable as error:
    print(error.message)
"""


def under_a_file_limit(place: Path, command: str) -> str:
    (place / "checkout").mkdir()
    (place / "checkout" / "big").write_bytes(b"x" * 100_000 if command == "copy" else b"")
    hub = subprocess.run(
        [sys.executable, "-c", SMALL_FILES_ONLY, str(place), command], check=True, capture_output=True, text=True
    )
    return hub.stdout


def test_a_log_that_the_system_will_not_let_grow_is_unwritable(tmp_path: Path) -> None:
    assert "File too large" in under_a_file_limit(tmp_path, "yes | head -c 100000")


def test_a_checkout_that_cannot_be_copied_whole_is_no_checkout(tmp_path: Path) -> None:
    told = under_a_file_limit(tmp_path, "copy")

    assert "cannot be copied" in told
    assert [entry.name for entry in tmp_path.iterdir()] == ["checkout"]


def test_a_checkout_that_is_not_there_is_unwritable_and_not_a_failing_gate(bench: Bench) -> None:
    with pytest.raises(GateOutputUnwritable, match="cannot be copied"):
        bench.runner.run(Gate(name="unit", command="true"), bench.checkout.with_name("gone"), bench.log)

    assert bench.beside == set()
