"""Templates of Java's ``String.format``, for PRINTF."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from flott.common.java_reals import java_double, java_single

_DIRECTIVE: Final = re.compile(
    r"%(?:(?P<position>\d+)\$)?(?P<flags>[-#+ 0,(]*)(?P<width>\d+)?(?:\.(?P<places>\d+))?"
    r"(?P<letter>[tT][a-zA-Z]|[a-zA-Z%])|%"
)

#: The code of the last character, and those that are but half of one.
_LAST_CHARACTER: Final = 0x10FFFF
_HALVES: Final = range(0xD800, 0xE000)


class _Mismatch(Exception):
    """A template that does not fit its values."""


def java_format(template: str, *values: Any, sizes: tuple[int, ...] = ()) -> str | None:
    """``String.format`` of Java; ``None`` for a template that does not fit its values.

    Args:
        template: The template.
        values: What it prints.
        sizes: How many bits the numbers among the values have.

    >>> java_format("%05d|%-4s|%.2f|%,d", 42, "ab", 1.005, 1234567)
    '00042|ab  |1.01|1,234,567'
    """
    given = [
        (value, sizes[i] if i < len(sizes) else _usual_size(value))
        for i, value in enumerate(values)
    ]
    used = iter(given)

    def one(found: re.Match[str]) -> str:
        letter = found["letter"]
        if letter is None:
            raise _Mismatch
        if letter == "%":
            return _padded("%", found)
        if letter == "n":
            return "\n"
        position = found["position"]
        value, bits = given[int(position) - 1] if position else next(used)
        return _padded(_converted(found, value, bits), found)

    try:
        return _DIRECTIVE.sub(one, template)
    except (_Mismatch, StopIteration, IndexError, RuntimeError):
        return None


def _usual_size(value: Any) -> int:
    return 64 if isinstance(value, float) else 32


def _padded(text: str, found: re.Match[str]) -> str:
    flags, width = found["flags"], found["width"]
    if width is None:
        if "-" in flags or "0" in flags:
            raise _Mismatch
        return text
    blanks = " " * (int(width) - utf16_length(text))
    return text + blanks if "-" in flags else blanks + text


def utf16_length(text: str) -> int:
    """How many characters Java counts.

    >>> utf16_length("a🙂")
    3
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def java_characters(text: str) -> list[str]:
    """The characters of Java's; of one that takes two each half is a question mark.

    >>> java_characters("a🙂")
    ['a', '?', '?']
    """
    if text.isascii():
        return list(text)
    return [half for char in text for half in ([char] if ord(char) < 1 << 16 else "??")]


def _converted(found: re.Match[str], value: Any, bits: int) -> str:
    letter, flags, places = found["letter"], found["flags"], found["places"]
    lower = letter.lower()
    if lower in "bsh":
        text = _general(lower, value, bits)
        text = text if places is None else text[: int(places)]
    elif lower not in "cdoxfega" and lower[0] != "t":
        raise _Mismatch
    elif value is None:
        text = "null" if places is None else "null"[: int(places)]
    elif lower == "c":
        text = _character(value, bits, flags, places)
    elif lower in "dox":
        text = _whole(lower, flags, places, value, bits, found["width"])
    elif lower in "fega":
        text = _real(lower, flags, places, value, found["width"])
    else:
        raise _Mismatch
    return text.upper() if letter.isupper() else text


def _general(letter: str, value: Any, bits: int) -> str:
    if letter == "b":
        return str(value is not None and value is not False).lower()
    if value is None:
        return "null"
    if letter == "s":
        return _shown(value, bits)
    if isinstance(value, int) and not isinstance(value, bool):
        return format((value ^ (value >> 32 if bits == 64 else 0)) & 0xFFFFFFFF, "x")
    raise _Mismatch


def _shown(value: Any, bits: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, float):
        return str(value)
    return java_double(value) if bits == 64 else java_single(value)


def _character(value: Any, bits: int, flags: str, places: str | None) -> str:
    is_code = isinstance(value, int) and not isinstance(value, bool) and bits <= 32
    if not is_code or places or flags.strip("-"):
        raise _Mismatch
    if not 0 <= value <= _LAST_CHARACTER:
        raise _Mismatch
    return "?" if value in _HALVES else chr(value)


def _whole(
    letter: str, flags: str, places: str | None, value: Any, bits: int, width: str | None
) -> str:
    if not isinstance(value, int) or isinstance(value, bool) or places is not None:
        raise _Mismatch
    if letter == "d":
        if "#" in flags:
            raise _Mismatch
        return _signed(format(abs(value), "," if "," in flags else ""), value < 0, flags, width)
    text = format(value & ((1 << bits) - 1), letter)
    text = ({"x": "0x", "o": "0"}[letter] if "#" in flags else "") + text
    return text.zfill(int(width or 0)) if "0" in flags else text


def _real(letter: str, flags: str, places: str | None, value: Any, width: str | None) -> str:
    if not isinstance(value, float):
        raise _Mismatch
    if value != value:
        return "NaN"
    size = abs(value)
    is_negative = str(value).startswith("-")
    if size == float("inf"):
        return _signed("Infinity", is_negative, flags.replace("0", ""), width)
    count = 6 if places is None else int(places)
    if letter == "a":
        return _hexadecimal(value)
    if letter == "g":
        count = max(count, 1)
        fixed = size == 0 or 1e-4 <= size < 10**count
        exponent = 0 if size == 0 else int(f"{size:.{count - 1}e}".partition("e")[2])
        letter, count = ("f", max(count - 1 - exponent, 0)) if fixed else ("e", count - 1)
    if letter == "e":
        return _signed(f"{size:.{count}e}", is_negative, flags, width)
    rounded = Decimal(repr(size)).quantize(Decimal(1).scaleb(-count), ROUND_HALF_UP)
    return _signed(format(rounded, ",f" if "," in flags else "f"), is_negative, flags, width)


def _signed(digits: str, is_negative: bool, flags: str, width: str | None) -> str:
    before = "+" if "+" in flags else " " if " " in flags else ""
    after = ""
    if is_negative:
        before, after = ("(", ")") if "(" in flags else ("-", "")
    if "0" in flags:
        digits = digits.zfill(int(width or 0) - len(before) - len(after))
    return before + digits + after


def _hexadecimal(value: float) -> str:
    """A double as Java's ``%a``.

    >>> _hexadecimal(1.0), _hexadecimal(0.1)
    ('0x1.0p0', '0x1.999999999999ap-4')
    """
    mantissa, _, power = value.hex().partition("p")
    whole, _, fraction = mantissa.partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}p{int(power)}"
