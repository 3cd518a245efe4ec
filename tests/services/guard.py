"""Runs a program until it ends or its owner does: ``guard.py OWNER_PID PROGRAM ARGUMENTS...``.

The kernel ends the program when the guard ends, however that happens, and the guard watches the
owner. The program's process id is printed first; what the program says goes to standard error.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> int:
    owner = os.pidfd_open(int(sys.argv[1]))
    guard = os.getpid()
    child = os.fork()
    if child == 0:
        run(guard, sys.argv[2:])
    print(child, flush=True)
    program = os.pidfd_open(child)
    select.select([owner, program], [], [])
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(program, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF


def run(guard: int, command: list[str]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:
        os._exit(1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.execv(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
