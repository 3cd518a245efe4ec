"""The time of a partition, as its folder tells it: ``dt=2024-01-01/hour=8`` is eight o'clock."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flott.common.errors import SinkError
from flott.connectors.files.date_pattern import compile_reader, parse_zone
from flott.connectors.files.partition_path import partition_values

_DEFAULT: Final = re.compile(
    r"(\d{1,9})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?"
)
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

#: From names and values of the partition columns to a time without zone.
Extract = Callable[[Sequence[str], Sequence[str | None]], datetime.datetime]


@dataclass(frozen=True)
class PartitionTime:
    """Finds the time of partitions.

    Attributes:
        keys: Names of the partition columns.
        default_partition: The folder of NULL.
        pattern: The text of the time, with ``$name`` for values; ``None`` for the first value.
        formatter: How the text is read, a pattern of Java's ``DateTimeFormatter``.
        zone: The zone the time is in.
        extract: What finds the time in place of all this.
    """

    keys: tuple[str, ...]
    default_partition: str
    pattern: str | None = None
    formatter: str | None = None
    zone: str = "UTC"
    extract: Extract | None = None

    def __post_init__(self) -> None:
        parse_zone(self.zone)
        if self.formatter is not None:
            compile_reader(self.formatter)

    def find(self, folder: str) -> int:
        """The time at which a partition begins, epoch milliseconds.

        Args:
            folder: Its folder, below the table's.

        Raises:
            SinkError: The folder tells none.
        """
        values = [*partition_values(folder + "/", self.keys, self.default_partition).values()]
        try:
            moment = self._read(values)
        except (ValueError, OverflowError) as error:
            raise SinkError(
                f"Partition {folder} has no time: {error}. See the options "
                "'partition.time-extractor.timestamp-pattern' and '.timestamp-formatter', or "
                "choose 'sink.partition-commit.trigger' = 'process-time'."
            ) from error
        zoned = moment.replace(tzinfo=parse_zone(self.zone))
        return (zoned - _EPOCH) // datetime.timedelta(milliseconds=1)

    def _read(self, values: list[str | None]) -> datetime.datetime:
        if self.extract is not None:
            return self.extract(self.keys, values)
        text = self._text(values)
        if self.formatter is not None:
            return compile_reader(self.formatter)(text)
        return read_time(text)

    def _text(self, values: list[str | None]) -> str:
        known: dict[str, Any] = dict(zip(self.keys, values, strict=True))
        if self.pattern is None:
            known, pattern = {"": values[0]}, "$"
        else:
            pattern = self.pattern
        for name in sorted(known, key=len, reverse=True):
            if f"${name}" not in pattern:
                continue
            if known[name] is None:
                raise ValueError(f"{name or self.keys[0]} is NULL")
            pattern = pattern.replace(f"${name}", known[name])
        return pattern


def read_time(text: str) -> datetime.datetime:
    """Read ``2024-01-01 08:30:00`` or ``2024-01-01``; digits at the front may be left out.

    Raises:
        ValueError: It is not such text

    >>> read_time("2024-1-1 8:30:00")
    datetime.datetime(2024, 1, 1, 8, 30)
    """
    match = _DEFAULT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not written like 2024-01-01 or 2024-01-01 08:30:00")
    *numbers, fraction = match.groups()
    year, month, day, hour, minute, second = (int(each or 0) for each in numbers)
    micros = int((fraction or "").ljust(6, "0")[:6])
    return datetime.datetime(year, month, day, hour, minute, second, micros)
