"""Moments read by Java's date patterns.

Two readers, as Flink has: a strict one of the whole text (``DateTimeFormatter``) and a lenient one
that reads a beginning and lets fields overflow (``SimpleDateFormat``).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flott.sql.functions.java_dates import DAYS, MONTHS, ZONE_LETTERS, Part, parts_of
from flott.sql.functions.zones import find_java_zone

_EPOCH = datetime(1970, 1, 1)
Reader = Callable[[str], int | None]


@lru_cache(maxsize=256)
def strict_reader(pattern: str) -> Reader:
    """Reads nanoseconds since the epoch from a text that is all of ``pattern``; NULL for others.

    Fields that the pattern has not are those of 1970-01-01 00:00; a day that its month has not is
    the month's last one. What it says of a time zone does not count.
    """
    parts = parts_of(pattern)
    expression = re.compile("".join(map(_strict_piece, parts)), re.ASCII)
    letters = _letters(parts)

    def read(text: str) -> int | None:
        found = expression.fullmatch(text)
        return None if found is None else _resolve(letters, found.groups())

    return read


def _letters(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.letter and part.letter not in "[]")


def _strict_piece(part: Part) -> str:
    letter, count = part.letter, part.count
    if not letter:
        return re.escape(part.text)
    if letter in "[]":
        return "(?:" if letter == "[" else ")?"
    if letter in "ML" and count >= 3:
        names = [name[:3] for name in MONTHS] if count == 3 else list(MONTHS)
        return f"({'|'.join(names)})"
    if letter == "E":
        names = [name[:3] for name in DAYS] if count <= 3 else list(DAYS)
        return f"({'|'.join(names)})"
    if letter == "a":
        return "(AM|PM|am|pm)"
    if letter in ZONE_LETTERS:
        return r"(Z|(?:GMT)?[+-]\d{1,2}:?\d{0,2}|[A-Za-z_/]+)"
    if letter in "yuY":
        return r"(\d{2})" if count == 2 else rf"(\d{{{count},9}})"
    return r"(\d{1,9})" if count == 1 and letter != "S" else rf"(\d{{{count}}})"


def _resolve(letters: tuple[Part, ...], values: tuple[str | None, ...]) -> int | None:
    fields: dict[str, int] = {}
    for part, text in zip(letters, values, strict=True):
        if text is not None and part.letter not in ZONE_LETTERS:
            fields[part.letter] = _field_value(part, text)
    year = fields.get("y", fields.get("u", fields.get("Y", 1970)))
    month, day = fields.get("M", fields.get("L", 1)), fields.get("d", 1)
    hour, minute, second = _clock(fields), fields.get("m", 0), fields.get("s", 0)
    if not (1 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second)):
        return None
    if "D" in fields:
        start = datetime(year, 1, 1) + timedelta(days=fields["D"] - 1)
    else:
        start = datetime(year, month, min(day, calendar.monthrange(year, month)[1]))
    seconds = (start - _EPOCH) // timedelta(seconds=1) + hour * 3600 + minute * 60 + second
    return seconds * 10**9 + fields.get("S", fields.get("n", 0))


def _field_value(part: Part, text: str) -> int:
    letter = part.letter
    if letter in "ML" and part.count >= 3:
        return [name[:3] for name in MONTHS].index(text[:3]) + 1
    if letter == "E":
        return 0
    if letter == "a":
        return int(text.lower() == "pm")
    if letter == "S":
        return int(text.ljust(9, "0")[:9])
    if letter in "yuY" and part.count == 2:
        return 2000 + int(text)
    return int(text)


def _clock(fields: dict[str, int]) -> int:
    if "h" in fields or "K" in fields:
        return fields.get("K", fields.get("h", 0) % 12) + 12 * fields.get("a", 0)
    if "k" in fields:
        return fields["k"] % 24
    return fields.get("H", 0)


def _offset_ms(text: str) -> int:
    info = None if text in ("Z", "z") else find_java_zone(text)
    offset = (info.utcoffset(_EPOCH) if info else None) or timedelta()
    return offset // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """What a text says: the time that clocks show, and maybe where.

    Attributes:
        ms: Milliseconds since 1970-01-01 00:00 of the same clock.
        offset_ms: How far the clock is ahead of UTC; ``None`` if the text does not say.
    """

    ms: int
    offset_ms: int | None = None

    @property
    def utc_ms(self) -> int:
        """The instant, of a clock of UTC if the text does not say more."""
        return self.ms - (self.offset_ms or 0)


@lru_cache(maxsize=256)
def lenient_reader(pattern: str) -> Callable[[str], LocalMoment | None]:
    """Reads a text that begins with ``pattern``, one of ``SimpleDateFormat``; months and days
    beyond their range carry over."""
    if not pattern:
        return lambda text: None
    parts = parts_of(pattern, is_simple=True)
    pieces = []
    for index, part in enumerate(parts):
        after = parts[index + 1].letter if index + 1 < len(parts) else ""
        is_number = part.letter and part.letter not in "azZXE[]" and part.count < 3
        if is_number or part.letter in ("y", "u", "S", "H", "m", "s", "d"):
            glued = after and after not in "azZXE"
            # A sign counts as one of the characters of a field that another follows at once.
            signed = rf"-\d{{{part.count - 1}}}|" if part.count > 1 else ""
            pieces.append(rf"\s*({signed}\d{{{part.count}}})" if glued else r"\s*(-?\d+)")
        else:
            pieces.append(_strict_piece(part))
    expression = re.compile("".join(pieces), re.ASCII)
    letters = _letters(parts)

    def read(text: str) -> LocalMoment | None:
        found = expression.match(text)
        return None if found is None else _carry(letters, found.groups())

    return read


def _carry(letters: tuple[Part, ...], values: tuple[str | None, ...]) -> LocalMoment | None:
    fields: dict[str, int] = {}
    offset = None
    for part, text in zip(letters, values, strict=True):
        if text is not None and part.letter in ZONE_LETTERS:
            offset = _offset_ms(text)
        elif text is not None:
            value = int(text) if part.letter == "S" else _field_value(part, text)
            fields[part.letter] = value
    # u is the day of the week here.
    months = fields.get("y", 1970) * 12 + fields.get("M", 1) - 1
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return None
    days = (datetime(year, month + 1, 1) - _EPOCH).days + fields.get("d", 1) - 1
    days += _julian_shift(year, month + 1, fields.get("d", 1))
    clock = _clock(fields) * 3600 + fields.get("m", 0) * 60 + fields.get("s", 0)
    return LocalMoment((days * 86400 + clock) * 1000 + fields.get("S", 0), offset)


def _julian_shift(year: int, month: int, day: int) -> int:
    """Days by which the calendar before October 1582 differs."""
    if (year, month, day) >= (1582, 10, 15):
        return 0
    before = year - 1 if month <= 2 else year
    return before // 100 - before // 400 - 2


def java_sql_moment(text: str) -> int | None:
    """Nanoseconds as java.sql.Timestamp and java.sql.Date read them: days carry over."""
    text = text.strip()
    found = re.fullmatch(
        r"(\d{4})-(\d{1,2})-(\d{1,2})(?: +(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?",
        text, re.ASCII,
    )  # fmt: skip
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not (year and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    start = (datetime(year, month, 1) - _EPOCH).days + day - 1
    clock = int(found[4] or 0) * 3600 + int(found[5] or 0) * 60 + int(found[6] or 0)
    return (start * 86400 + clock) * 10**9 + int((found[7] or "").ljust(9, "0"))
