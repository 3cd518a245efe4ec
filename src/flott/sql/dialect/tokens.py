"""Text to tokens.

Every token knows its place, so that whatever is wrong later can be shown in the text. Strings come
decoded; comments vanish, hints (``/*+ ... */``) do not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from flott.common.sql_errors import SqlParserError


class TokenKind(Enum):
    """What a token is."""

    WORD = "word"
    """A keyword or a bare name."""
    QUOTED = "quoted name"
    STRING = "string"
    BINARY = "binary string"
    NUMBER = "number"
    SIGN = "sign"
    HINT = "hint"
    """``/*+``; the hint ends with the sign ``*/``."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    Attributes:
        kind: What it is.
        text: A word or number as written, the contents of a string or quoted name, a sign.
        upper: The word in upper case, the sign; empty for everything else: what the grammar
            compares with.
        start: Where it begins, an offset into the text.
        end: Where it ends.
        line: Its line, from 1.
        column: Its column, from 1.
    """

    kind: TokenKind
    text: str
    upper: str
    start: int
    end: int
    line: int
    column: int


_PATTERN = re.compile(
    r"""
    (?P<space>\s+ | --[^\r\n]* | //[^\r\n]*)
  | (?P<hint>/\*\+)
  | (?P<comment>/\*)
  | (?P<unicode>[uU]&')
  | (?P<escaped>[eE]')
  | (?P<binary>[xX]'(?P<hex>[^']*)')
  | (?P<string>(?:_(?P<set>[A-Za-z0-9_.:-]+)|[nN])?'(?P<body>(?:[^']|'')*)')
  | (?P<quoted>`(?P<name>(?:[^`]|``)*)`)
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d][\w$]*|\$[\w$]*)
  | (?P<sign><>|!=|<=|>=|=>|\|\||->|\*/|::|[-+*/%=<>(),.;\[\]{}?:!^&|~@\#])
    """,
    re.VERBOSE,
)

#: Character sets that may be told before a string: ``_UTF8'abc'``.
_CHARACTER_SETS = ("UTF8", "UTF16", "UTF-8", "UTF-16", "LATIN1", "ISO-8859-1", "US-ASCII")
_C_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class _Scanner:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = 1
        self._line_start = 0
        self._position = 0
        self._tokens: list[Token] = []
        self._in_hint = False

    def scan(self) -> list[Token]:
        """All tokens, the last one being the END."""
        handlers: dict[str, Callable[[re.Match[str]], None]] = {
            "unicode": self._unicode,
            "escaped": self._escaped,
            "string": self._string,
            "comment": self._comment,
            "sign": self._sign,
        }
        while self._position < len(self._text):
            match = _PATTERN.match(self._text, self._position)
            if match is None:
                raise self._error(self._unknown())
            kind = self._kind_of(match)
            if kind in handlers:
                handlers[kind](match)
            else:
                self._plain(kind, match)
        self._add(TokenKind.END, "", "", self._position)
        return self._tokens

    @staticmethod
    def _kind_of(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        return {"hex": "binary", "body": "string", "name": "quoted"}.get(kind, kind)

    def _plain(self, kind: str, match: re.Match[str]) -> None:
        text, end = match.group(), match.end()
        if kind == "word":
            self._add(TokenKind.WORD, text, text.upper(), end)
        elif kind == "number":
            self._add(TokenKind.NUMBER, text, "", end)
        elif kind == "quoted":
            if not match["name"]:
                raise self._error("A name between back-ticks is not empty")
            self._add(TokenKind.QUOTED, match["name"].replace("``", "`"), "", end)
        elif kind == "binary":
            self._binary(match)
        elif kind == "hint":
            self._in_hint = True
            self._add(TokenKind.HINT, text, text, end)
        else:
            self._move(end)

    def _string(self, match: re.Match[str]) -> None:
        told = match["set"]
        if told is not None and told.upper() not in _CHARACTER_SETS:
            raise self._error(f"Unknown character set '{told}'")
        self._add(TokenKind.STRING, match["body"].replace("''", "'"), "", match.end())

    def _sign(self, match: re.Match[str]) -> None:
        text = match.group()
        if text == "*/":
            if not self._in_hint:
                text = "*"
            self._in_hint = False
        self._add(TokenKind.SIGN, text, text, match.start() + len(text))

    def _binary(self, match: re.Match[str]) -> None:
        digits = match["hex"]
        if len(digits) % 2 or not re.fullmatch("[0-9a-fA-F]*", digits):
            raise self._error("A binary string holds an even number of hexadecimal digits")
        self._add(TokenKind.BINARY, digits, "", match.end())

    def _comment(self, match: re.Match[str]) -> None:
        end = self._text.find("*/", match.end())
        if end < 0:
            raise self._error("The comment does not end: '*/' is missing")
        self._move(end + 2)

    def _unicode(self, match: re.Match[str]) -> None:
        body, end = self._body(match.end())
        escape = "\\"
        told = re.compile(r"\s*UESCAPE\s*'([^'])'", re.IGNORECASE).match(self._text, end)
        if told:
            escape, end = told[1], told.end()
            if re.match(r"[0-9a-fA-F\s+\"]", escape):
                raise self._error(
                    f"UESCAPE '{escape}' may not be a hexadecimal digit, blank, plus sign or quote"
                )
        parts = body.split(escape)
        found = [parts[0]]
        rest = iter(parts[1:])
        for part in rest:
            if part == "":
                found.append(escape + next(rest, ""))
                continue
            if not re.match("[0-9a-fA-F]{4}", part):
                raise self._error("A Unicode escape is not exactly four hexadecimal digits")
            found.append(chr(int(part[:4], 16)) + part[4:])
        # Two escapes may be the halves of one character.
        decoded = "".join(found).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self._add(TokenKind.STRING, decoded, "", end)

    def _escaped(self, match: re.Match[str]) -> None:
        position, found = match.end(), []
        text = self._text
        while position < len(text):
            char = text[position]
            if char == "'" and text[position + 1 : position + 2] == "'":
                found.append("'")
                position += 2
            elif char == "'":
                self._add(TokenKind.STRING, "".join(found), "", position + 1)
                return
            elif char == "\\":
                value, position = self._c_escape(position + 1)
                found.append(value)
            else:
                found.append(char)
                position += 1
        raise self._error("The string does not end: a closing quote is missing")

    def _c_escape(self, position: int) -> tuple[str, int]:
        text = self._text
        for pattern, base in (
            (r"u([0-9a-fA-F]{4})", 16),
            (r"U([0-9a-fA-F]{8})", 16),
            (r"x([0-9a-fA-F]{1,2})", 16),
            (r"([0-7]{1,3})", 8),
        ):
            match = re.compile(pattern).match(text, position)
            if match:
                return chr(int(match[1], base)), match.end()
        char = text[position : position + 1]
        return _C_ESCAPES.get(char, char), position + 1

    def _body(self, start: int) -> tuple[str, int]:
        match = re.compile(r"((?:[^']|'')*)'").match(self._text, start)
        if match is None:
            raise self._error("The string does not end: a closing quote is missing")
        return match[1].replace("''", "'"), match.end()

    def _unknown(self) -> str:
        char = self._text[self._position]
        if char == "'":
            return "The string does not end: a closing quote is missing"
        if char == "`":
            return "The name does not end: a closing back-tick is missing"
        if char == '"':
            return "Names stand in back-ticks and strings in single quotes, not in double quotes"
        return f"The character '{char}' has no meaning here"

    def _add(self, kind: TokenKind, text: str, upper: str, end: int) -> None:
        start = self._position
        column = start - self._line_start + 1
        self._tokens.append(Token(kind, text, upper, start, end, self._line, column))
        self._move(end)

    def _move(self, end: int) -> None:
        passed = self._text[self._position : end]
        lines = passed.count("\n")
        if lines:
            self._line += lines
            self._line_start = self._position + passed.rindex("\n") + 1
        self._position = end

    def _error(self, message: str) -> SqlParserError:
        column = self._position - self._line_start + 1
        return SqlParserError(message, self._text, self._line, column)


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``; the last is the END.

    Raises:
        SqlParserError: A string, name or comment does not end, or a character fits nowhere.

    >>> [token.text for token in tokenize("SELECT 'it''s' -- why")]
    ['SELECT', "it's", '']
    """
    return _Scanner(text).scan()


def split_statements(text: str) -> list[str]:
    """The statements of a script, each as written, without the ``;`` after it.

    A ``;`` between BEGIN and END of a statement set separates nothing.

    >>> split_statements("SET 'a' = ';'; SELECT 1;")
    ["SET 'a' = ';'", 'SELECT 1']
    """
    return [text[tokens[0].start : tokens[-1].end] for tokens in statement_tokens(tokenize(text))]


def statement_tokens(tokens: list[Token]) -> list[list[Token]]:
    """The tokens of each statement; neither ``;`` nor END."""
    found: list[list[Token]] = []
    current: list[Token] = []
    depth = 0
    for token in tokens:
        if token.kind is TokenKind.END or (token.upper == ";" and depth == 0):
            if current:
                found.append(current)
            current = []
            continue
        if token.upper == "BEGIN" and _words(current)[-2:] == ["STATEMENT", "SET"]:
            depth = 1
        elif token.upper == "END" and depth and current[-1].upper in (";", "BEGIN"):
            depth = 0
        current.append(token)
    return found


def _words(tokens: list[Token]) -> list[str]:
    return [token.upper for token in tokens[-2:]]
