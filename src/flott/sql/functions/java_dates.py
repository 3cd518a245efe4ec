"""Java's date patterns (``yyyy-MM-dd HH:mm:ss``): compiled to print and to read moments.

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

_EPOCH = datetime(1970, 1, 1)
_MONTHS = tuple(calendar.month_name)[1:]
_DAYS = tuple(calendar.day_name)
#: Letters whose fields strftime of Polars knows too.
_STRFTIME = {
    "yyyy": "%Y", "uuuu": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
    "hh": "%I", "a": "%p", "SSS": "%3f", "SSSSSS": "%6f", "SSSSSSSSS": "%9f", "MMM": "%b",
    "MMMM": "%B", "EEE": "%a", "E": "%a", "EEEE": "%A", "yy": "%y", "DDD": "%j",
}  # fmt: skip


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


@lru_cache(maxsize=256)
def parts_of(pattern: str) -> tuple[Part, ...]:
    """The pieces of a pattern. Brackets of optional sections are letters of their own.

    Raises:
        BadPattern: A quote without end, or an unknown letter.
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
            if char not in "GyuMLdDEeHhKkmsSnNaQqwWVzZXxOAY":
                raise BadPattern(f"unknown letter '{char}' in the pattern '{pattern}'")
            found.append(Part(char, end - position))
            position = end
        elif char in "[]":
            found.append(Part(char, 1))
            position += 1
        else:
            found.append(Part("", 0, char))
            position += 1
    return tuple(found)


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
def strftime_of(pattern: str) -> str | None:
    """The pattern in the notation of Polars, if all of it has one.

    >>> strftime_of("yyyy-MM-dd HH:mm")
    '%Y-%m-%d %H:%M'
    """
    text = ""
    for part in parts_of(pattern):
        if part.letter:
            word = _STRFTIME.get(part.letter * part.count)
            if word is None:
                return None
            text += word
        else:
            text += part.text.replace("%", "%%")
    return text


def finest_unit_us(pattern: str) -> int:
    """The microseconds that the finest field of the pattern counts in."""
    units = {"S": 1, "n": 1, "N": 1, "A": 1, "s": 10**6, "m": 60 * 10**6}
    letters = {part.letter for part in parts_of(pattern)}
    if letters & set("zZXxOV"):
        return 1
    found = [size for letter, size in units.items() if letter in letters]
    if found:
        return min(found)
    return 3_600 * 10**6 if letters & set("HhKka") else 86_400 * 10**6


Format = Callable[[datetime, int, str], str]


def format_moment(pattern: str, moment: datetime, nanos: int = 0, zone: str = "UTC") -> str:
    """``moment`` printed by ``pattern``.

    Args:
        pattern: A Java pattern.
        moment: Date and time as to be shown.
        nanos: The nanoseconds within its second.
        zone: The name for zone letters.

    >>> format_moment("EEE, d MMM yy h:mm a", datetime(2024, 2, 29, 17, 6))
    'Thu, 29 Feb 24 5:06 PM'
    """
    return "".join(
        _format_part(part, moment, nanos, zone) if part.letter else part.text
        for part in parts_of(pattern)
    )


def _format_part(part: Part, moment: datetime, nanos: int, zone: str) -> str:
    letter, count = part.letter, part.count
    if letter in "[]":
        return ""
    if letter in "yuY":
        year = _week_of(moment)[0] if letter == "Y" else moment.year
        return f"{year % 100:02d}" if count == 2 else str(year).zfill(count)
    if letter in "ML" and count >= 3:
        name = _MONTHS[moment.month - 1]
        return name[:3] if count == 3 else name if count == 4 else name[0]
    if letter == "E":
        name = _DAYS[moment.weekday()]
        return name[:3] if count <= 3 else name if count == 4 else name[0]
    if letter == "S":
        return f"{nanos:09d}"[:count].ljust(count, "0")
    if letter == "a":
        return "AM" if moment.hour < 12 else "PM"
    if letter in "Qq" and count >= 3:
        return f"Q{(moment.month + 2) // 3}"
    if letter == "G":
        return "AD"
    if letter in "zZXxOV":
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
        "w": _week_of(moment)[1], "W": (moment.day + 6) // 7,
        "e": (moment.weekday() + 1) % 7 + 1, "u": moment.weekday() + 1,
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
    text = f"{sign}{size // 60:02d}{colon}{size % 60:02d}"
    return f"GMT{text}" if letter == "O" else text


