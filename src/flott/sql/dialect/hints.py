"""What somebody may have meant who wrote what the grammar does not take."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from flott.sql.dialect.keywords import RESERVED
from flott.sql.dialect.tokens import Token, TokenKind

#: Words that begin a clause or a statement: what is misspelt most often.
_CLAUSES = (
    "ALTER", "CREATE", "CROSS", "DESCRIBE", "DROP", "EXECUTE", "EXPLAIN", "FROM", "FULL", "GROUP",
    "HAVING", "INNER", "INSERT", "INTERSECT", "JOIN", "LEFT", "LIMIT", "OFFSET", "ORDER", "RIGHT",
    "SELECT", "SHOW", "UNION", "VALUES", "WHERE", "WINDOW", "WITH",
)  # fmt: skip
_WORDS = (*_CLAUSES, "AND", "BETWEEN", "OVER", "PARTITION")
#: What other dialects have, by its first token, and how it is written here.
_ELSEWHERE = {
    "::": "Casts are written CAST(value AS type).",
    "UNNEST": "UNNEST stands in FROM: FROM t CROSS JOIN UNNEST(t.items) AS i (item).",
    "MERGE": "An INSERT into a table with a primary key replaces rows by key.",
}
#: How alike a word must be to be taken for a misspelt one.
_LIKENESS = 0.75


def hint_about(token: Token, before: Token | None, expected: str, is_name: bool) -> str | None:
    """What to say about a token that does not fit.

    Args:
        token: the token.
        before: the one before it.
        expected: what would fit; may be empty.
        is_name: whether a name would fit.
    """
    if token.upper in _ELSEWHERE and token.kind is not TokenKind.QUOTED:
        return _ELSEWHERE[token.upper]
    wanted = f"Expected {expected}." if expected else None
    if (is_name or expected == "an expression") and token.upper in RESERVED:
        if before is not None and before.upper == "," and token.upper in _CLAUSES:
            return f"Is the comma before {token.upper} one too many?"
        return f"{token.upper} is a reserved word; as a name it is written `{token.text}`."
    # 'SELECT id FORM t' is read up to t: FORM could be another name for id.
    for word, candidates in ((token, _words_of(expected)), (before, _WORDS), (token, _WORDS)):
        meant = None if word is None else _misspelt(word, candidates)
        if word is not None and meant is not None:
            return f"Did you mean {meant} in place of '{word.text}'?"
    return wanted


def _words_of(expected: str) -> Iterable[str]:
    return re.findall(r"[A-Z_]{3,}", expected)


def _misspelt(word: Token, candidates: Iterable[str]) -> str | None:
    """The candidate that is written nearly like a word that is none."""
    if word.kind is not TokenKind.WORD or word.upper in RESERVED:
        return None
    near = difflib.get_close_matches(word.upper, set(candidates), 1, _LIKENESS)
    return near[0] if near and near[0] != word.upper else None
