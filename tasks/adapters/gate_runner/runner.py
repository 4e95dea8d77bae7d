"""
One gate, from a free slot to a verdict.

Only exit status 0 is a pass. An end that says nothing about the code is `errored`, so that nobody is blamed for it:
stopped from outside, out of memory, status 75 (EX_TEMPFAIL), not started.
"""

import functools
import hashlib
import os
import platform
import signal
import threading
from pathlib import Path

import rfc8785

from config.schema import Gate
from tasks.adapters.gate_runner.output import SMALLEST_LIMIT, KeptOutput
from tasks.adapters.gate_runner.places import Place, private_place
from tasks.adapters.gate_runner.supervision import (
    STOPPED,
    Assignment,
    End,
    Isolation,
    Walls,
    strongest_isolation,
    supervise,
)
from tasks.adapters.gate_runner.tools import tools_on
from tasks.domain.gates import GateResult, Verdict
from tasks.domain.model import Digest
from tasks.ports import Surroundings
from tasks.redaction import redacted_stream

_LANGUAGE = "C.UTF-8"
_SIGNALED = 128
_SAYS_NOTHING = frozenset({os.EX_TEMPFAIL, _SIGNALED + signal.SIGKILL, _SIGNALED + signal.SIGTERM})


class ProcessGateRunner:
    """
    `slots` gates run at once; all runners of a process that name the same number share them.

    A gate's environment is PATH as merge-hub has it, LANG, LC_ALL, CI, and a HOME and a TMPDIR of its own. It has no
    capability, does not see what is `hidden` and does not change what is `guarded`, its own place excepted; what else
    is installed on the machine, or its user may read, it sees: production runs merge-hub where none of it is of worth.
    `isolation` is the strongest that the machine allows, unless it is given.
    """

    def __init__(
        self,
        slots: int,
        log_limit: int = 10 * 1024 * 1024,
        *,
        isolation: Isolation | None = None,
        hidden: tuple[Path, ...] = (),
        guarded: tuple[Path, ...] = (),
    ) -> None:
        if slots < 1 or log_limit < SMALLEST_LIMIT:
            raise ValueError(f"a gate needs a slot and at least {SMALLEST_LIMIT} bytes of log")
        self._slots = _shared_slots(slots)
        self._log_limit = log_limit
        self._isolation = isolation
        self._hidden = hidden
        self._guarded = guarded

    @property
    def environment(self) -> Digest:
        """Over system, machine, language, isolation, PATH and the usual tools that it leads to; not over the kernel."""
        facts: dict[str, str | dict[str, str]] = {
            "isolation": f"{self._chosen_isolation()} without capabilities, with guards",
            "language": _LANGUAGE,
            "machine": platform.machine(),
            "path": _path(),
            "system": platform.system(),
            "tools": dict(tools_on(_path())),
        }
        return Digest(f"sha256:{hashlib.sha256(rfc8785.dumps(facts)).hexdigest()}")

    def run(
        self,
        gate: Gate,
        checkout: Path,
        log: Path,
        over: threading.Event | None = None,
        surroundings: Surroundings | None = None,
    ) -> GateResult:
        with self._slots:
            if over is not None and over.is_set():
                return _result(gate, STOPPED, None)
            with private_place(checkout, surroundings) as place:
                return self._run(gate, place, log, over)

    def _run(self, gate: Gate, place: Place, log: Path, over: threading.Event | None) -> GateResult:
        shown = redacted_stream()
        with KeptOutput(log, self._log_limit) as output:
            walls = Walls(place.root, self._hidden, self._guarded, gate.network)
            assignment = Assignment(gate.command, place.copy, _environment(place), gate.timeout, walls)
            try:
                end = supervise(assignment, self._chosen_isolation(), lambda chunk: output.add(shown.add(chunk)), over)
            except OSError as error:
                end = End("unstarted", error.errno or 0, 0.0)
            if end.how == "unstarted":
                output.add(f"The gate could not be started: {os.strerror(end.number)}.\n".encode())
            output.add(shown.finish())
            return _result(gate, end, output.finish())

    def _chosen_isolation(self) -> Isolation:
        return self._isolation or strongest_isolation()


@functools.cache
def _shared_slots(count: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(count)


def _path() -> str:
    return os.environ.get("PATH", os.defpath)


def _environment(place: Place) -> dict[str, str]:
    return {
        "CI": "true",
        "HOME": str(place.home),
        "LANG": _LANGUAGE,
        "LC_ALL": _LANGUAGE,
        "PATH": _path(),
        "TMPDIR": str(place.temporary),
        **({} if place.change_set is None else {"MERGE_HUB_CHANGE_SET": str(place.change_set)}),
    }


def _result(gate: Gate, end: End, log: Digest | None) -> GateResult:
    verdict, exit_code = _judged(end)
    return GateResult(gate.name, gate.required, verdict, exit_code, round(end.seconds, 3), log)


def _judged(end: End) -> tuple[Verdict, int | None]:
    """A signal's number is given as a shell gives it, because whether a shell stands between is the shell's affair."""
    match end.how:
        case "timed_out":
            return Verdict.TIMED_OUT, None
        case "stopped":
            return Verdict.SKIPPED, None
        case "exited" | "signaled":
            code = end.number if end.how == "exited" else _SIGNALED + end.number
        case _:
            return Verdict.ERRORED, None
    if code == 0:
        return Verdict.PASSED, code
    return (Verdict.ERRORED if code in _SAYS_NOTHING else Verdict.FAILED), code