Reader = Callable[[str], int | None]


@lru_cache(maxsize=256)
def strict_reader(pattern: str) -> Reader:
    """Reads nanoseconds since the epoch from a text that is all of ``pattern``; NULL for others.

    Fields that the pattern has not are those of 1970-01-01 00:00; a day that its month has not is
    the month's last one.
    """
    expression = re.compile("".join(_strict_piece(part) for part in parts_of(pattern)), re.ASCII)
    letters = _letters(pattern)

    def read(text: str) -> int | None:
        found = expression.fullmatch(text)
        return None if found is None else _resolve(letters, found.groups())

    return read


def _letters(pattern: str) -> tuple[Part, ...]:
    return tuple(part for part in parts_of(pattern) if part.letter and part.letter not in "[]")


def _strict_piece(part: Part) -> str:
    letter, count = part.letter, part.count
    if not letter:
        return re.escape(part.text)
    if letter in "[]":
        return "(?:" if letter == "[" else ")?"
    if letter in "ML" and count >= 3:
        names = [name[:3] for name in _MONTHS] if count == 3 else list(_MONTHS)
        return f"({'|'.join(names)})"
    if letter == "E":
        names = [name[:3] for name in _DAYS] if count <= 3 else list(_DAYS)
        return f"({'|'.join(names)})"
    if letter == "a":
        return "(AM|PM|am|pm)"
    if letter in "zZXxOV":
        return r"(Z|(?:GMT)?[+-]\d{1,2}:?\d{0,2}|[A-Za-z_/]+)"
    if letter in "yuY":
        return r"(\d{2})" if count == 2 else rf"(\d{{{count},9}})"
    return r"(\d{1,9})" if count == 1 and letter != "S" else rf"(\d{{{count}}})"


def _resolve(letters: tuple[Part, ...], values: tuple[str | None, ...]) -> int | None:
    fields: dict[str, int] = {}
    offset = 0
    for part, text in zip(letters, values, strict=True):
        if text is None:
            continue
        if part.letter in "zZXxOV":
            offset = _offset_of(text)
        else:
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
    return (seconds - offset) * 10**9 + fields.get("S", fields.get("n", 0))


def _field_value(part: Part, text: str) -> int:
    letter = part.letter
    if letter in "ML" and part.count >= 3:
        return [name[:3] for name in _MONTHS].index(text[:3]) + 1
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


def _offset_of(text: str) -> int:
    from flott.sql.functions.zones import find_zone

    info = find_zone(text) if text not in ("Z", "z") else None
    return int(((info.utcoffset(_EPOCH) if info else None) or timedelta()).total_seconds())


@lru_cache(maxsize=256)
def lenient_reader(pattern: str) -> Reader:
    """Reads milliseconds since the epoch (in local time) from a text that begins with
    ``pattern``; months and days beyond their range carry over."""
    if not pattern:
        return lambda text: None
    parts = parts_of(pattern)
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
    letters = _letters(pattern)

    def read(text: str) -> int | None:
        found = expression.match(text)
        return None if found is None else _carry(letters, found.groups())

    return read


def _carry(letters: tuple[Part, ...], values: tuple[str | None, ...]) -> int | None:
    fields: dict[str, int] = {}
    for part, text in zip(letters, values, strict=True):
        if text is not None and part.letter not in "zZXxOV":
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
    return (days * 86400 + clock) * 1000 + fields.get("S", 0)


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
