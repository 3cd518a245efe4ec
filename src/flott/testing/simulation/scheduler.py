"""What happens next: events in order of virtual time, and the only source of chance.

The same seed gives the same events in the same order. The digest of the log proves it.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from random import Random


class Scheduler:
    """Runs events one after another.

    Args:
        seed: Decides everything that is left to chance.
        keep_log: Whether to keep the text of the log, for looking at one run.
    """

    def __init__(self, seed: int, *, keep_log: bool = False) -> None:
        self.random = Random(seed)
        self.now_us = 0
        self.event_count = 0
        self.log: list[str] | None = [] if keep_log else None
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = 0
        self._digest = hashlib.blake2b(digest_size=8)

    @property
    def now_ms(self) -> float:
        """Virtual time since the start of the run."""
        return self.now_us / 1000

    def after(self, delay_ms: float, call: Callable[[], None]) -> int:
        """Run ``call`` after ``delay_ms``; returns when that is, in microseconds."""
        return self.at(self.now_us + int(delay_ms * 1000), call)

    def at(self, time_us: int, call: Callable[[], None]) -> int:
        """Run ``call`` at ``time_us``, or now if that has passed; returns when that is."""
        time_us = max(time_us, self.now_us)
        self._sequence += 1
        heapq.heappush(self._heap, (time_us, self._sequence, call))
        return time_us

    def step(self) -> bool:
        """Run the next event; False if there is none."""
        if not self._heap:
            return False
        self.now_us, _, call = heapq.heappop(self._heap)
        self.event_count += 1
        call()
        return True

    def note(self, text: str) -> None:
        """Write a line into the log of events."""
        line = f"{self.now_us / 1000:12.3f} {text}"
        self._digest.update(line.encode())
        if self.log is not None:
            self.log.append(line)

    @property
    def log_hash(self) -> str:
        """The digest of the log so far."""
        return self._digest.hexdigest()

    # --- chance ------------------------------------------------------------------------------

    def is_drawn(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return share > 0 and self.random.random() < share

    def draw_delay(self, mean_ms: float) -> float:
        """A delay of ``mean_ms`` in the mean, mostly less and now and then much more."""
        return self.random.expovariate(1 / mean_ms) if mean_ms > 0 else 0.0
