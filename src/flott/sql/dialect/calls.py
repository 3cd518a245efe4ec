"""Function calls: plain ones, those with keywords between their arguments, and what follows them.

Every call is an ``Anonymous`` node with the name as written. Keywords stand in
``meta["settings"]`` as (name, value) pairs, the operands in the order of a plain call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from flott.sql.dialect.keywords import BARE_FUNCTIONS, FUNCTION_WORDS, words
from flott.sql.dialect.literals import LiteralParser
from flott.sql.dialect.nodes import TableArgument
from flott.sql.dialect.tokens import Token, TokenKind
from flott.sql.dialect.types import data_type_of

#: Units of time that EXTRACT, CEIL, FLOOR, TIMESTAMPADD and TIMESTAMPDIFF name.
TIME_UNITS = words(
    """
    NANOSECOND MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DECADE CENTURY
    MILLENNIUM EPOCH DOW DOY ISODOW ISOYEAR FRAC_SECOND
    """
)
Settings = tuple[tuple[str, Any], ...]


#: Aggregates that take ORDER BY behind their operands.
_ORDERED = ("ARRAY_AGG", "JSON_ARRAYAGG")


class CallParser(LiteralParser):
    """Reads calls."""

    def query(self) -> exp.Expression:
        """Read a query (see ``queries``)."""
        raise NotImplementedError

    def looks_at_query(self) -> bool:
        """Whether a query is next (see ``queries``)."""
        raise NotImplementedError

    def ordering(self) -> exp.Order:
        """Read ``ORDER BY ...`` (see ``windows``)."""
        raise NotImplementedError

    def call(self) -> exp.Expression | None:
        """Read a call if one is next, without what may follow it."""
        token = self.token
        if token.kind is TokenKind.QUOTED and self.ahead().upper == "(":
            self.advance()
            return self.arguments(token)
        if token.kind is not TokenKind.WORD:
            return None
        special = _SPECIAL.get(token.upper)
        if self.ahead().upper == "(":
            if special is not None:
                self.index += 2
                return self.marked(special(self, token), token)
            if token.upper in FUNCTION_WORDS or self.looks_at_name():
                self.advance()
                return self.arguments(token)
        if token.upper in BARE_FUNCTIONS and self.ahead().upper != ".":
            self.advance()
            node = exp.Anonymous(this=token.text, expressions=[])
            node.meta["bare"] = True
            return self.marked(node, token)
        if token.upper in ("ARRAY", "MAP", "MULTISET") and self.ahead().upper == "[":
            self.index += 2
            items = [] if self.looks_at("]") else self.separated(self.expression)
            self.expect("]")
            return self.marked(exp.Anonymous(this=token.text, expressions=items), token)
        return None

    def arguments(self, token: Token) -> exp.Expression:
        """Read ``( ... )`` behind the name of a function."""
        self.expect("(")
        node = exp.Anonymous(this=token.text, expressions=[])
        order: exp.Order | None = None
        if self.looks_at("*") and self.ahead().upper == ")":
            star = self.advance()
            node.append("expressions", self.marked(exp.Star(), star))
        elif not self.looks_at(")"):
            is_distinct = self.accept_any("DISTINCT", "ALL") == "DISTINCT"
            items = self.separated(self.argument)
            if is_distinct:
                items = [exp.Distinct(expressions=items)]
            node.set("expressions", items)
            self._null_treatment(node)
            if self.looks_at("ORDER", "BY"):
                if token.upper not in _ORDERED:
                    self.error(f"ORDER BY unexpected: {token.upper} has no order")
                order = self.ordering()
            self._json_tail(node)
        self.expect(")")
        self.marked(node, token)
        if order is None:
            return node
        return self.marked(exp.WithinGroup(this=node, expression=order), token)

    def _json_tail(self, node: exp.Anonymous) -> None:
        if str(node.this).upper().startswith("JSON_"):
            self._settings(node, self._null_clause())

    def argument(self) -> exp.Expression:
        """Read an argument: an expression, a query, ``name => value``, ``TABLE t``, DEFAULT."""
        token = self.token
        if self.ahead().upper == "=>" and token.kind in (TokenKind.WORD, TokenKind.QUOTED):
            self.index += 2
            name = exp.Var(this=token.text)
            return self.marked(exp.Kwarg(this=name, expression=self.argument()), token)
        if self.accept("DEFAULT"):
            return self.marked(exp.Var(this="DEFAULT"), token)
        if self.looks_at("TABLE"):
            return self._table_argument()
        if self.looks_at("MODEL"):
            self._refuse_model()
        if self.looks_at_query():
            return self.marked(exp.Subquery(this=self.query()), token)
        if self.looks_at("("):
            found = self._query_table_argument()
            if found is not None:
                return found
        return self.expression()

    def _refuse_model(self) -> None:
        """Say of ``MODEL m`` that there are none; MODEL may be a column, too."""
        first, start = self.token, self.index
        self.advance()
        if self.looks_at_name():
            self.path("a model")
            if self.looks_at_any(",", ")"):
                self.invalid("Models are not supported", first)
        self.index = start

    def _table_argument(self) -> exp.Expression:
        first = self.expect("TABLE")
        table: exp.Expression
        if self.looks_at("("):
            self.error("TABLE takes a name", hint="Write (SELECT ...) without TABLE.")
        if self.ahead().upper == "(":
            # TABLE(f(...)) as an argument of another table function
            table = self.marked(exp.Table(this=self.call()), first)
        else:
            start = self.token
            table = self.marked(table_of(self.path("a table")), start)
        return self._partitioned(table, first)

    def _query_table_argument(self) -> exp.Expression | None:
        first, start = self.token, self.index
        self.advance()
        if not self.looks_at_query():
            self.index = start
            return None
        query = self.query()
        if not self.accept(")"):
            self.index = start
            return None
        if not self.looks_at_any("PARTITION", "ORDER"):
            self.index = start
            return None
        return self._partitioned(self.marked(exp.Subquery(this=query), first), first)

    def _partitioned(self, table: exp.Expression, first: Token) -> exp.Expression:
        partition: list[exp.Expression] = []
        order: list[exp.Expression] = []
        if self.accept("PARTITION", "BY"):
            if self.accept("("):
                partition = self.separated(self.expression)
                self.expect(")")
            else:
                # Without parentheses one expression only: a comma begins the next argument.
                partition = [self.expression()]
        if self.looks_at("ORDER", "BY"):
            if self.ahead(2).upper == "(":
                self.index += 3
                order = self.separated(self.ordered)
                self.expect(")")
            else:
                self.index += 2
                order = [self.ordered()]
        node = TableArgument(this=table, partition_by=partition, order_by=order)
        return self.marked(node, first)

    def ordered(self) -> exp.Ordered:
        """Read an expression with ``ASC|DESC NULLS FIRST|LAST``."""
        first = self.token
        this = self.expression()
        direction = self.accept_any("ASC", "DESC")
        nulls: bool | None = None
        if self.accept("NULLS"):
            where = self.accept_any("FIRST", "LAST")
            if where is None:
                self.unexpected("FIRST or LAST")
            nulls = where == "FIRST"
        node = exp.Ordered(this=this, desc=direction == "DESC", nulls_first=nulls)
        return self.marked(node, first)

    def _null_treatment(self, node: exp.Anonymous) -> None:
        word = self.token.upper
        if word in ("RESPECT", "IGNORE") and self.ahead().upper == "NULLS":
            self.index += 2
            self._settings(node, (("nulls", word),))

    def _settings(self, node: exp.Expression, settings: Settings) -> None:
        if settings:
            node.meta["settings"] = (*node.meta.get("settings", ()), *settings)

    def _anonymous(
        self, token: Token, items: list[exp.Expression], settings: Settings = ()
    ) -> exp.Anonymous:
        node = exp.Anonymous(this=token.text, expressions=items)
        self._settings(node, settings)
        return node

    def _unit(self) -> str:
        word = self.token.upper.removeprefix("SQL_TSI_")
        unit = word if word in TIME_UNITS else word.removesuffix("S")
        if unit not in TIME_UNITS:
            self.unexpected("a unit of time, such as DAY or MINUTE")
        self.advance()
        return unit

    def _cast(self, token: Token) -> exp.Expression:
        value = self.expression()
        self.expect("AS")
        target = self.data_type(is_cast=True)
        self.expect(")")
        kind = exp.TryCast if token.upper == "TRY_CAST" else exp.Cast
        return kind(this=value, to=target)

    def _extract(self, token: Token) -> exp.Expression:
        unit = self._unit()
        self.expect("FROM")
        value = self.expression()
        self.expect(")")
        return self._anonymous(token, [value], (("unit", unit),))

    def _rounding(self, token: Token) -> exp.Expression:
        items = [self.expression()]
        settings: Settings = ()
        if self.accept("TO"):
            settings = (("unit", self._unit()),)
        elif self.accept(","):
            items.append(self.expression())
        self.expect(")")
        return self._anonymous(token, items, settings)

    def _timestamp_arithmetic(self, token: Token) -> exp.Expression:
        unit = self._unit()
        self.expect(",")
        items = [self.expression()]
        self.expect(",")
        items.append(self.expression())
        self.expect(")")
        return self._anonymous(token, items, (("unit", unit),))

    def _position(self, token: Token) -> exp.Expression:
        items = [self.operand()]
        self.expect("IN")
        items.append(self.expression())
        if not self.accept("FROM"):
            self.expect(")")
            return self._anonymous(token, items)
        items.append(self.expression())
        self.expect(")")
        return exp.Anonymous(this="LOCATE", expressions=items)

    def operand(self) -> exp.Expression:
        """Read an operand of a comparison (see ``expressions``)."""
        raise NotImplementedError

    def _overlay(self, token: Token) -> exp.Expression:
        items = [self.expression()]
        for word in ("PLACING", "FROM", "FOR"):
            if word == "FOR" and self.looks_at(")"):
                break
            self.expect(word)
            items.append(self.expression())
        self.expect(")")
        return self._anonymous(token, items)

    def _substring(self, token: Token) -> exp.Expression:
        items = [self.expression()]
        if self.looks_at("FOR"):
            self.unexpected("FROM and the position to begin at")
        for word in ("FROM", "FOR"):
            if self.accept(word) or self.accept(","):
                items.append(self.expression())
        self.expect(")")
        if len(items) == 1:
            self.error("SUBSTRING needs the position to begin at", token)
        return self._anonymous(token, items)

    def _trim(self, token: Token) -> exp.Expression:
        side = self.accept_any("BOTH", "LEADING", "TRAILING")
        settings = (("mode", side or "BOTH"),)
        if side and self.accept("FROM"):
            items = [self.expression()]
        else:
            items = [self.expression()]
            if self.accept("FROM"):
                items.insert(0, self.expression())
            elif side:
                self.unexpected("FROM")
        self.expect(")")
        return self._anonymous(token, items, settings)

    def _row_value(self, token: Token) -> exp.Expression:
        items = self.separated(self.expression)
        self.expect(")")
        return self._anonymous(token, items)

    def _collected(self, token: Token) -> exp.Expression:
        """Read the query of ``ARRAY(SELECT ...)``; values stand in brackets."""
        first = self.token
        if not self.looks_at_query():
            if not self.looks_at(")"):
                self.separated(self.expression)
            self.expect(")")
            self.invalid_later(f"{token.upper} takes its values in brackets, or a query", token)
            return self._anonymous(token, [])
        query = self.marked(exp.Subquery(this=self.query()), first)
        query.meta["collected"] = True  # all its rows, not the one of a value
        self.expect(")")
        return self._anonymous(token, [query])

    def _exists(self, token: Token) -> exp.Expression:
        query = self.query()
        self.expect(")")
        return exp.Exists(this=query)

    def _no_unique(self, token: Token) -> exp.Expression:
        self.error("The predicate UNIQUE is not supported", token)

    def _json_value(self, token: Token) -> exp.Expression:
        items = self._json_input()
        settings: list[tuple[str, Any]] = []
        if self.accept("RETURNING"):
            settings.append(("returning", data_type_of(self.data_type())))
        while self.looks_at_any("NULL", "ERROR", "DEFAULT"):
            word = self.advance().upper
            default = self.expression() if word == "DEFAULT" else None
            self.expect("ON")
            event = self.accept_any("EMPTY", "ERROR")
            if event is None:
                self.unexpected("EMPTY or ERROR")
            settings.append((f"on_{event.lower()}", word))
            if default is not None:
                settings.append((f"default_on_{event.lower()}", default))
        self.expect(")")
        return self._anonymous(token, items, tuple(settings))

    def _json_query(self, token: Token) -> exp.Expression:
        items = self._json_input()
        settings: list[tuple[str, Any]] = []
        if self.accept("RETURNING"):
            settings.append(("returning", data_type_of(self.data_type())))
        wrapper = self._json_wrapper()
        if wrapper:
            settings.append(("wrapper", wrapper))
        while self.looks_at_any("NULL", "ERROR", "EMPTY"):
            value = self.advance().upper
            if value == "EMPTY":
                kind = self.accept_any("ARRAY", "OBJECT")
                if kind is None:
                    self.unexpected("ARRAY or OBJECT")
                value = f"EMPTY {kind}"
            self.expect("ON")
            event = self.accept_any("EMPTY", "ERROR")
            if event is None:
                self.unexpected("EMPTY or ERROR")
            settings.append((f"on_{event.lower()}", value))
        self.expect(")")
        return self._anonymous(token, items, tuple(settings))

    def _json_wrapper(self) -> str | None:
        for phrase in (
            ("WITHOUT", "ARRAY", "WRAPPER"),
            ("WITHOUT", "WRAPPER"),
            ("WITH", "CONDITIONAL", "ARRAY", "WRAPPER"),
            ("WITH", "CONDITIONAL", "WRAPPER"),
            ("WITH", "UNCONDITIONAL", "ARRAY", "WRAPPER"),
            ("WITH", "UNCONDITIONAL", "WRAPPER"),
            ("WITH", "ARRAY", "WRAPPER"),
            ("WITH", "WRAPPER"),
        ):
            if self.accept(*phrase):
                if phrase[0] == "WITHOUT":
                    return "WITHOUT"
                return "CONDITIONAL" if "CONDITIONAL" in phrase else "UNCONDITIONAL"
        return None

    def _json_exists(self, token: Token) -> exp.Expression:
        items = self._json_input()
        settings: Settings = ()
        word = self.accept_any("TRUE", "FALSE", "UNKNOWN", "ERROR")
        if word:
            self.expect("ON", "ERROR")
            settings = (("on_error", word),)
        self.expect(")")
        return self._anonymous(token, items, settings)

    def _json_input(self) -> list[exp.Expression]:
        items = [self.expression()]
        self.accept("FORMAT", "JSON")
        self.expect(",")
        items.append(self.expression())
        return items

    def _json_object(self, token: Token) -> exp.Expression:
        items: list[exp.Expression] = []
        if not self.looks_at_any(")", "NULL", "ABSENT"):
            for pair in self.separated(self._json_pair):
                items += pair
        settings = self._null_clause()
        self.expect(")")
        return self._anonymous(token, items, settings)

    def _json_pair(self) -> list[exp.Expression]:
        has_key = self.looks_at("KEY") and self.ahead().upper not in (":", ",", "VALUE", ".", ")")
        if has_key:
            self.advance()
        key = self.expression()
        if has_key or not self.accept(":"):
            self.expect("VALUE")
        value = self.expression()
        self._no_format()
        return [key, value]

    def _json_array(self, token: Token) -> exp.Expression:
        items: list[exp.Expression] = []
        if not (self.looks_at(")") or self._at_null_clause()):
            items = self.separated(self._json_item)
        settings = self._null_clause()
        self.expect(")")
        return self._anonymous(token, items, settings)

    def _json_item(self) -> exp.Expression:
        item = self.expression()
        self._no_format()
        return item

    def _no_format(self) -> None:
        if self.looks_at("FORMAT", "JSON"):
            self.error("FORMAT JSON is not supported", self.token)

    def _json_array_aggregate(self, token: Token) -> exp.Expression:
        items = [self._json_item()]
        order = self.ordering() if self.looks_at("ORDER", "BY") else None
        settings = self._null_clause()
        self.expect(")")
        node = self._anonymous(token, items, settings)
        if order is None:
            return node
        return exp.WithinGroup(this=self.marked(node, token), expression=order)

    def _at_null_clause(self) -> bool:
        return self.looks_at_any("NULL", "ABSENT") and self.ahead().upper == "ON"

    def _null_clause(self) -> Settings:
        if not self._at_null_clause():
            return ()
        word = self.advance().upper
        self.expect("ON", "NULL")
        return (("on_null", word),)


_SPECIAL: dict[str, Callable[[CallParser, Token], exp.Expression]] = {
    "CAST": CallParser._cast,
    "TRY_CAST": CallParser._cast,
    "EXTRACT": CallParser._extract,
    "CEIL": CallParser._rounding,
    "CEILING": CallParser._rounding,
    "FLOOR": CallParser._rounding,
    "TIMESTAMPADD": CallParser._timestamp_arithmetic,
    "TIMESTAMPDIFF": CallParser._timestamp_arithmetic,
    "POSITION": CallParser._position,
    "OVERLAY": CallParser._overlay,
    "SUBSTRING": CallParser._substring,
    "TRIM": CallParser._trim,
    "ARRAY": CallParser._collected,
    "MAP": CallParser._collected,
    "ROW": CallParser._row_value,
    "MULTISET": CallParser._collected,
    "EXISTS": CallParser._exists,
    "UNIQUE": CallParser._no_unique,
    "JSON_VALUE": CallParser._json_value,
    "JSON_QUERY": CallParser._json_query,
    "JSON_EXISTS": CallParser._json_exists,
    "JSON_OBJECT": CallParser._json_object,
    "JSON_OBJECTAGG": CallParser._json_object,
    "JSON_ARRAY": CallParser._json_array,
    "JSON_ARRAYAGG": CallParser._json_array_aggregate,
}


def table_of(parts: list[exp.Identifier]) -> exp.Table:
    """The table that a name of up to three parts means; more parts are left to the binder."""
    names = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    return exp.Table(**names)
