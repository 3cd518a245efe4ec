"""A table's ``scan.watermark.*`` options: when watermarks are sent, and what waits for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flott.common.table_options import TableOptions
from flott.common.watermark_strategy import WatermarkAlignment

EMIT_STRATEGY: Final = "scan.watermark.emit.strategy"
ON_EVENT_GAP: Final = "scan.watermark.emit.on-event.gap"
IDLE_TIMEOUT: Final = "scan.watermark.idle-timeout"
ALIGNMENT_GROUP: Final = "scan.watermark.alignment.group"
MAX_DRIFT: Final = "scan.watermark.alignment.max-drift"
UPDATE_INTERVAL: Final = "scan.watermark.alignment.update-interval"


@dataclass(frozen=True, slots=True)
class WatermarkOptions:
    """What the options say.

    Attributes:
        on_event: Whether a watermark follows each row that raises it, not only the clock.
        gap: On how many rows at least a watermark follows, under ``on_event``.
        idle_timeout_ms: After how long without rows an input counts as idle; 0 for never.
        alignment: The group of tables that wait for each other.
    """

    on_event: bool = False
    gap: int = 1
    idle_timeout_ms: int = 0
    alignment: WatermarkAlignment | None = None

    @staticmethod
    def read(
        strategy: Sequence[tuple[str, str]], idle_timeout_ms: int = 0, table: str = ""
    ) -> WatermarkOptions:
        """The options of a table.

        Args:
            strategy: Names and values.
            idle_timeout_ms: What holds where the table says nothing.
            table: Its name, for messages.

        Raises:
            ConfigurationError: One of them is wrong.

        >>> WatermarkOptions.read([("scan.watermark.idle-timeout", "5 s")]).idle_timeout_ms
        5000
        """
        options = TableOptions(dict(strategy), table or "?")
        emit = options.choice(EMIT_STRATEGY, "on-periodic", ("on-periodic", "on-event"))
        return WatermarkOptions(
            emit == "on-event",
            options.number(ON_EVENT_GAP, 1, least=1),
            options.duration_ms(IDLE_TIMEOUT, None) or idle_timeout_ms,
            _read_alignment(options),
        )


def _read_alignment(options: TableOptions) -> WatermarkAlignment | None:
    group = options.optional(ALIGNMENT_GROUP)
    drift_ms = options.duration_ms(MAX_DRIFT, None)
    if group is None or drift_ms is None:
        if group is not None:
            raise options.error(ALIGNMENT_GROUP, f"needs '{MAX_DRIFT}' beside it")
        if drift_ms is not None:
            raise options.error(MAX_DRIFT, f"needs '{ALIGNMENT_GROUP}' beside it")
        return None
    return WatermarkAlignment(group, drift_ms, options.duration_ms(UPDATE_INTERVAL, 1000) or 1000)
