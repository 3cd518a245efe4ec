"""Time of windows: their borders follow the clock on the wall, watermarks are instants.

For columns of TIMESTAMP both are the same numbers. For TIMESTAMP_LTZ the borders are in the
session's time zone, so that a day has 23 or 25 hours where the clocks are changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from flott.common.physical_types import column_name
from flott.common.sql_errors import RecordError
from flott.core.column_batch import ColumnBatch

_EPOCH: Final = datetime(1970, 1, 1)
_HOUR_MS: Final = 3_600_000
#: Beyond the years that a clock can show, local time is time.
_LOCAL_MS_MAX: Final = 253_000_000_000_000


@dataclass(frozen=True)
class WallClock:
    """Local time of ``zone``; ``None``: time without a zone."""

    zone: str | None = None

    @staticmethod
    def with_time(batch: ColumnBatch, column: int) -> ColumnBatch:
        """The rows of ``batch`` that have a time: all that BATCH mode puts into windows."""
        times = batch.frame.to_series(column)
        return batch.filter(times.is_not_null()) if times.null_count() else batch

    def local_ms(self, frame: pl.DataFrame, column: int) -> pl.Expr:
        """The time column as local milliseconds.

        Raises:
            RecordError: A time is NULL.
        """
        name = column_name(column)
        values = frame.to_series(column)
        if values.null_count():
            raise RecordError("The time attribute of a row is NULL, so no window has it")
        unit = 1_000_000 if values.dtype == pl.Datetime("ns") else 1000
        time = pl.col(name)
        if self.zone is not None and self.zone != "UTC":
            zoned = time.dt.replace_time_zone("UTC").dt.convert_time_zone(self.zone)
            time = zoned.dt.replace_time_zone(None, ambiguous="earliest")
        return time.to_physical() // unit

    def to_local(self, instant_ms: int) -> int:
        """The local time at an instant."""
        if self.zone is None or abs(instant_ms) > _LOCAL_MS_MAX:
            return instant_ms
        at = datetime.fromtimestamp(instant_ms // 1000, ZoneInfo(self.zone))
        offset = at.utcoffset() or timedelta()
        return instant_ms + int(offset.total_seconds() * 1000)

    def instant(self, local_ms: int) -> int:
        """The first instant with that local time; what the clocks skip is as if they did not."""
        if self.zone is None or abs(local_ms) > _LOCAL_MS_MAX:
            return local_ms
        return self._instant(local_ms, fold=0)

    def fires_at(self, local_ms: int) -> int:
        """The instant at which a window whose last millisecond is ``local_ms`` is over: the later
        one where there are two."""
        if self.zone is None or abs(local_ms) > _LOCAL_MS_MAX:
            return local_ms
        first = self._instant(local_ms, fold=0)
        second = self._instant(local_ms + _HOUR_MS, fold=0)
        if first == second:  # no clock shows this time
            return first - first % _HOUR_MS
        return first + _HOUR_MS if second - first > _HOUR_MS else first

    def _instant(self, local_ms: int, fold: int) -> int:
        assert self.zone is not None
        local = _EPOCH + timedelta(milliseconds=local_ms)
        at = local.replace(tzinfo=ZoneInfo(self.zone), fold=fold)
        return round((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))


def timestamps(ms: list[int] | pl.Series) -> pl.Series:
    """Milliseconds as a column of TIMESTAMP(3)."""
    values = pl.Series(values=ms, dtype=pl.Int64) if isinstance(ms, list) else ms
    return (values * 1000).cast(pl.Datetime("us"))
