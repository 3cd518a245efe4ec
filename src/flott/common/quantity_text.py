"""Lengths of time and sizes of memory as text, the way options write them."""

from __future__ import annotations

import re

from flott.common.errors import ConfigurationError

__all__ = ["DURATION_NANOS", "bytes_of_text", "nanos_of_text"]

# Patterns are text and compiled when first used: most programs start without reading any option.
_NUMBER_WITH_UNIT = r"\s*(-?\d+)\s*([a-zA-Zµ]*)\s*"

DURATION_NANOS = {
    **dict.fromkeys(("ns", "nano", "nanos", "nanosecond", "nanoseconds"), 1),
    **dict.fromkeys(("µs", "us", "micro", "micros", "microsecond", "microseconds"), 1_000),
    **dict.fromkeys(("", "ms", "milli", "millis", "millisecond", "milliseconds"), 1_000_000),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1_000_000_000),
    **dict.fromkeys(("min", "m", "minute", "minutes"), 60_000_000_000),
    **dict.fromkeys(("h", "hour", "hours"), 3_600_000_000_000),
    **dict.fromkeys(("d", "day", "days"), 86_400_000_000_000),
}
_ISO_DURATION = (
    r"(?i)P(?:(?P<days>-?\d+)D)?(?:T(?:(?P<hours>-?\d+)H)?(?:(?P<minutes>-?\d+)M)?"
    r"(?:(?P<seconds>-?\d+)(?:\.(?P<fraction>\d{1,9}))?S)?)?"
)

_MEMORY_BYTES = {
    **dict.fromkeys(("", "b", "bytes"), 1),
    **dict.fromkeys(("k", "kb", "kibibytes"), 1 << 10),
    **dict.fromkeys(("m", "mb", "mebibytes"), 1 << 20),
    **dict.fromkeys(("g", "gb", "gibibytes"), 1 << 30),
    **dict.fromkeys(("t", "tb", "tebibytes"), 1 << 40),
}


def nanos_of_text(text: str) -> int:
    """Read ``1 s``, ``200ms``, ``10 min``, ``PT1M30S``; a bare number means milliseconds.

    Raises:
        ConfigurationError: if the text is not a duration.

    >>> nanos_of_text("2 ms")
    2000000
    """
    match = re.fullmatch(_NUMBER_WITH_UNIT, text)
    if match is not None and match[2].lower() in DURATION_NANOS:
        return int(match[1]) * DURATION_NANOS[match[2].lower()]
    iso = re.fullmatch(_ISO_DURATION, text.strip())
    if iso is not None and any(iso.groups()):
        return _from_iso(iso)
    raise ConfigurationError(
        f"Expected a duration such as '1 s', '200 ms' or '10 min', found {text!r}"
    )


def bytes_of_text(text: str) -> int:
    """Read ``64 mb``, ``1g``, ``512 kb``; a bare number means bytes.

    Raises:
        ConfigurationError: if the text is not a size.

    >>> bytes_of_text("64 mb")
    67108864
    """
    match = re.fullmatch(_NUMBER_WITH_UNIT, text)
    if match is not None and match[2].lower() in _MEMORY_BYTES and int(match[1]) >= 0:
        return int(match[1]) * _MEMORY_BYTES[match[2].lower()]
    raise ConfigurationError(
        f"Expected a memory size such as '64 mb', '512 kb' or '1 gb', found {text!r}"
    )


def _from_iso(match: re.Match[str]) -> int:
    days, hours, minutes = (int(match[name] or 0) for name in ("days", "hours", "minutes"))
    seconds = int(match["seconds"] or 0)
    fraction = int((match["fraction"] or "0").ljust(9, "0"))
    if (match["seconds"] or "").startswith("-"):
        fraction = -fraction
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return total * 1_000_000_000 + fraction
