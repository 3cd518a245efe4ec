"""Java's date patterns (``yyyy-MM-dd HH:mm:ss``): taken apart, and moments printed by them.

Java has two kinds of them, and Flink uses both: those of ``DateTimeFormatter``, for DATE_FORMAT and
TO_TIMESTAMP, and those of ``SimpleDateFormat``, for FROM_UNIXTIME, UNIX_TIMESTAMP and TO_DATE.
``is_simple`` means the latter. ``java_date_readers`` reads moments by them.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

MONTHS = tuple(calendar.month_name)[1:]
DAYS = tuple(calendar.day_name)
#: Letters of time zones.
ZONE_LETTERS: Final = "zZXxOV"
#: The letters of ``DateTimeFormatter``, each with how often it may stand at most.
_MOST: Final = dict.fromkeys("GMLQqEceXxZ", 5) | dict.fromkeys("dHhKkmsw", 2) | {
    "y": 19, "u": 19, "Y": 19, "D": 3, "W": 1, "F": 1, "a": 1, "S": 9, "n": 19, "N": 19, "A": 19,
    "z": 4, "O": 4, "V": 2,
}  # fmt: skip
_SIMPLE_LETTERS: Final = frozenset("GyYMLwWdDFEuaHkKhmsSzZX")
#: Letters whose fields strftime of Polars knows too.
_STRFTIME = {
    "yyyy": "%Y", "uuuu": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
    "hh": "%I", "a": "%p", "SSS": "%3f", "SSSSSS": "%6f", "SSSSSSSSS": "%9f", "MMM": "%b",
    "MMMM": "%B", "EEE": "%a", "E": "%a", "EEEE": "%A", "yy": "%y", "DDD": "%j",
}  # fmt: skip
#: Those that are something else for ``SimpleDateFormat``.
_NOT_SIMPLE: Final = frozenset(("uuuu", "SSSSSS", "SSSSSSSSS"))


class BadPattern(ValueError):
    """A pattern with letters that mean nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a pattern: ``count`` times ``letter``, or literal ``text``."""

    letter: str
    count: int
    text: str = ""


def _week_of(moment: datetime) -> tuple[int, int]:
    """Year and number of the week, which begins on Sunday; the first one has 1 January.

    >>> _week_of(datetime(1999, 12, 31)), _week_of(datetime(2024, 3, 31))
    ((2000, 1), (2024, 14))
    """

    def start(year: int) -> int:
        first = datetime(year, 1, 1)
        return first.toordinal() - (first.weekday() + 1) % 7

    day = moment.toordinal()
    if moment.year < 9999 and day >= start(moment.year + 1):
        return moment.year + 1, 1
    return moment.year, (day - start(moment.year)) // 7 + 1


def _week_of_month(moment: datetime) -> int:
    """The number of the week, which begins on Sunday, of the month.

    >>> _week_of_month(datetime(2023, 12, 31))
    6
    """
    first = moment.replace(day=1).isoweekday() % 7
    return (moment.day - 1 + first) // 7 + 1


@lru_cache(maxsize=256)
def parts_of(pattern: str, is_simple: bool = False) -> tuple[Part, ...]:
    """The pieces of a pattern. Brackets of optional sections are letters of their own.

    Raises:
        BadPattern: A quote without end, an unknown letter, or one too often.
    """
    found: list[Part] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "'":
            text, position = _quoted(pattern, position)
            found.append(Part("", 0, text))
        elif char.isascii() and char.isalpha():
            end = position
            while end < len(pattern) and pattern[end] == char:
                end += 1
            _check_letter(char, end - position, pattern, is_simple)
            found.append(Part(char, end - position))
            position = end
        elif char in "[]" and not is_simple:
            found.append(Part(char, 1))
            position += 1
        elif char in "#{}" and not is_simple:
            raise BadPattern(f"the reserved sign '{char}' in the pattern '{pattern}'")
        else:
            found.append(Part("", 0, char))
            position += 1
    return tuple(found)


def _check_letter(letter: str, count: int, pattern: str, is_simple: bool) -> None:
    if letter not in (_SIMPLE_LETTERS if is_simple else _MOST):
        raise BadPattern(f"unknown letter '{letter}' in the pattern '{pattern}'")
    if is_simple:
        return
    if count > _MOST[letter] or (letter == "c" and count == 2) or (letter == "V" and count == 1):
        raise BadPattern(f"{count} times the letter '{letter}' in the pattern '{pattern}'")


def _quoted(pattern: str, start: int) -> tuple[str, int]:
    text, position = "", start + 1
    while position < len(pattern):
        if pattern[position] != "'":
            text += pattern[position]
            position += 1
        elif pattern[position + 1 : position + 2] == "'":
            text += "'"
            position += 2
        else:
            return (text or "'"), position + 1
    raise BadPattern(f"a quote without end in the pattern '{pattern}'")


@lru_cache(maxsize=256)
def strftime_of(pattern: str, is_simple: bool = False) -> str | None:
    """The pattern in the notation of Polars, if all of it has one.

    >>> strftime_of("yyyy-MM-dd HH:mm")
    '%Y-%m-%d %H:%M'
    """
    text = ""
    for part in parts_of(pattern, is_simple):
        if part.letter:
            letters = part.letter * part.count
            word = _STRFTIME.get(letters)
            if word is None or (is_simple and letters in _NOT_SIMPLE):
                return None
            text += word
        else:
            text += part.text.replace("%", "%%")
    return text


def finest_unit_us(pattern: str, is_simple: bool = False) -> int:
    """The microseconds that the finest field of the pattern counts in."""
    units = {"S": 1, "n": 1, "N": 1, "A": 1, "s": 10**6, "m": 60 * 10**6}
    letters = {part.letter for part in parts_of(pattern, is_simple)}
    if letters & set(ZONE_LETTERS):
        return 1
    found = [size for letter, size in units.items() if letter in letters]
    if found:
        return min(found)
    return 3_600 * 10**6 if letters & set("HhKka") else 86_400 * 10**6


def format_moment(
    pattern: str, moment: datetime, nanos: int = 0, zone: str = "UTC", is_simple: bool = False
) -> str:
    """``moment`` printed by ``pattern``.

    Args:
        pattern: A Java pattern.
        moment: Date and time as to be shown.
        nanos: The nanoseconds within its second.
        zone: The name for zone letters.
        is_simple: Whether the pattern is one of ``SimpleDateFormat``.

    >>> format_moment("EEE, d MMM yy h:mm a", datetime(2024, 2, 29, 17, 6))
    'Thu, 29 Feb 24 5:06 PM'
    """
    return "".join(
        _format_part(part, moment, nanos, zone, is_simple) if part.letter else part.text
        for part in parts_of(pattern, is_simple)
    )


def _format_part(part: Part, moment: datetime, nanos: int, zone: str, is_simple: bool) -> str:
    letter, count = part.letter, part.count
    if letter in "[]":
        return ""
    if is_simple and letter in "uSF":
        fields = {"u": moment.isoweekday(), "S": nanos // 10**6, "F": (moment.day + 6) // 7}
        return str(fields[letter]).zfill(count)
    if is_simple and letter in "MLE":
        count = min(count, 4)
    if letter in "yuY":
        year = _week_of(moment)[0] if letter == "Y" else moment.year
        return f"{year % 100:02d}" if count == 2 else str(year).zfill(count)
    if letter in "ML" and count >= 3:
        name = MONTHS[moment.month - 1]
        return name[:3] if count == 3 else name if count == 4 else name[0]
    if letter == "E" or (letter in "ec" and count >= 3):
        name = DAYS[moment.weekday()]
        return name[:3] if count <= 3 else name if count == 4 else name[0]
    if letter == "S":
        return f"{nanos:09d}"[:count].ljust(count, "0")
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter in "Qq" and count >= 3:
        return f"Q{(moment.month + 2) // 3}"
    if letter == "G":
        return "AD"
    if letter in ZONE_LETTERS:
        return _zone_text(letter, count, moment, zone)
    return str(_number(letter, moment, nanos)).zfill(count)


def _number(letter: str, moment: datetime, nanos: int) -> int:
    day = moment.timetuple()
    values = {
        "M": moment.month, "L": moment.month, "d": moment.day, "D": day.tm_yday,
        "H": moment.hour, "k": moment.hour or 24, "h": (moment.hour - 1) % 12 + 1,
        "K": moment.hour % 12, "m": moment.minute, "s": moment.second, "n": nanos,
        "N": (moment.hour * 3600 + moment.minute * 60 + moment.second) * 10**9 + nanos,
        "A": (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1000 + nanos // 10**6,
        "Q": (moment.month + 2) // 3, "q": (moment.month + 2) // 3,
        "w": _week_of(moment)[1], "W": _week_of_month(moment), "F": (moment.day - 1) % 7 + 1,
        "e": moment.isoweekday() % 7 + 1, "c": moment.isoweekday() % 7 + 1,
    }  # fmt: skip
    return values[letter]


def _zone_text(letter: str, count: int, moment: datetime, zone: str) -> str:
    from flott.sql.functions.zones import find_zone

    info = find_zone(zone)
    offset = (info.utcoffset(moment) if info else None) or timedelta()
    minutes = offset // timedelta(minutes=1)
    sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
    if letter == "V":
        return zone
    if letter == "z":
        return (info.tzname(moment) if info else None) or "UTC"
    if letter == "X" and not minutes:
        return "Z"
    colon = ":" if (letter in "Xx" and count in (3, 5)) or letter == "O" else ""
    if letter in "Xx" and count == 1 and not size % 60:
        return f"{sign}{size // 60:02d}"
    text = f"{sign}{size // 60:02d}{colon}{size % 60:02d}"
    return f"GMT{text}" if letter == "O" else text
