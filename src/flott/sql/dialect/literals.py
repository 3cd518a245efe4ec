"""Constants: numbers, strings, DATE, TIME, TIMESTAMP and INTERVAL."""

from __future__ import annotations

import re

from sqlglot import exp

from flott.common import logical_types as t
from flott.sql.dialect.tokens import Token, TokenKind
from flott.sql.dialect.types import TypeParser, type_node

_FRACTION = re.compile(r"\.(\d+)\s*$")
#: Moments in the escapes of ODBC: ``{d '2024-02-29'}``.
_ESCAPED = {"D": "DATE", "T": "TIME", "TS": "TIMESTAMP"}
_BARE: dict[str, bool | None] = {"TRUE": True, "FALSE": False, "NULL": None, "UNKNOWN": None}


class LiteralParser(TypeParser):
    """Reads constants."""

    def expression(self) -> exp.Expression:
        """Read an expression (see ``expressions``)."""
        raise NotImplementedError

    def literal(self) -> exp.Expression | None:
        """Read a constant if one is next."""
        token = self.token
        if token.kind is TokenKind.NUMBER:
            self.advance()
            return self.marked(exp.Literal(this=token.text, is_string=False), token)
        if token.kind is TokenKind.STRING:
            return self.marked(exp.Literal(this=self.string(), is_string=True), token)
        if token.kind is TokenKind.BINARY:
            return self.marked(exp.HexString(this=self._hexadecimal()), token)
        if token.upper == "{" and self.ahead().upper in _ESCAPED:
            return self._escaped()
        if token.kind is not TokenKind.WORD:
            return None
        if token.upper in _BARE:
            return self._bare(token)
        if token.upper in ("DATE", "TIME", "TIMESTAMP"):
            return self._temporal(token)
        if token.upper == "INTERVAL":
            return self._interval(token)
        return None

    def _bare(self, token: Token) -> exp.Expression:
        self.advance()
        value = _BARE[token.upper]
        node = exp.Null() if value is None else exp.Boolean(this=value)
        if token.upper == "UNKNOWN":
            node.meta["unknown"] = True
        return self.marked(node, token)

    def _hexadecimal(self) -> str:
        """Hexadecimal digits; they may go on in the next line."""
        last = self.advance()
        digits = [last.text]
        while self.token.kind is TokenKind.STRING and self.token.line > last.line:
            if not re.fullmatch("(?:[0-9a-fA-F]{2})*", self.token.text):
                self.unexpected("an even number of hexadecimal digits")
            last = self.advance()
            digits.append(last.text)
        return "".join(digits)

    def _escaped(self) -> exp.Expression:
        first = self.expect("{")
        kind = _ESCAPED[self.advance().upper]
        node = self._moment(kind, first)
        self.expect("}")
        return self.marked(node, first)

    def _temporal(self, token: Token) -> exp.Expression | None:
        if self.looks_at("TIMESTAMP", "WITH", "LOCAL", "TIME", "ZONE"):
            if self.ahead(5).kind is not TokenKind.STRING:
                return None
            self.index += 5
            return self._moment("TIMESTAMP_LTZ", token)
        if self.ahead().kind is not TokenKind.STRING:
            return None
        self.advance()
        return self._moment(token.upper, token)

    def _moment(self, kind: str, token: Token) -> exp.Expression:
        """Read the text of a moment; its digits give the precision."""
        at = self.token
        text = self.string()
        found = _FRACTION.search(text)
        digits = min(9, len(found[1])) if found else 0
        data_type: t.DataType = t.DateType()
        if kind == "TIME":
            data_type = t.TimeType(digits)
        elif kind == "TIMESTAMP":
            data_type = t.TimestampType(digits)
        elif kind == "TIMESTAMP_LTZ":
            data_type = t.LocalZonedTimestampType(digits)
        value = self.marked(exp.Literal(this=text, is_string=True), at)
        node = exp.Cast(this=value, to=type_node(data_type.not_null()))
        node.meta["literal"] = True
        return self.marked(node, token)

    def _interval(self, token: Token) -> exp.Expression:
        self.advance()
        sign = self.accept_any("+", "-")
        at = self.token
        if at.kind is TokenKind.STRING:
            text = self.string()
            value: exp.Expression = exp.Literal(
                this=f"-{text}" if sign == "-" else text, is_string=True
            )
            self.marked(value, at)
        else:
            value = self._interval_value()
            if sign == "-":
                value = self.marked(exp.Neg(this=value), at)
        unit, end, precision, fraction = self.interval_units()
        span: exp.Expression = exp.Var(this=unit)
        if end:
            span = exp.IntervalSpan(this=span, expression=exp.Var(this=end))
        node = exp.Interval(this=value, unit=span)
        if precision is not None:
            node.meta["precision"] = precision
        if fraction is not None:
            node.meta["fraction"] = fraction
        return self.marked(node, token)

    def _interval_value(self) -> exp.Expression:
        first = self.token
        if first.kind is TokenKind.NUMBER:
            self.advance()
            return self.marked(exp.Literal(this=first.text, is_string=False), first)
        if self.accept("("):
            inner = self.expression()
            self.expect(")")
            return self.marked(exp.Paren(this=inner), first)
        parts = self.path("a string in single quotes, then a unit")
        node: exp.Expression = exp.column(*[part.copy() for part in reversed(parts)][:4])
        return self.marked(node, first)
