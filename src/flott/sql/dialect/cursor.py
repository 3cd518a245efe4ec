"""A place in a list of tokens, and what every rule of the grammar does with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from sqlglot import exp

from flott.common.sql_errors import SqlParserError, SqlValidationError
from flott.sql.dialect.hints import hint_about
from flott.sql.dialect.keywords import RESERVED
from flott.sql.dialect.positions import NodeT, mark
from flott.sql.dialect.tokens import Token, TokenKind

T = TypeVar("T")


class Cursor:
    """Reads tokens of one statement.

    Args:
        tokens: the tokens; the last one is an END.
        text: the text that they are from, for errors.
    """

    def __init__(self, tokens: Sequence[Token], text: str) -> None:
        assert tokens
        assert tokens[-1].kind is TokenKind.END
        self.tokens = tokens
        self.text = text
        self.index = 0
        self._later: SqlValidationError | None = None

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.index]

    @property
    def last(self) -> Token:
        """The token read last."""
        return self.tokens[max(0, self.index - 1)]

    def ahead(self, count: int = 1) -> Token:
        """The token ``count`` after the next one; the END beyond it."""
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Read the next token."""
        token = self.token
        if token.kind is not TokenKind.END:
            self.index += 1
        return token

    def looks_at(self, *words: str) -> bool:
        """Whether the next tokens are these keywords or signs."""
        index, tokens = self.index, self.tokens
        if tokens[index].upper != words[0]:
            return False
        return all(
            index + i < len(tokens) and tokens[index + i].upper == word
            for i, word in enumerate(words)
        )

    def looks_at_any(self, *words: str) -> bool:
        """Whether the next token is one of these keywords or signs."""
        return self.token.upper in words

    def accept(self, *words: str) -> bool:
        """Read these keywords or signs if they are next."""
        if not self.looks_at(*words):
            return False
        self.index += len(words)
        return True

    def accept_any(self, *words: str) -> str | None:
        """Read one of these keywords if it is next, and tell which."""
        upper = self.token.upper
        if upper and upper in words:
            self.index += 1
            return upper
        return None

    def expect(self, *words: str) -> Token:
        """Read these keywords or signs.

        Raises:
            SqlParserError: Something else stands there.
        """
        for word in words:
            if self.token.upper != word:
                self.unexpected(f"'{word}'")
            self.index += 1
        return self.last

    def string(self, what: str = "a string in single quotes") -> str:
        """Read a string; strings on lines that follow each other are one."""
        if self.token.kind is not TokenKind.STRING:
            self.unexpected(what)
        last = self.advance()
        parts = [last.text]
        while self.token.kind is TokenKind.STRING:
            if self.token.line == last.line:
                self.invalid_later("A string may go on in the next line only", self.token)
            last = self.advance()
            parts.append(last.text)
        return "".join(parts)

    def accept_string(self) -> str | None:
        """Read a string if one is next."""
        return self.string() if self.token.kind is TokenKind.STRING else None

    def integer(self) -> int:
        """Read a whole number without a sign."""
        if self.token.kind is not TokenKind.NUMBER or not self.token.text.isdigit():
            self.unexpected("a whole number")
        return int(self.advance().text)

    def looks_at_name(self) -> bool:
        """Whether a name is next: between back-ticks, or a word that is not reserved."""
        token = self.token
        if token.kind is TokenKind.WORD:
            return token.upper not in RESERVED
        return token.kind is TokenKind.QUOTED

    def identifier(self, what: str = "a name") -> exp.Identifier:
        """Read a name."""
        if not self.looks_at_name():
            self.unexpected(what, is_name=True)
        token = self.advance()
        quoted = token.kind is TokenKind.QUOTED
        return mark(exp.Identifier(this=token.text, quoted=quoted), token, token)

    def name(self, what: str = "a name") -> str:
        """Read a name; its text."""
        return str(self.identifier(what).this)

    def path(self, what: str = "a name") -> list[exp.Identifier]:
        """Read a name of several parts."""
        parts = [self.identifier(what)]
        while self.accept("."):
            parts.append(self.identifier())
        return parts

    def names_in_parentheses(self) -> list[exp.Identifier]:
        """Read ``(a, b, ...)``."""
        self.expect("(")
        found = self.separated(self.identifier)
        self.expect(")")
        return found

    def separated(self, rule: Callable[[], T]) -> list[T]:
        """Read one or more of what ``rule`` reads, separated by commas."""
        found = [rule()]
        while self.accept(","):
            found.append(rule())
        return found

    def marked(self, node: NodeT, first: Token) -> NodeT:
        """``node``, told that it begins at ``first`` and ends where the cursor stands."""
        return mark(node, first, self.last)

    def unexpected(self, expected: str = "", is_name: bool = False) -> NoReturn:
        """Refuse the next token."""
        token = self.token
        if token.kind is TokenKind.END:
            end = self.last
            column = end.column + (end.end - end.start)
            message = "The statement ends too early"
            hint = f"Expected {expected}." if expected else None
            raise SqlParserError(message, self.text, end.line, column, hint=hint)
        before = self.last if self.index else None
        hint = hint_about(token, before, expected, is_name)
        shown = self.text[token.start : token.end]
        self.error(f"Unexpected {shown!r}", token, hint)

    def error(self, message: str, at: Token | None = None, hint: str | None = None) -> NoReturn:
        """Raise an error of syntax at a token, the next one if none is given."""
        token = at or self.token
        length = max(1, token.end - token.start)
        raise SqlParserError(message, self.text, token.line, token.column, length, hint=hint)

    def invalid(self, message: str, at: Token, hint: str | None = None) -> NoReturn:
        """Raise an error of meaning about what was read since ``at``."""
        raise self._invalid(message, at, hint)

    def invalid_later(self, message: str, at: Token) -> None:
        """Raise an error of meaning once it is clear that there is none of syntax."""
        self._later = self._later or self._invalid(message, at)

    def _invalid(self, message: str, at: Token, hint: str | None = None) -> SqlValidationError:
        length = max(1, self.last.end - at.start)
        return SqlValidationError(message, self.text, at.line, at.column, length, hint=hint)

    def expect_end(self) -> None:
        """Require that nothing follows.

        Raises:
            SqlParserError: Something does.
            SqlValidationError: What was read has no meaning.
        """
        if self.token.kind is not TokenKind.END:
            self.unexpected()
        if self._later is not None:
            raise self._later
