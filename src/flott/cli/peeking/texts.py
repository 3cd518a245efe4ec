"""Moments in texts and numbers: which strings are timestamps, which integers count since 1970."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from flott.common import logical_types as t

_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(?:\.(\d{1,9}))?(Z?)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d\d:\d\d:\d\d(?:\.\d{1,9})?")
#: Words of names that hold moments.
_WORDS: Final = re.compile(
    "at|clock|created|date|datetime|epoch|event|micros|millis|moment|ms|occurred|passed|rowtime"
    "|sent|time|timestamp|ts|updated|when"
)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: What stands for the years 2001 to 2286, by the digits of the number: how many make a second.
_UNITS: Final = {10: 1, 13: 1000, 16: 1_000_000, 19: 1_000_000_000}
_MONTH_S: Final = 31 * 86_400

SQL: Final = "SQL"
ISO: Final = "ISO-8601"


class EpochField(NamedTuple):
    """A column of numbers that are moments.

    Attributes:
        name: The column.
        per_second: 1 for seconds, 1000 for milliseconds, and so on.
    """

    name: str
    per_second: int


def timestamp_standard(values: Iterable[Any]) -> str:
    """How most timestamps in some values are written: ``SQL`` or ``ISO-8601``.

    >>> timestamp_standard([{"at": "2024-02-29T12:00:00Z"}])
    'ISO-8601'
    """
    counts = {" ": 0, "T": 0}
    for text in _texts(values):
        match = _STAMP.fullmatch(text)
        if match is not None:
            counts[match[1]] += 1
    return ISO if counts["T"] > counts[" "] else SQL


def _texts(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value.values())
        elif isinstance(value, list):
            yield from _texts(value)


def text_type(texts: Sequence[str], standard: str) -> t.DataType:
    """The type of a column of texts.

    >>> str(text_type(["2024-02-29 12:00:00.5"], "SQL")), str(text_type(["soon"], "SQL"))
    ('TIMESTAMP(3)', 'STRING')
    """
    stamps = [_STAMP.fullmatch(text) for text in texts]
    wanted = "T" if standard == ISO else " "
    if all(match is not None and match[1] == wanted for match in stamps):
        digits = max(len(match[2] or "") for match in stamps if match is not None)
        precision = 3 if digits <= 3 else 6 if digits <= 6 else 9
        zones = {match[3] for match in stamps if match is not None}
        if zones == {""}:
            return t.TimestampType(precision)
        if zones == {"Z"}:
            return t.LocalZonedTimestampType(precision)
        return t.STRING
    if all(_DATE.fullmatch(text) for text in texts):
        return t.DateType()
    if all(_TIME.fullmatch(text) for text in texts):
        return t.TimeType(0)
    return t.STRING


def sounds_like_time(name: str) -> bool:
    """Whether a column's name says that it holds a moment.

    >>> sounds_like_time("created_at"), sounds_like_time("eventTime"), sounds_like_time("price")
    (True, True, False)
    """
    words = re.split(r"[^a-z]+", _CAMEL.sub("_", name).lower())
    return any(_WORDS.fullmatch(word) for word in words)


def epoch_field(name: str, numbers: Sequence[int], near_ms: int | None) -> EpochField | None:
    """What a column of numbers counts, if it counts since 1970.

    Args:
        name: The column.
        numbers: Some of its values.
        near_ms: When records were written: numbers close to it are moments whatever their name.

    >>> epoch_field("ts", [1_700_000_000_000], None)
    EpochField(name='ts', per_second=1000)
    >>> epoch_field("id", [1_700_000_000_000], None) is None
    True
    """
    lengths = {len(str(number)) for number in numbers if number > 0}
    if len(lengths) != 1 or not all(number > 0 for number in numbers):
        return None
    per_second = _UNITS.get(lengths.pop())
    if per_second is None:
        return None
    is_near = near_ms is not None and all(
        abs(number / per_second - near_ms / 1000) < _MONTH_S for number in numbers
    )
    return EpochField(name, per_second) if is_near or sounds_like_time(name) else None
