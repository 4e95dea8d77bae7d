"""
Starts one gate and lets nothing of it live on: not past its end, its time limit, or the end of merge-hub.

    merge-hub ── starter ── supervisor ── (the first process of new namespaces) ── /bin/sh -c command

With namespaces, the gate sees no process but its own (nor their environments), and the kernel ends them all with the
first. Where the machine does not allow that, the supervisor adopts whatever loses its parent and kills its children
until it has none. Either way it is told by the kernel when the starter ends, which ends with merge-hub.

It imports little, because it is forked for every gate. It writes one line to the status descriptor: `exited CODE`,
`signaled NUMBER`, `timed_out 0` or `unstarted ERRNO`, then the seconds the gate took.
"""

import ctypes
import os
import signal
import time

_NEW_MOUNTS, _NEW_USER, _NEW_PROCESSES = 0x0002_0000, 0x1000_0000, 0x2000_0000
_PRIVATE_RECURSIVELY = (1 << 18) | (1 << 14)
_NOTHING_SPECIAL = 2 | 4 | 8  # no set-user-id, no devices, no programs
_PARENT_DEATH_SIGNAL, _CHILD_SUBREAPER = 1, 36
_AWAITED = frozenset({signal.SIGCHLD, signal.SIGTERM})

_libc = ctypes.CDLL(None, use_errno=True)


def main(parent: int, status: int, arguments: list[str]) -> int:
    isolation, limit, grace, command = arguments
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    _system(_libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0))
    if os.getppid() != parent:
        return 1
    if isolation == "process-tree":
        _keep(command, (float(limit), float(grace)), status, parent)
    elif _first_of_new_namespaces(parent, with_user=isolation == "user-namespaces"):
        _keep(command, (float(limit), float(grace)), status, parent=None)
    return 0


def _first_of_new_namespaces(parent: int, *, with_user: bool) -> bool:
    """True in the first process of new namespaces; False in this one, when that one and all others there are gone."""
    user, group = os.getuid(), os.getgid()
    _system(_libc.unshare(_NEW_PROCESSES | _NEW_MOUNTS | (_NEW_USER if with_user else 0)))
    if with_user:
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{user} {user} 1")
        _write("/proc/self/gid_map", f"{group} {group} 1")
    first = os.fork()
    if first:
        _wait(first, until=None, parent=parent)
        os.kill(first, signal.SIGKILL)
        os.waitpid(first, 0)
        return False
    _system(_libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0))
    _system(_libc.mount(b"none", b"/", None, _PRIVATE_RECURSIVELY, None))
    _system(_libc.mount(b"proc", b"/proc", b"proc", _NOTHING_SPECIAL, None))
    return True


def _keep(command: str, limits: tuple[float, float], status: int, parent: int | None) -> None:
    limit, grace = limits
    _system(_libc.prctl(_CHILD_SUBREAPER, 1, 0, 0, 0))
    started = time.monotonic()
    try:
        gate = _start(command)
    except OSError as error:
        _write_status(status, "unstarted", error.errno or 0, 0)
        return
    outcome = _wait(gate, until=started + limit, parent=parent)
    end = os.waitid(os.P_PID, gate, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if outcome == "late":
        os.killpg(gate, signal.SIGTERM)
        _wait(gate, until=time.monotonic() + grace, parent=parent)
    seconds = time.monotonic() - started
    _kill_all()
    if outcome == "late":
        _write_status(status, "timed_out", 0, seconds)
    elif outcome == "ended" and end is not None:
        _write_status(status, "exited" if end.si_code == os.CLD_EXITED else "signaled", end.si_status, seconds)


def _start(command: str) -> int:
    # Python ignores these two signals, and what is ignored would be ignored in the gate as well.
    defaults = (signal.SIGPIPE, signal.SIGXFSZ)
    return os.posix_spawn(
        "/bin/sh", ["/bin/sh", "-c", command], os.environ, setsid=True, setsigmask=(), setsigdef=defaults
    )


def _wait(awaited: int, *, until: float | None, parent: int | None) -> str:
    """
    Until `awaited` has `ended` (it is left to be reaped), it is `late`, or `parent` has `told` us to stop.

    Only the parent can tell: a gate that sends us the signal is not heard. Others that end meanwhile are reaped.
    """
    while True:
        while (ended := _peek()) is not None:
            if ended == awaited:
                return "ended"
            os.waitpid(ended, 0)
        if until is None:
            heard: signal.struct_siginfo | None = signal.sigwaitinfo(_AWAITED)
        else:
            heard = signal.sigtimedwait(_AWAITED, max(0.0, until - time.monotonic()))
        if heard is None:
            return "late"
        if heard.si_signo == signal.SIGTERM and heard.si_pid == parent:
            return "told"


def _peek() -> int | None:
    ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return None if ended is None else ended.si_pid


def _kill_all() -> None:
    """Whoever loses its parent to this becomes our child, and is met in the next round."""
    while True:
        for process in _victims():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _victims() -> list[int]:
    if os.getpid() == 1:
        return [-1]
    listing = os.open(f"/proc/self/task/{os.getpid()}/children", os.O_RDONLY)
    try:
        return [int(process) for process in os.read(listing, 1 << 20).split()]
    finally:
        os.close(listing)


def _write(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def _write_status(status: int, end: str, number: int, seconds: float) -> None:
    os.write(status, f"{end} {number} {seconds:.6f}\n".encode())


def _system(result: int) -> None:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
