"""Dates as Java's ``DateTimeFormatter`` patterns write them, as far as folder names need it."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Callable
from typing import Final

# Letters in a row, quoted text, two quotes for one, or anything else.
_TOKEN: Final = re.compile(r"([A-Za-z])\1*|'((?:[^']|'')+)'|''|[^A-Za-z']")
_OFFSET: Final = re.compile(r"(?:GMT|UTC|UT)?([+-])(\d{1,2}):?(\d{2})?")
# Written out, since the standard library gives them in the language of the machine.
# fmt: off
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# fmt: on

Part = Callable[[datetime.datetime], str]


def compile_pattern(pattern: str) -> Callable[[datetime.datetime], str]:
    """Make a function that writes a date in a pattern.

    Raises:
        ValueError: If the pattern has letters that mean nothing here.

    >>> compile_pattern("yyyy-MM-dd--HH")(datetime.datetime(2026, 7, 1, 9))
    '2026-07-01--09'
    """
    parts: list[Part] = []
    position = 0
    while position < len(pattern):
        match = _TOKEN.match(pattern, position)
        if match is None:
            raise ValueError(f"The quote at position {position} of {pattern!r} is never closed")
        parts.append(_compile_token(match, pattern))
        position = match.end()
    return lambda moment: "".join([part(moment) for part in parts])


def compile_reader(pattern: str) -> Callable[[str], datetime.datetime]:
    """Make a function that reads what ``compile_pattern`` writes, as far as it is numbers.

    What the pattern leaves out is the first: of the year, of the month, of the day.

    Raises:
        ValueError: If the pattern has letters that mean no number here; later, if a text does not
            follow the pattern.

    >>> compile_reader("yyyyMMdd'T'HH")("20260701T09")
    datetime.datetime(2026, 7, 1, 9, 0)
    """
    text, fields, position = "", [], 0
    while position < len(pattern):
        match = _TOKEN.match(pattern, position)
        if match is None:
            raise ValueError(f"The quote at position {position} of {pattern!r} is never closed")
        position = match.end()
        letter, literal = match[1], match[0]
        if letter is None:
            quoted = (match[2] or "'").replace("''", "'") if literal.startswith("'") else literal
            text += re.escape(quoted)
        elif letter in _FIELDS:
            width = len(literal)
            text += r"(\d+)" if width == 1 else rf"(\d{{{width}}})"
            fields.append((_FIELDS[letter], width))
        else:
            raise ValueError(
                f"The letter {letter!r} of {pattern!r} cannot be read; these can: "
                f"{', '.join(_FIELDS)}. Quote letters that mean themselves: 'T'"
            )
    whole = re.compile(text)

    def read(given: str) -> datetime.datetime:
        found = whole.fullmatch(given)
        if found is None:
            raise ValueError(f"{given!r} does not follow the pattern {pattern!r}")
        parts = {"year": 1970, "month": 1, "day": 1}
        for digits, (name, width) in zip(found.groups(), fields, strict=True):
            if name == "microsecond":
                digits = digits.ljust(6, "0")[:6]
            parts[name] = int(digits) + (2000 if name == "year" and width == 2 else 0)
        return datetime.datetime(**parts)  # type: ignore[arg-type]

    return read


def parse_zone(zone_id: str | None) -> datetime.tzinfo | None:
    """The time zone of a name or an offset; ``None``, the local zone, for ``None``.

    Raises:
        ValueError: If there is no such zone.

    >>> parse_zone("GMT-08:00")
    datetime.timezone(datetime.timedelta(days=-1, seconds=57600))
    """
    if zone_id is None:
        return None
    if zone_id in ("Z", "UTC", "GMT"):
        return datetime.UTC
    match = _OFFSET.fullmatch(zone_id)
    if match:
        minutes = int(match[2]) * 60 + int(match[3] or 0)
        return datetime.timezone(datetime.timedelta(minutes=int(f"{match[1]}{minutes}")))
    try:
        return zoneinfo.ZoneInfo(zone_id)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"There is no time zone {zone_id!r}; write 'Europe/Berlin' or 'GMT+02:00'"
        ) from None


def _compile_token(match: re.Match[str], pattern: str) -> Part:
    text, letter = match[0], match[1]
    if letter is None:
        literal = text if not text.startswith("'") else (match[2] or "'").replace("''", "'")
        return lambda _: literal
    make = _LETTERS.get(letter)
    if make is None:
        raise ValueError(
            f"The letter {letter!r} of the date pattern {pattern!r} is not supported; "
            f"these are: {', '.join(_LETTERS)}. Quote letters that mean themselves: 'T'"
        )
    return make(len(text))


def _number(read: Callable[[datetime.datetime], int]) -> Callable[[int], Part]:
    return lambda width: lambda moment: f"{read(moment):0{width}}"


def _year(width: int) -> Part:
    if width == 2:
        return lambda moment: f"{moment.year % 100:02}"
    return lambda moment: f"{moment.year:0{width}}"


def _month(width: int) -> Part:
    if width < 3:
        return lambda moment: f"{moment.month:0{width}}"
    return lambda moment: _MONTHS[moment.month - 1][: None if width == 4 else 3]


def _day_name(width: int) -> Part:
    return lambda moment: _DAYS[moment.weekday()][: None if width == 4 else 3]


def _fraction(width: int) -> Part:
    return lambda moment: f"{moment.microsecond:06}000"[:width]


_LETTERS: Final[dict[str, Callable[[int], Part]]] = {
    "y": _year,
    "u": _year,
    "M": _month,
    "L": _month,
    "d": _number(lambda moment: moment.day),
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "E": _day_name,
    "H": _number(lambda moment: moment.hour),
    "h": _number(lambda moment: (moment.hour - 1) % 12 + 1),
    "a": lambda _: lambda moment: "AM" if moment.hour < 12 else "PM",
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": _fraction,
}
_FIELDS: Final = {
    "y": "year",
    "u": "year",
    "M": "month",
    "L": "month",
    "d": "day",
    "H": "hour",
    "m": "minute",
    "s": "second",
    "S": "microsecond",
}
