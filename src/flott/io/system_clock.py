"""The machine's clock."""

from __future__ import annotations

import time

from flott.core.clock import Clock


class SystemClock(Clock):
    """Reads the operating system's clocks."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> float:
        return time.perf_counter() * 1000.0
