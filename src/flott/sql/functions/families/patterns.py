"""LIKE, ILIKE and SIMILAR TO: constant patterns become the cheapest test that does."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import polars as pl

from flott.common.sql_errors import SqlValidationError
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import NOT_CONSTANT, FunctionEntry
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import BOOLEAN, TEXT, signature

#: A pattern taken apart: texts, and None for ``%``, and 1 for ``_``.
Pieces = tuple[str | int | None, ...]


def like_pieces(pattern: str, escape: str | None = None) -> Pieces:
    """A LIKE pattern taken apart.

    >>> like_pieces("a%b_")
    ('a', None, 'b', 1)
    """
    if escape is not None and len(escape) != 1:
        raise SqlValidationError("The ESCAPE of LIKE is one character")
    pieces: list[str | int | None] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == escape:
            position += 1
            following = pattern[position : position + 1]
            if following not in ("%", "_", escape):
                raise SqlValidationError(f"Wrong ESCAPE in the pattern '{pattern}'")
            char = following
        elif char in "%_":
            pieces.append(None if char == "%" else 1)
            position += 1
            continue
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += char
        else:
            pieces.append(char)
        position += 1
    return tuple(pieces)


def like_regex(pieces: Pieces) -> str:
    """A regular expression for the pattern."""
    words = [
        re.escape(piece) if isinstance(piece, str) else (".*" if piece is None else ".")
        for piece in pieces
    ]
    return f"(?s)^{''.join(words)}$"


def _test(value: pl.Expr, pieces: Pieces) -> pl.Expr:
    """The pattern as a test of Polars."""
    match pieces:
        case ():
            return value == ""
        case (str() as word,):
            return value == word
        case (str() as word, None):
            return value.str.starts_with(word)
        case (None, str() as word):
            return value.str.ends_with(word)
        case (None, str() as word, None):
            return value.str.contains(word, literal=True)
        case (None,):
            return pl.when(value.is_not_null()).then(pl.lit(True))
    words = [
        _rust_escape(piece) if isinstance(piece, str) else (".*" if piece is None else ".")
        for piece in pieces
    ]
    return value.str.contains(f"(?s)^{''.join(words)}$")


def _rust_escape(text: str) -> str:
    return re.sub(r"([\\.+*?()|\[\]{}^$#&~-])", r"\\\1", text)


@lru_cache(maxsize=512)
def _like_regex(pattern: str, escape: str | None, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(like_regex(like_pieces(pattern, escape)), re.I if ignore_case else 0)


def _like(ignore_case: bool) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        pattern = site.constant(1)
        escape = site.constant(2) if len(site) > 2 else None
        if isinstance(pattern, str) and escape is not NOT_CONSTANT:
            value = site.arg(0)
            if ignore_case:
                value, pattern = value.str.to_lowercase(), pattern.lower()
            return _test(value, like_pieces(pattern, escape))

        def matches(text: str, pattern: str, escape: str | None = None) -> bool:
            return _like_regex(pattern, escape, ignore_case).search(text) is not None

        return in_python(matches)(site)

    return evaluate


@lru_cache(maxsize=512)
def similar_regex(pattern: str, escape: str | None = None) -> re.Pattern[str]:
    """A SIMILAR TO pattern as a regular expression.

    >>> bool(similar_regex("(a|b)%[0-9]+").fullmatch("bxx12"))
    True
    """
    words: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == escape:
            position += 1
            words.append(re.escape(pattern[position : position + 1]))
        elif inside:
            inside = char != "]"
            words.append("\\\\" if char == "\\" else char)
        elif char == "[":
            inside = True
            words.append(char)
        elif char in "%_":
            words.append(".*" if char == "%" else ".")
        elif char in ".\\^$":
            words.append("\\" + char)
        else:
            words.append(char)
        position += 1
    text = "".join(words)
    for name, characters in _CLASSES.items():
        text = text.replace(f"[:{name}:]", characters)
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise SqlValidationError(f"Wrong pattern '{pattern}' of SIMILAR TO: {error}") from None


_CLASSES = {
    "ALPHA": "a-zA-Z", "alpha": "a-zA-Z", "UPPER": "A-Z", "upper": "A-Z", "LOWER": "a-z",
    "lower": "a-z", "DIGIT": "0-9", "digit": "0-9", "ALNUM": "a-zA-Z0-9", "alnum": "a-zA-Z0-9",
    "SPACE": " ", "space": " ", "WHITESPACE": r"\s", "whitespace": r"\s",
}  # fmt: skip


def _similar(text: str, pattern: str, escape: str | None = None) -> bool:
    return similar_regex(pattern, escape).fullmatch(text) is not None


_INFER = signature(TEXT, TEXT, optional=(TEXT,), returns=BOOLEAN)
_TAKES = "string, pattern, [escape]"

ENTRIES: Final = (
    FunctionEntry("LIKE", _INFER, _like(False), "Whether a string has a form: % is any text, "
                  "_ any character.", _TAKES, [("'hello' LIKE 'h%o'", True),
                  ("'a%' LIKE 'a!%' ESCAPE '!'", True)]),
    FunctionEntry("ILIKE", _INFER, _like(True), "LIKE for capital and small letters alike.",
                  _TAKES, [("'HELLO' ILIKE 'h%o'", True)]),
    FunctionEntry("SIMILAR TO", _INFER, in_python(_similar),
                  "Whether a string matches a pattern of SQL.", _TAKES,
                  [("'abc' SIMILAR TO '(a|b)%'", True)], aliases=("SIMILAR",)),
)  # fmt: skip
