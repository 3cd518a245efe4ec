"""Colours for SQL while it is typed: unfinished strings and comments are coloured, too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from flott.cli.shell.words import KEYWORDS

_PATTERN = re.compile(
    r"""
    (?P<comment>--[^\n]*|//[^\n]*|/\*(?!\+).*?(?:\*/|\Z))
  | (?P<hint>/\*\+.*?(?:\*/|\Z))
  | (?P<string>(?:[xXeEnN]|[uU]&)?'(?:[^']|'')*(?:'|\Z))
  | (?P<name>`(?:[^`]|``)*(?:`|\Z))
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<other>\s+|.)
    """,
    re.VERBOSE | re.DOTALL,
)

#: Colours of the kinds of words, for prompt_toolkit.
STYLES = {
    "comment": "ansibrightblack italic",
    "hint": "ansimagenta",
    "string": "ansigreen",
    "name": "ansicyan",
    "number": "ansiyellow",
    "keyword": "ansiblue bold",
    "function": "ansicyan",
}


def coloured(text: str) -> Iterator[tuple[str, str]]:
    """Pieces of ``text``, each with the kind of what it is.

    >>> [kind for kind, piece in coloured("SELECT f(a) 'x") if piece.strip()]
    ['keyword', 'function', '', '', '', 'string']
    """
    for match in _PATTERN.finditer(text):
        kind, piece = match.lastgroup or "", match.group()
        if kind == "word":
            kind = _kind_of_word(piece, text, match.end())
        yield ("" if kind == "other" else kind), piece


def _kind_of_word(word: str, text: str, end: int) -> str:
    if word.upper() in KEYWORDS:
        return "keyword"
    return "function" if text[end : end + 1] == "(" else ""


class SqlLexer(Lexer):
    """Colours the lines of a document."""

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The coloured pieces of each line."""
        lines: list[StyleAndTextTuples] = [[]]
        for kind, piece in coloured(document.text):
            for position, part in enumerate(piece.split("\n")):
                if position:
                    lines.append([])
                if part:
                    lines[-1].append((STYLES.get(kind, ""), part))
        return lambda number: lines[number] if number < len(lines) else []
