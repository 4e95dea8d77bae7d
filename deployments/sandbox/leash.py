"""
Becomes another program that the kernel kills as soon as the one who started it is gone, even by `kill -9`.

Run as a file, `python -I -S leash.py PARENT_PID PROGRAM ARGUMENT…`, so that it costs no imports. The kernel watches
the *thread* that started it: start it from a thread that lives as long as the program should. Only Linux has this;
elsewhere the program runs unleashed.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before the leash was on; then nobody would ever pull it.
    if os.getppid() == parent:
        os.execv(program[0], program)  # noqa: S606 -- the point of this file


if __name__ == "__main__":
    main()
