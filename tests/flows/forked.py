"""
Processes that begin with everything imported: forked from one that has imported it and done nothing else.

A run of the hub spends two seconds importing, and a sandbox one; a test that kills many of them has better to do.
`python -m tests.flows.forked PROGRAM` takes one request a line and answers each with one number: of a program that is
waited for the exit status as `subprocess` counts it, else the process id. It ends, and all that it forked, with its
standard input.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deployments.sandbox.environment import environment
from deployments.sandbox.process import Endpoints, Sandbox

PROJECT = Path(__file__).parents[2]
IMPORTED = {
    "tests.flows.hub_process": (
        *("flows.enterprise_merge", "flows.metrics_report", "prefect_slack", "prefect.flow_engine"),
        *("prefect.task_engine", "anyio._backends._asyncio", "sqlalchemy.dialects.sqlite"),
    ),
    "deployments.sandbox.__main__": (),
}


class Forks:
    """A context in which `program`, a module with a `main`, can be begun as often as wanted."""

    def __init__(self, program: str, *, waits: bool, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "tests.flows.forked", program, "waits" if waits else "returns"]
        self._environment = {"PATH": os.environ["PATH"], **environment}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def begin(self, arguments: Sequence[str], out: Path, environment: Mapping[str, str] | None = None) -> int:
        """Its standard output goes to `out`, its standard error to a file beside it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"arguments": list(arguments), "out": str(out), "environment": dict(environment or {})}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class ForkedSandbox(Sandbox):
    """The sandbox over `data`, ready in a moment; without an object store."""

    def __init__(self, forks: Forks, data: Path) -> None:
        super().__init__(data=data, object_store=False)
        self._forks = forks
        self._ready = data.with_name(f"{data.name}.ready")

    def __enter__(self) -> Self:
        os.mkfifo(self._ready)
        arguments = [each for each in self._arguments if each != "--stop-at-eof"]
        self._pid = self._forks.begin(arguments, self._ready)
        self._out = self._ready.open()
        said = json.loads(self._out.readline())
        root = said["api_url"].removesuffix("/api/v3")
        del said["ready"]
        self._endpoints = Endpoints(root_url=root, **said)
        return self

    def environment(self) -> dict[str, str]:
        return environment(self.endpoints, None)

    def stop(self) -> None:
        os.kill(self._pid, signal.SIGTERM)
        with self._out:
            self._out.read()


def main() -> None:
    program = importlib.import_module(sys.argv[1])
    for name in IMPORTED[sys.argv[1]]:
        importlib.import_module(name)
    begun: list[int] = []
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(program, request)
        begun.append(pid)
        answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if sys.argv[2] == "waits" else pid
        os.write(1, f"{answer}\n".encode())
    for pid in begun if sys.argv[2] != "waits" else ():
        os.kill(pid, signal.SIGKILL)  # one that has ended has not been waited for, so its number is still its own


def _become(program: Any, request: Mapping[str, Any]) -> None:
    os.setsid()
    out = Path(request["out"])
    for descriptor, path in ((0, Path(os.devnull)), (1, out), (2, out.with_name(f"{out.name}.err"))):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | (0 if path.is_fifo() else os.O_CREAT | os.O_TRUNC)
        os.dup2(os.open(path, flags), descriptor)
    os.environ |= request["environment"]
    sys.argv[1:] = request["arguments"]
    status = 0
    try:
        program.main()
    except BaseException:  # noqa: BLE001 -- the end of this process, which must not become that of its parent's code
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
