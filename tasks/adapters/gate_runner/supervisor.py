"""
Starts one gate and lets nothing of it live on: not past its end, its time limit, or the end of merge-hub.

    merge-hub ── starter ── supervisor ── (the first process of new namespaces) ── /bin/sh -c command

With namespaces, the gate sees no process but its own (nor their environments) and nothing of what is hidden from it,
and the kernel ends them all with the first. Where the machine does not allow that, the supervisor adopts whatever loses
its parent and kills its children until it has none. Either way it is told by the kernel when the starter ends, which
ends with merge-hub.

No gate has a capability, whoever runs merge-hub: root could take the new `/proc` away, and read what lies beneath.

It imports little, because it is forked for every gate. It writes one line to the status descriptor: `exited CODE`,
`signaled NUMBER`, `timed_out 0` or `unstarted ERRNO`, then the seconds the gate took.
"""

import ctypes
import os
import signal
import sys
import time

_NEW_MOUNTS, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK = 0x0002_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000
_PRIVATE_RECURSIVELY = (1 << 18) | (1 << 14)
_NOTHING_SPECIAL = 2 | 4 | 8  # no set-user-id, no devices, no programs
_BIND_RECURSIVELY = (1 << 12) | (1 << 14)
_READ_ONLY_FROM_NOW_ON = 1 | (1 << 5) | (1 << 12)
_GIVEN = 2 | 4 | 8  # in what statvfs tells they are the same bits as for mount
_PARENT_DEATH_SIGNAL, _DROP_FROM_BOUNDING_SET, _CHILD_SUBREAPER, _NO_NEW_PRIVILEGES = 1, 24, 36, 38
_INTERNET, _DATAGRAMS, _SET_FLAGS, _UP = 2, 2, 0x8914, 0x41
_AWAITED = frozenset({signal.SIGCHLD, signal.SIGTERM})

_libc = ctypes.CDLL(None, use_errno=True)


def main(parent: int, status: int, arguments: list[str]) -> int:
    isolation, limit, grace, network, own, *places, command = arguments
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    _system(_libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0))
    if os.getppid() != parent:
        return 1
    if isolation == "process-tree" and network == "host":
        _keep(command, (float(limit), float(grace)), status, parent)
    elif isolation != "process-tree":
        kinds = (_NEW_USER if isolation == "user-namespaces" else 0) | (_NEW_NETWORK if network == "none" else 0)
        if _first_of_new_namespaces(parent, kinds):
            _wall_in(own, places)
            _keep(command, (float(limit), float(grace)), status, parent=None)
    return 0


def _first_of_new_namespaces(parent: int, kinds: int) -> bool:
    """True in the first process of new namespaces; False in this one, when that one and all others there are gone."""
    user, group = os.getuid(), os.getgid()
    _system(_libc.unshare(_NEW_PROCESSES | _NEW_MOUNTS | kinds))
    if kinds & _NEW_USER:
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
    if kinds & _NEW_NETWORK:
        _wake_loopback()
    return True


def _wake_loopback() -> None:
    """A network of its own begins with one interface, which is down; programs that talk to themselves need it."""
    socket = _libc.socket(_INTERNET, _DATAGRAMS, 0)
    _system(socket)
    _system(_libc.ioctl(socket, _SET_FLAGS, b"lo".ljust(16, b"\0") + _UP.to_bytes(2, sys.byteorder) + bytes(22)))
    os.close(socket)


def _wall_in(own: str, places: list[str]) -> None:
    """Of each place, whether to `guard` or to `hide` it is said first; `own` stays where and as it was."""
    directory, kept = os.getcwd(), os.open(own, os.O_PATH | os.O_DIRECTORY)
    for place in places:
        how, _, path = place.partition(" ")
        (_guard if how == "guard" else _hide)(os.fsencode(path))
    os.makedirs(own, exist_ok=True)
    _system(_libc.mount(b"/proc/self/fd/%d" % kept, os.fsencode(own), None, _BIND_RECURSIVELY, None))
    os.close(kept)
    # From where it was, `..` would lead to what is hidden.
    os.chdir(directory)


def _hide(path: bytes) -> None:
    """Nothing stands there any more."""
    if os.path.isdir(path):
        _system(_libc.mount(b"none", path, b"tmpfs", _NOTHING_SPECIAL, b"size=64k,mode=755"))
    elif os.path.exists(path):
        _system(_libc.mount(b"/dev/null", path, None, _BIND_RECURSIVELY, None))


def _guard(path: bytes) -> None:
    """What stands there can be read only; other file systems below it stay as they are."""
    if os.path.isdir(path) and not os.path.islink(path):
        _system(_libc.mount(path, path, None, _BIND_RECURSIVELY, None))
        # Who has no privileges outside may not take away what the mount was given.
        given = os.statvfs(path).f_flag & _GIVEN
        _system(_libc.mount(b"none", path, None, _READ_ONLY_FROM_NOW_ON | given, None))


def _renounce() -> None:
    """What it does not have, nobody whom it starts can have, root or not."""
    capability = 0
    while _libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0) == 0:
        capability += 1
    _system(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))


def _keep(command: str, limits: tuple[float, float], status: int, parent: int | None) -> None:
    limit, grace = limits
    _system(_libc.prctl(_CHILD_SUBREAPER, 1, 0, 0, 0))
    _renounce()
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
