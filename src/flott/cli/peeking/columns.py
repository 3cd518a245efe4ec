"""The columns of a table for what was seen: those of value and key, and one that tells the time."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flott.cli.peeking.guess import Guess
from flott.cli.peeking.texts import EpochField, sounds_like_time
from flott.common import logical_types as t

KEY_PREFIX: Final = "key_"
_TIME: Final = "row_time"
#: Delays that a watermark is given, in seconds: the first that covers what was seen.
_DELAYS: Final = (5, 10, 30, 60, 300, 900, 3600)


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """How keys become columns.

    Attributes:
        fields: Those that only the key has, with their types.
        names: The columns of the key, as ``key.fields`` names them.
        prefix: What their names begin with beyond their names in the key.
        is_in_value: Whether the value has them, too.
    """

    fields: Mapping[str, t.DataType]
    names: Sequence[str]
    prefix: str = ""
    is_in_value: bool = False


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column that tells when something happened.

    Attributes:
        name: The column.
        computed: The expression it is computed by; empty for a column that is there.
        metadata: The metadata it is read from; empty for a column that is there.
        delay_s: How late rows may be.
    """

    name: str
    computed: str = ""
    metadata: str = ""
    delay_s: int = field(default=_DELAYS[0])


#: Key and value of a record, by column.
Pair = tuple[Mapping[str, Any], Mapping[str, Any]]


def key_columns(key: Guess, value: Guess, pairs: Sequence[Pair]) -> KeyColumns:
    """How keys become columns beside those of the value.

    Args:
        key: What keys are.
        value: What values are.
        pairs: What records hold: columns that agree in all of them need be there but once.
    """
    names = list(key.fields)
    if key.format == "json" and pairs and all(_agrees(*pair) for pair in pairs):
        return KeyColumns({}, names, is_in_value=True)
    same = _same_field(names[0], value, pairs) if key.format == "raw" else None
    if same is not None:
        return KeyColumns({}, [same], is_in_value=True)
    if not set(names) & set(value.fields):
        return KeyColumns(key.fields, names)
    fields = {KEY_PREFIX + name: data_type for name, data_type in key.fields.items()}
    return KeyColumns(fields, list(fields), KEY_PREFIX)


def _same_field(name: str, value: Guess, pairs: Sequence[Pair]) -> str | None:
    """The text of the value that is the key, too."""
    for field_name, data_type in value.fields.items():
        is_same = all(of_value.get(field_name) == of_key[name] for of_key, of_value in pairs)
        if pairs and is_same and data_type == t.STRING:
            return field_name
    return None


def _agrees(key: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    return all(name in value and value[name] == part for name, part in key.items())


def time_column(
    fields: Mapping[str, t.DataType],
    epochs: Sequence[EpochField],
    has_timestamps: bool,
    rows: Sequence[Sequence[Mapping[str, Any]]],
) -> TimeColumn | None:
    """The column a watermark should be on.

    Args:
        fields: The columns.
        epochs: Those of numbers that are moments.
        has_timestamps: Whether records have a timestamp themselves.
        rows: What was seen of each partition, in order.
    """
    stamps = [
        name
        for name, data_type in fields.items()
        if isinstance(data_type, t.TimestampType | t.LocalZonedTimestampType)
    ]
    stamps.sort(key=lambda name: not sounds_like_time(name))
    if stamps:
        return TimeColumn(stamps[0], delay_s=_delay(stamps[0], 1, rows))
    name = _TIME
    while name in fields:
        name += "_"
    if epochs:
        epoch = sorted(epochs, key=lambda each: not sounds_like_time(each.name))[0]
        delay_s = _delay(epoch.name, epoch.per_second, rows)
        return TimeColumn(name, computed=_from_epoch(epoch), delay_s=delay_s)
    if has_timestamps:
        return TimeColumn(name, metadata="timestamp")
    return None


def _from_epoch(epoch: EpochField) -> str:
    quoted = f"`{epoch.name}`"
    if epoch.per_second == 1:
        return f"TO_TIMESTAMP_LTZ({quoted}, 0)"
    if epoch.per_second > 1000:
        quoted = f"{quoted} / {epoch.per_second // 1000}"
    return f"TO_TIMESTAMP_LTZ({quoted}, 3)"


def _delay(name: str, per_second: int, rows: Sequence[Sequence[Mapping[str, Any]]]) -> int:
    """How long to wait for rows, so that those seen would all have been in time."""
    late_s = max((_lateness(name, per_second, each) for each in rows), default=0.0)
    return next((each for each in _DELAYS if each >= late_s), _DELAYS[-1])


def _lateness(name: str, per_second: int, rows: Sequence[Mapping[str, Any]]) -> float:
    latest, most = -math.inf, 0.0
    for row in rows:
        moment = _seconds(row.get(name), per_second)
        if moment is not None:
            latest = max(latest, moment)
            most = max(most, latest - moment)
    return most


def _seconds(value: Any, per_second: int) -> float | None:
    if isinstance(value, int):
        return value / per_second
    try:
        return datetime.datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError):
        return None
