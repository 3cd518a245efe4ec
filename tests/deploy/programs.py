"""Programs run as users run them: in a process of their own, with or without a terminal."""

import os
import pty
import subprocess
import sys
from pathlib import Path

#: Longer than any program here takes on a busy machine.
LIMIT_S = 60


def write_program(folder: Path, text: str) -> Path:
    """A program in a file of its own."""
    path = folder / "job.py"
    path.write_text(text)
    return path


def run_program(
    folder: Path, text: str, *command: str, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a program; ``command`` stands before its path, ``python`` if there is none."""
    program = write_program(folder, text)
    return subprocess.run(
        [*(command or (sys.executable,)), str(program)],
        capture_output=True,
        text=True,
        input=given,
        timeout=LIMIT_S,
        check=False,
    )


def run_in_terminal(folder: Path, text: str, *command: str) -> str:
    """Run a program in a terminal; what it wrote there."""
    program = write_program(folder, text)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*(command or (sys.executable,)), str(program)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=dict(os.environ, TERM="xterm", COLUMNS="120"),
        close_fds=True,
    )
    os.close(theirs)
    written = b""
    try:
        while piece := _read(ours):
            written += piece
        assert process.wait(LIMIT_S) == 0, written.decode()
    finally:
        process.kill()
        os.close(ours)
    return written.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that nobody is left who could write
        return b""
