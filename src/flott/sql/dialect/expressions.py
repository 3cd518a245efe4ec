"""Expressions by precedence: OR, AND, NOT, IS, comparison, range predicates, sums, products.

``||`` binds as tightly as ``*``; comparisons group from the left: ``1 < 2 = TRUE``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from sqlglot import exp

from flott.sql.dialect.keywords import RESERVED_NAMES
from flott.sql.dialect.tokens import Token, TokenKind
from flott.sql.dialect.types import DAY_TIME_UNITS, YEAR_MONTH_UNITS
from flott.sql.dialect.windows import WindowParser

_COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_SUMS: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub}
_PRODUCTS: dict[str, type[exp.Binary]] = {
    "*": exp.Mul,
    "/": exp.Div,
    "%": exp.Mod,
    "||": exp.DPipe,
}
_LIKES: dict[str, Callable[..., exp.Expression]] = {
    "LIKE": exp.Like,
    "ILIKE": exp.ILike,
    "SIMILAR": exp.SimilarTo,
}
#: Units that may follow the difference of two moments.
_SPAN_UNITS = (*YEAR_MONTH_UNITS, *DAY_TIME_UNITS)
_RANGES = ("BETWEEN", "IN", "LIKE", "ILIKE", "RLIKE", "SIMILAR", "OVERLAPS")
_PERIODS = ("CONTAINS", "EQUALS", "PRECEDES", "SUCCEEDS", "MEMBER", "SUBMULTISET")


class ExpressionParser(WindowParser):
    """Reads expressions."""

    def expression(self) -> exp.Expression:
        """Read an expression."""
        return self._disjunction()

    def operand(self) -> exp.Expression:
        """Read what may stand on a side of a comparison."""
        return self._sum()

    def _binary(
        self,
        operators: dict[str, type[exp.Binary]],
        operand: Callable[[], exp.Expression],
    ) -> exp.Expression:
        first = self.token
        left = operand()
        while (kind := operators.get(self.token.upper)) is not None:
            self.advance()
            left = self._node(kind, left, operand(), first)
        return left

    def _node(
        self, kind: type[exp.Binary], left: exp.Expression, right: exp.Expression, first: Token
    ) -> exp.Expression:
        return self.marked(cast(exp.Expression, kind(this=left, expression=right)), first)

    def _disjunction(self) -> exp.Expression:
        return self._binary({"OR": exp.Or}, self._conjunction)

    def _conjunction(self) -> exp.Expression:
        return self._binary({"AND": exp.And}, self._negation)

    def _negation(self) -> exp.Expression:
        first = self.token
        if self.accept("NOT"):
            return self.marked(exp.Not(this=self._negation()), first)
        return self._is()

    def _is(self) -> exp.Expression:
        first = self.token
        this = self._comparison()
        while self.accept("IS"):
            is_negated = self.accept("NOT")
            if self.accept("DISTINCT", "FROM"):
                other = self._comparison()
                kind = exp.NullSafeEQ if is_negated else exp.NullSafeNEQ
                this = self.marked(kind(this=this, expression=other), first)
                continue
            node = self.marked(self._is_what(this), first)
            this = self.marked(exp.Not(this=node), first) if is_negated else node
        return this

    def _is_what(self, this: exp.Expression) -> exp.Expression:
        token = self.token
        word = self.accept_any("NULL", "TRUE", "FALSE", "UNKNOWN", "JSON")
        if word is None:
            self.unexpected("NULL, TRUE, FALSE, UNKNOWN, JSON or DISTINCT FROM")
        if word == "JSON":
            kind = self.accept_any("VALUE", "ARRAY", "OBJECT", "SCALAR")
            node = exp.Anonymous(this="IS JSON", expressions=[this])
            node.meta["settings"] = (("kind", kind or "VALUE"),)
            return node
        if word in ("TRUE", "FALSE"):
            value: exp.Expression = exp.Boolean(this=word == "TRUE")
        else:
            value = exp.Null()
        found = exp.Is(this=this, expression=self.marked(value, token))
        if word == "UNKNOWN":
            found.meta["unknown"] = True
        return found

    def _comparison(self) -> exp.Expression:
        first = self.token
        left = self._range()
        if self.looks_at("!="):
            self.error("'!=' is not an operator", hint="Write <>.")
        while (kind := _COMPARISONS.get(self.token.upper)) is not None:
            self.advance()
            right = self._quantified() or self._range()
            left = self._node(kind, left, right, first)
        return left

    def _quantified(self) -> exp.Expression | None:
        first = self.token
        if not (self.looks_at_any("ANY", "SOME", "ALL") and self.ahead().upper == "("):
            return None
        word = self.advance().upper
        self.expect("(")
        inner = self._query_or_list(first)
        kind = exp.All if word == "ALL" else exp.Any
        return self.marked(kind(this=inner), first)

    def _query_or_list(self, first: Token) -> exp.Expression:
        """Read ``query )`` or ``a, b )``."""
        if self.looks_at_query():
            inner: exp.Expression = exp.Subquery(this=self.query())
        else:
            inner = exp.Tuple(expressions=self.separated(self.expression))
        self.expect(")")
        return self.marked(inner, first)

    def _range(self) -> exp.Expression:
        first = self.token
        this = self._sum()
        while True:
            is_negated = self.looks_at("NOT") and self.ahead().upper in _RANGES
            if is_negated:
                self.advance()
            word = self.token.upper
            if word in _PERIODS:
                self.error(f"The predicate {word} is not supported")
            if word not in _RANGES:
                return this
            self.advance()
            node = self.marked(self._range_of(word, this), first)
            this = self.marked(exp.Not(this=node), first) if is_negated else node

    def _range_of(self, word: str, this: exp.Expression) -> exp.Expression:
        if word == "BETWEEN":
            kind = self.accept_any("SYMMETRIC", "ASYMMETRIC")
            low = self._sum()
            self.expect("AND")
            return exp.Between(this=this, low=low, high=self._sum(), symmetric=kind == "SYMMETRIC")
        if word == "IN":
            first = self.expect("(")
            inner = self._query_or_list(first)
            if isinstance(inner, exp.Subquery):
                return exp.In(this=this, query=inner)
            return exp.In(this=this, expressions=[part.pop() for part in list(inner.expressions)])
        if word == "OVERLAPS":
            return exp.Anonymous(this="OVERLAPS", expressions=[this, self._sum()])
        if word == "SIMILAR":
            self.expect("TO")
        if word == "RLIKE":
            return exp.Anonymous(this="RLIKE", expressions=[this, self._sum()])
        node: exp.Expression = _LIKES[word](this=this, expression=self._sum())
        if self.accept("ESCAPE"):
            node = exp.Escape(this=node, expression=self._sum())
        return node

    def _sum(self) -> exp.Expression:
        return self._binary(_SUMS, self._product)

    def _product(self) -> exp.Expression:
        return self._binary(_PRODUCTS, self._signed)

    def _signed(self) -> exp.Expression:
        first = self.token
        if self.accept("-"):
            return self.marked(exp.Neg(this=self._signed()), first)
        if self.accept("+"):
            operand = self._signed()
            if isinstance(operand, exp.Literal) and operand.is_string:
                self.invalid("Cannot apply '+' to a string", first)
            return operand
        if self.looks_at("NOT"):  # p = NOT q
            return self._negation()
        return self._access()

    def _access(self) -> exp.Expression:
        first = self.token
        this = self._primary()
        while True:
            if self.accept("["):
                index = self.expression()
                self.expect("]")
                this = self.marked(exp.Bracket(this=this, expressions=[index]), first)
            elif self.looks_at(".") and not isinstance(this, exp.Column):
                self.advance()
                this = self.marked(exp.Dot(this=this, expression=self._member()), first)
            else:
                return this

    def _member(self) -> exp.Expression:
        token = self.token
        if self.accept("*"):
            return self.marked(exp.Star(), token)
        return self.identifier("a name of a field")

    def _primary(self) -> exp.Expression:
        first = self.token
        if self.looks_at("("):
            return self._parentheses()
        found = self.literal()
        if found is not None:
            return found
        if self.looks_at("CASE"):
            return self._case()
        if first.upper == "CURSOR" or first.upper == "?":
            self.unexpected("an expression")
        call = self.call()
        if isinstance(call, exp.Anonymous | exp.WithinGroup):
            return self.after_call(call, first)
        if call is not None:
            return call  # CAST, EXISTS: no function that has a window
        if first.upper in RESERVED_NAMES:
            self.advance()
            name = self.marked(exp.Identifier(this=first.text), first)
            return self.marked(exp.Column(this=name), first)
        if not self.looks_at_name():
            self.unexpected("an expression")
        return self._column()

    def _parentheses(self) -> exp.Expression:
        first = self.expect("(")
        if self.looks_at_query():
            query = self.query()
            self.expect(")")
            return self.marked(exp.Subquery(this=query), first)
        items = self.separated(self.expression)
        self.expect(")")
        if isinstance(items[0], exp.Sub) and self.looks_at_any(*_SPAN_UNITS):
            return self._span(items[0], first)
        if len(items) == 1:
            return self.marked(exp.Paren(this=items[0]), first)
        return self.marked(exp.Tuple(expressions=items), first)

    def _span(self, difference: exp.Sub, first: Token) -> exp.Expression:
        """Read the unit of ``(later - earlier) DAY TO SECOND``."""
        unit, _, _, _ = self.interval_units()
        moments = [difference.this, difference.expression]
        node = self.marked(exp.Anonymous(this="MINUS_DATE", expressions=moments), first)
        node.meta["settings"] = (("unit", unit),)
        return node

    def _case(self) -> exp.Expression:
        first = self.expect("CASE")
        value = None if self.looks_at("WHEN") else self.expression()
        branches: list[exp.If] = []
        while self.looks_at("WHEN"):
            at = self.advance()
            conditions = self.separated(self.expression)
            if value is None and len(conditions) > 1:
                self.error("A list of values needs CASE value WHEN ...", at)
            self.expect("THEN")
            result = self.expression()
            for position, condition in enumerate(conditions):
                true = result if position == 0 else result.copy()
                branches.append(self.marked(exp.If(this=condition, true=true), at))
        if not branches:
            self.unexpected("WHEN")
        default = self.expression() if self.accept("ELSE") else None
        self.expect("END")
        return self.marked(exp.Case(this=value, ifs=branches, default=default), first)

    def _column(self) -> exp.Expression:
        first = self.token
        parts: list[exp.Expression] = [self.identifier()]
        while self.looks_at("."):
            if self.ahead().upper == "*":
                self.advance()
                parts.append(self._member())
                break
            if self.ahead(2).upper == "(" and self.ahead().kind is not TokenKind.SIGN:
                self.advance()
                return self._qualified_call(parts, first)
            self.advance()
            parts.append(self.identifier("a name of a field"))
        names = dict(zip(("this", "table", "db", "catalog"), reversed(parts[:4]), strict=False))
        node: exp.Expression = self.marked(exp.Column(**names), first)
        for part in parts[4:]:
            node = self.marked(exp.Dot(this=node, expression=part), first)
        return node

    def _qualified_call(self, parts: list[exp.Expression], first: Token) -> exp.Expression:
        name = self.advance()
        call = self.arguments(name)
        node = parts[0]
        for part in (*parts[1:], call):
            node = exp.Dot(this=node, expression=part)
        return self.after_call(self.marked(node, first), first)
