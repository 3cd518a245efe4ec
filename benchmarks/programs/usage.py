"""What a process and all below it have taken; needs nothing installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """Seconds of processor, and memory at its highest."""

    cpu_seconds: float
    peak_mb: float


def usage_of(pid: int) -> Usage:
    """What a process and all below it have taken so far."""
    ticks, kilobytes = 0, 0
    for each in _descendants(pid):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{each}/status").read_text()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
        kilobytes += int((status.partition("VmHWM:")[2].split() or ["0"])[0])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), kilobytes / 1024)


def _descendants(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task").glob("*/children")
        below = [int(child) for path in children for child in path.read_text().split()]
    except OSError:
        return
    for child in below:
        yield from _descendants(child)
