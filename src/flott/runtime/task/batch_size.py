"""How many rows a source hands over at once.

Batches form naturally; this only bounds them, so that a turn takes about the latency target: a
batch that took much less lets the next be twice as large, one that took more halves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flott.common.options.flott import BATCH_SIZE_MAX, BATCH_SIZE_MIN, LATENCY_TARGET

if TYPE_CHECKING:
    from flott.common.configuration import Configuration

#: Where a source begins: enough to amortise a turn, little enough for a slow function.
ROWS_FIRST: Final = 64


class BatchSize:
    """Adapts the number of rows to the time a turn takes."""

    def __init__(self, configuration: Configuration) -> None:
        self._rows_max = configuration.get(BATCH_SIZE_MAX)
        self._rows_min = min(configuration.get(BATCH_SIZE_MIN), self._rows_max)
        self.rows = max(min(ROWS_FIRST, self._rows_max), self._rows_min)
        self._target_ms: float = configuration.get(LATENCY_TARGET).to_millis()

    def adapt(self, rows: int, turn_ms: float) -> None:
        """Take into account that a batch of ``rows`` took ``turn_ms``. A batch smaller than it
        might have been says nothing about larger ones."""
        if rows >= self.rows and turn_ms < self._target_ms / 2:
            self.rows = min(self.rows * 2, self._rows_max)
        elif turn_ms > self._target_ms * 1.5:
            self.rows = max(self.rows // 2, self._rows_min)
        assert self._rows_min <= self.rows <= self._rows_max
