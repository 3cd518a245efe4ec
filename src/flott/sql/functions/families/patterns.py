"""LIKE and SIMILAR TO: constant patterns become the cheapest test that does."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import polars as pl

from flott.common.sql_errors import RecordError, SqlValidationError
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import NOT_CONSTANT, FunctionEntry
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import BOOLEAN, TEXT, signature
from flott.sql.functions.similar import similar_regex

#: A pattern taken apart: texts, and None for ``%``, and 1 for ``_``.
Pieces = tuple[str | int | None, ...]


def like_pieces(pattern: str, escape: str | None = None) -> Pieces:
    """A LIKE pattern taken apart.

    >>> like_pieces("a%b_")
    ('a', None, 'b', 1)
    """
    if escape is not None and len(escape) > 1:
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
def _like_regex(pattern: str, escape: str | None) -> re.Pattern[str]:
    return re.compile(like_regex(like_pieces(pattern, escape)))


def _like(site: Site) -> pl.Expr:
    pattern = site.constant(1)
    escape = site.constant(2) if len(site) > 2 else None
    if len(site) > 2 and escape is None:
        return pl.lit(None, dtype=pl.Boolean())
    if isinstance(pattern, str) and escape is not NOT_CONSTANT:
        return _test(site.arg(0), like_pieces(pattern, escape))

    def matches(text: str, pattern: str, escape: str | None = None) -> bool:
        return _like_regex(pattern, escape).search(text) is not None

    return in_python(matches)(site)


def _similar(text: str, pattern: str, escape: str | None = None) -> bool | None:
    try:
        return similar_regex(pattern, escape).fullmatch(text) is not None
    except RecordError:
        return None


def _similar_site(site: Site) -> pl.Expr:
    matches = in_python(_similar)(site)
    given = [each.is_not_null() for each in site.args()]
    site.fail_where(matches.is_null() & pl.all_horizontal(given), "Wrong pattern of SIMILAR TO")
    return matches


_INFER = signature(TEXT, TEXT, optional=(TEXT,), returns=BOOLEAN)
_TAKES = "string, pattern, [escape]"

ENTRIES: Final = (
    FunctionEntry("LIKE", _INFER, _like, "Whether a string has a form: % is any text, "
                  "_ any character.", _TAKES, [("'hello' LIKE 'h%o'", True),
                  ("'a%' LIKE 'a!%' ESCAPE '!'", True)]),
    FunctionEntry("SIMILAR TO", _INFER, _similar_site,
                  "Whether a string matches a pattern of SQL.", _TAKES,
                  [("'abc' SIMILAR TO '(a|b)%'", True)], aliases=("SIMILAR",)),
)  # fmt: skip
