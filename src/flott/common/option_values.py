"""Reading and writing the values of options: text in a file or on a command line, objects in code.

Every reader takes either the text or the Python value, so the text ``"4"`` and the number 4 mean
the same. Errors name what was expected.
"""

from __future__ import annotations

import datetime
import re
from enum import Enum
from typing import Any

from flott.common.errors import ConfigurationError
from flott.common.memory_size import MemorySize
from flott.common.quantity_text import DURATION_NANOS, bytes_of_text, nanos_of_text
from flott.common.time import Duration, Time

__all__ = [
    "format_value",
    "parse_bool",
    "parse_bytes",
    "parse_duration",
    "parse_enum",
    "parse_float",
    "parse_int",
    "parse_list",
    "parse_map",
    "parse_memory_size",
    "parse_string",
]


def parse_duration(value: Any) -> Duration:
    """Read ``1 s``, ``200ms``, ``10 min``, ``PT1M30S``; a bare number means milliseconds.

    >>> parse_duration("1 h"), parse_duration(1500), parse_duration("PT1M30S")
    (Duration.of_hours(1), Duration.of_millis(1500), Duration.of_seconds(90))
    """
    if isinstance(value, Duration):
        return value
    if isinstance(value, Time):
        return Duration.of_millis(value.to_milliseconds())
    if isinstance(value, datetime.timedelta):
        return Duration.of_nanos(value // datetime.timedelta(microseconds=1) * 1000)
    if isinstance(value, int) and not isinstance(value, bool):
        return Duration.of_millis(value)
    if isinstance(value, str):
        return Duration.of_nanos(nanos_of_text(value))
    raise ConfigurationError(
        f"Expected a duration such as '1 s', '200 ms' or '10 min', found {value!r}"
    )


def parse_memory_size(value: Any) -> MemorySize:
    """Read ``64 mb``, ``1g``, ``512 kb``; a bare number means bytes.

    >>> parse_memory_size("64 mb").get_bytes()
    67108864
    """
    if isinstance(value, MemorySize):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return MemorySize(value)
    if isinstance(value, str):
        return MemorySize(bytes_of_text(value))
    raise ConfigurationError(
        f"Expected a memory size such as '64 mb', '512 kb' or '1 gb', found {value!r}"
    )


def parse_bool(value: Any) -> bool:
    """Read ``true`` or ``false``, in upper or lower case."""
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else None
    if text in ("true", "false"):
        return text == "true"
    raise ConfigurationError(f"Expected true or false, found {value!r}")


def parse_int(value: Any, least: int = -(2**63), most: int = 2**63 - 1) -> int:
    """Read a whole number within bounds."""
    number: int | None = None
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d+\s*", value):  # noqa: SIM114
        number = int(value)
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    if number is None:
        raise ConfigurationError(f"Expected a whole number, found {value!r}")
    if not least <= number <= most:
        raise ConfigurationError(f"Expected a whole number from {least} to {most}, found {number}")
    return number


def parse_float(value: Any) -> float:
    """Read a number."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            pass
    raise ConfigurationError(f"Expected a number, found {value!r}")


def parse_string(value: Any) -> str:
    """Take any value as text."""
    return value if isinstance(value, str) else format_value(value)


def parse_bytes(value: Any) -> bytearray:
    """Take a byte array."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytearray(value)
    raise ConfigurationError(f"Expected a byte array, found {value!r}")


def parse_enum(value: Any, choices: type[Enum] | tuple[str, ...]) -> Any:
    """Read one of several words; upper and lower case, ``-`` and ``_`` are the same.

    >>> parse_enum("exactly-once", ("EXACTLY_ONCE", "AT_LEAST_ONCE"))
    'EXACTLY_ONCE'
    """
    if isinstance(choices, type) and isinstance(value, choices):
        return value
    words = (
        {name: name for name in choices}
        if isinstance(choices, tuple)
        else dict(choices.__members__)
    )
    wanted = _fold(value.name if isinstance(value, Enum) else str(value))
    for word, meaning in words.items():
        if _fold(word) == wanted:
            return meaning
    raise ConfigurationError(f"Expected one of {', '.join(words)}, found {value!r}")


def _fold(word: str) -> str:
    return word.strip().lower().replace("-", "_")


def parse_list(value: Any) -> list[str]:
    """Read ``a;b;c`` or ``[a, b, c]``.

    >>> parse_list("a;b"), parse_list("[a, 'b, c']")
    (['a', 'b'], ['a', 'b, c'])
    """
    if isinstance(value, (list, tuple)):
        return [parse_string(each) for each in value]
    if not isinstance(value, str):
        raise ConfigurationError(f"Expected a list such as 'a;b;c', found {value!r}")
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_unquote(each) for each in _split(text[1:-1], ",")]
    return [_unquote(each) for each in _split(text, ";")]


def parse_map(value: Any) -> dict[str, str]:
    """Read ``a:1,b:2`` or ``{a: 1, b: 2}``.

    >>> parse_map("greeting:hello,name:'a,b'")
    {'greeting': 'hello', 'name': 'a,b'}
    """
    if isinstance(value, dict):
        return {parse_string(key): parse_string(each) for key, each in value.items()}
    if not isinstance(value, str):
        raise ConfigurationError(f"Expected a map such as 'key:value,key:value', found {value!r}")
    text = value.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    entries = {}
    for part in _split(text, ","):
        pair = _split(part, ":", times=1)
        if len(pair) != 2:
            raise ConfigurationError(f"Expected 'key:value' within a map, found {part!r}")
        entries[_unquote(pair[0])] = _unquote(pair[1])
    return entries


def _split(text: str, separator: str, times: int = -1) -> list[str]:
    """Split at separators outside of quotes; parts are stripped, empty ones left out."""
    parts, current, quote = [], "", ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == separator and times != 0:
            parts.append(current)
            current, times = "", times - 1
            continue
        current += character
    parts.append(current)
    return [part.strip() for part in parts if part.strip()]


def _unquote(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1].replace(text[0] * 2, text[0])
    return text


def _quote(text: str) -> str:
    """Quote what would otherwise be read as something else; inverse of ``_unquote``."""
    if text and text.strip() == text and not re.search(r"[,;:'\"\[\]{}]", text):
        return text
    return "'" + text.replace("'", "''") + "'"


def format_value(value: Any) -> str:
    """Write a value as text that the reader of its type understands.

    >>> format_value(True), format_value(Duration.of_seconds(5)), format_value({"a": 1})
    ('true', '5 s', 'a:1')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Duration):
        return _format_duration(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (list, tuple)):
        return ";".join(_quote(format_value(each)) for each in value)
    if isinstance(value, dict):
        return ",".join(
            f"{_quote(format_value(k))}:{_quote(format_value(v))}" for k, v in value.items()
        )
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    return str(value)


def _format_duration(duration: Duration) -> str:
    nanos = duration.to_nanos()
    for unit in ("d", "h", "min", "s", "ms", "µs"):
        if nanos and nanos % DURATION_NANOS[unit] == 0:
            return f"{nanos // DURATION_NANOS[unit]} {unit}"
    return f"{nanos} ns" if nanos else "0 ms"
