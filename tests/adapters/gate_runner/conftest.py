from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.schema import Gate
from tasks.adapters.gate_runner import Isolation, ProcessGateRunner
from tasks.adapters.gate_runner.supervision import strongest_isolation
from tasks.domain.gates import GateResult

ISOLATIONS = sorted({strongest_isolation(), Isolation.PROCESS_TREE})


@dataclass(frozen=True)
class Bench:
    """A checkout, a log, and a runner to run gates with."""

    runner: ProcessGateRunner
    checkout: Path
    log: Path

    def run(self, command: str, *, timeout: int = 20, required: bool = True) -> GateResult:
        gate = Gate(name="unit", command=command, timeout=timeout, required=required)
        return self.runner.run(gate, self.checkout, self.log)

    def output(self, command: str) -> str:
        self.run(command)
        return self.log.read_text()

    @property
    def beside(self) -> set[str]:
        """What stands beside checkout and log: nothing, once a gate is over."""
        return {entry.name for entry in self.checkout.parent.iterdir()} - {"checkout", "gate.log"}


MakeBench = Callable[[ProcessGateRunner], Bench]


@pytest.fixture
def make_bench(tmp_path: Path) -> MakeBench:
    def make(runner: ProcessGateRunner) -> Bench:
        checkout = tmp_path / "checkout"
        checkout.mkdir()
        (checkout / "README").write_text("hello\n")
        return Bench(runner, checkout, tmp_path / "gate.log")

    return make


@pytest.fixture(params=ISOLATIONS)
def bench(request: pytest.FixtureRequest, make_bench: MakeBench) -> Bench:
    return make_bench(ProcessGateRunner(2, isolation=request.param))
