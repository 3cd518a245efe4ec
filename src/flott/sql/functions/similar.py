"""SIMILAR TO: patterns of SQL as regular expressions, by the rules Flink has of Calcite.

What is special in SQL only (``%``, ``_``) is translated, the rest stands as in a regular
expression of Java. So a dot matches any character, as it does there and not in the standard.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from flott.common.sql_errors import RecordError
from flott.sql.functions.java_regex import translate

_SPECIAL: Final = frozenset("_%[]()|^-+*?{}")
_JAVA_SPECIAL: Final = frozenset("[]()|^-+*?{}$\\.")
_CLASSES: Final = {
    "ALPHA": "a-zA-Z", "UPPER": "A-Z", "LOWER": "a-z", "DIGIT": "0-9", "ALNUM": "a-zA-Z0-9",
    "SPACE": " ", "WHITESPACE": r"\s",
}  # fmt: skip
_CLASS: Final = re.compile(r"\[:([a-z]+|[A-Z]+):\]")


@lru_cache(maxsize=512)
def similar_regex(pattern: str, escape: str | None = None) -> re.Pattern[str]:
    """A SIMILAR TO pattern as a regular expression.

    Raises:
        RecordError: The pattern is wrong.

    >>> bool(similar_regex("(a|b)%[0-9]+").fullmatch("bxx12"))
    True
    """
    words: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == escape:
            position += 1
            words.append(_escaped(pattern, position, escape))
        elif char == "[":
            text, position = _enumeration(pattern, position + 1, escape)
            words.append(f"[{text}]")
        elif char == "]":
            raise _wrong(pattern)
        else:
            words.append({"%": "(?s:.*)", "_": ".", "\\": "\\\\", "$": "\\$"}.get(char, char))
        position += 1
    try:
        return re.compile(translate("".join(words)).python)
    except re.error:
        raise _wrong(pattern) from None


def _wrong(pattern: str) -> RecordError:
    return RecordError(f"Wrong pattern '{pattern}' of SIMILAR TO")


def _escaped(pattern: str, position: int, escape: str | None) -> str:
    char = pattern[position : position + 1]
    if char in _SPECIAL:
        return f"\\{char}" if char in _JAVA_SPECIAL else char
    if char and char == escape:
        return char
    raise _wrong(pattern)


def _enumeration(pattern: str, position: int, escape: str | None) -> tuple[str, int]:
    """The inside of ``[...]`` from ``position``, and where its end is."""
    words: list[str] = []
    while position < len(pattern):
        char = pattern[position]
        known = _CLASS.match(pattern, position)
        if char == "]":
            return "".join(words), position
        if char == escape:
            position += 1
            words.append(_escaped(pattern, position, escape))
        elif char in "-^":
            words.append(char)
        elif known and known[1].upper() in _CLASSES:
            words.append(_CLASSES[known[1].upper()])
            position = known.end() - 1
        elif char in _SPECIAL:
            raise _wrong(pattern)
        else:
            words.append(char)
        position += 1
    raise _wrong(pattern)
