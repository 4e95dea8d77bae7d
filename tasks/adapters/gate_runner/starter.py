"""
Forks a supervisor for every gate: to start a program anew for each takes longer than many a gate.

    merge-hub ── starter ── supervisor ── …

A program of its own, of which each process that runs gates starts one, with an empty environment. It hears over a
socket, a word and a number at a time, what to `start`, and whose supervisor to `stop` or to `kill`; with `start` come
three descriptors: what to run, where its output goes and where the supervisor writes its end. It ends with the other
end of the socket; supervisors are told of that by the kernel.
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import supervisor  # type: ignore[import-not-found]  # beside this file: without packages, it is not one's module

_STATUS, _BEYOND = 3, 1 << 16
_WORD_BYTES, _DESCRIPTORS = 64, 3
_SIGNALS = {"stop": signal.SIGTERM, "kill": signal.SIGKILL}


def serve(control: socket.socket) -> None:
    """Whoever has ended is reaped when the next word comes: until then its number means nobody else."""
    supervisors: dict[str, int] = {}
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _WORD_BYTES, _DESCRIPTORS)
        if not message:
            return
        word, number = message.decode().split()
        if word == "start":
            supervisors[number] = _start(*descriptors)
        elif number in supervisors:
            os.kill(supervisors[number], _SIGNALS[word])
        ended = _reaped()
        supervisors = {number: process for number, process in supervisors.items() if process not in ended}


def _start(order: int, output: int, status: int) -> int:
    """The supervisor's process id; 0 where there is none, which is written to `status`."""
    try:
        process = os.fork()
    except OSError as error:
        os.write(status, b"unstarted %d 0\n" % (error.errno or 0))
        process = 0
    else:
        if process == 0:
            _become_supervisor(order, output, status)
    for descriptor in (order, output, status):
        os.close(descriptor)
    return process


def _become_supervisor(order: int, output: int, status: int) -> None:
    """Does not return."""
    code = 1
    try:
        with os.fdopen(order) as told:
            wanted = json.load(told)
        parent = os.getppid()
        os.setsid()
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(status, _STATUS, inheritable=False)
        os.closerange(_STATUS + 1, _BEYOND)
        os.environ.clear()
        os.environ.update(wanted["environment"])
        os.chdir(wanted["directory"])
        code = supervisor.main(parent, _STATUS, wanted["arguments"])
    except OSError as error:
        os.write(_STATUS, b"unstarted %d 0\n" % (error.errno or 0))
    finally:
        os._exit(code)


def _reaped() -> frozenset[int]:
    ended: set[int] = set()
    while True:
        try:
            process, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return frozenset(ended)
        if process == 0:
            return frozenset(ended)
        ended.add(process)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
