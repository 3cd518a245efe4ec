"""What stands in FROM: tables, sub-queries, table functions, UNNEST, LATERAL, joins."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from flott.sql.dialect.calls import table_of
from flott.sql.dialect.expressions import ExpressionParser
from flott.sql.dialect.tokens import Token, TokenKind

_JOIN_WORDS = ("JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL")


class RelationParser(ExpressionParser):
    """Reads relations."""

    def from_clause(self) -> tuple[exp.From, list[exp.Join]]:
        """Read what follows FROM: the first relation, and those joined to it."""
        first = self.token
        start = self.marked(exp.From(this=self.relation()), first)
        joins = self._joins()
        while self.looks_at(","):
            comma = self.advance()
            relation = self.relation()
            inner = self._joins()
            if any(join.side in ("RIGHT", "FULL") for join in inner):
                relation.set("joins", inner)
                inner = []
            joins.append(self.marked(exp.Join(this=relation), comma))
            joins += inner
        return start, joins

    def _joins(self) -> list[exp.Join]:
        found: list[exp.Join] = []
        while self.looks_at_any(*_JOIN_WORDS):
            found.append(self._join())
        return found

    def _join(self) -> exp.Join:
        first = self.token
        parts: dict[str, Any] = {}
        if self.accept("NATURAL"):
            parts["method"] = "NATURAL"
        if self.accept("CROSS"):
            parts["kind"] = "CROSS"
        elif side := self.accept_any("LEFT", "RIGHT", "FULL"):
            parts["side"] = side
            self.accept("OUTER")
        elif self.accept("INNER"):
            parts["kind"] = "INNER"
        self.expect("JOIN")
        parts["this"] = self.relation()
        if parts.get("kind") != "CROSS" and "method" not in parts:
            if self.accept("ON"):
                parts["on"] = self.expression()
            elif self.accept("USING"):
                parts["using"] = self.names_in_parentheses()
        return self.marked(exp.Join(**parts), first)

    def relation(self) -> exp.Expression:
        """Read one relation with its alias."""
        first = self.token
        if self.looks_at("LATERAL"):
            return self._lateral()
        if self.looks_at("UNNEST"):
            return self._unnest()
        if self.looks_at("TABLE") and self.ahead().upper == "(":
            return self._aliased(self._table_function(), first)
        if self.looks_at("("):
            return self._parenthesised()
        if self.looks_at("VALUES") or self.looks_at("TABLE"):
            self.unexpected("a table, a query in parentheses or a table function")
        return self._named()

    def _table_function(self) -> exp.Expression:
        first = self.expect("TABLE", "(")
        call = self._relation_call()
        self.expect(")")
        return self.marked(exp.Table(this=call), first)

    def _relation_call(self) -> exp.Expression:
        first = self.token
        parts: list[exp.Expression] = []
        while self.ahead().upper == ".":
            parts.append(self.identifier("the name of a table function"))
            self.expect(".")
        if self.ahead().upper != "(" or self.token.kind not in (
            TokenKind.WORD,
            TokenKind.QUOTED,
        ):
            self.unexpected("a call of a table function")
        node: exp.Expression = self.arguments(self.advance())
        for part in reversed(parts):
            node = exp.Dot(this=part, expression=node)
        return self.marked(node, first)

    def _lateral(self) -> exp.Expression:
        first = self.expect("LATERAL")
        if self.accept("TABLE", "("):
            inner = self._relation_call()
            self.expect(")")
        elif self.looks_at("("):
            at = self.expect("(")
            inner = exp.Subquery(this=self.query())
            self.expect(")")
            self.marked(inner, at)
        elif self.looks_at("UNNEST"):
            return self._unnest()
        else:
            self.unexpected("TABLE, UNNEST or a query in parentheses")
        return self._aliased(self.marked(exp.Lateral(this=inner), first), first)

    def _unnest(self) -> exp.Expression:
        first = self.expect("UNNEST", "(")
        items = self.separated(self.expression)
        self.expect(")")
        node = exp.Unnest(expressions=items)
        if self.accept("WITH", "ORDINALITY"):
            node.set("offset", True)
        return self._aliased(self.marked(node, first), first)

    def _parenthesised(self) -> exp.Expression:
        first = self.expect("(")
        if self.looks_at_query() or self._is_nested_query():
            inner: exp.Expression = self.query()
            self.expect(")")
        else:
            start, joins = self.from_clause()
            inner = start.this
            if joins:
                inner.set("joins", [*inner.args.get("joins", ()), *joins])
            self.expect(")")
        node = self.marked(exp.Subquery(this=inner), first)
        if self.looks_at("MATCH_RECOGNIZE"):
            node.set("match", self._match_recognize())
        return self._aliased(node, first)

    def _is_nested_query(self) -> bool:
        """Whether parentheses open before a query, as in ``((SELECT ...) UNION ...)``."""
        count = 0
        while self.ahead(count).upper == "(":
            count += 1
        return count > 0 and self.ahead(count).upper in ("SELECT", "WITH", "VALUES")

    def _named(self) -> exp.Expression:
        first = self.token
        if self.ahead().upper == "(" and self.looks_at_name():
            return self._aliased(self.marked(exp.Table(this=self._relation_call()), first), first)
        parts = self.path("a table, a query in parentheses or a table function")
        if self.looks_at("("):
            self.index -= 2 * len(parts) - 1
            return self._aliased(self.marked(exp.Table(this=self._relation_call()), first), first)
        if len(parts) > 3:
            self.error("A table's name has at most three parts: catalog.database.table", first)
        node: exp.Expression = self.marked(table_of(parts), first)
        if self.token.kind is TokenKind.HINT:
            node.set("hints", self.hints())
        self._system_time(node)
        if self.looks_at("EXTEND"):
            self.error("EXTEND is not supported")
        if self.looks_at("MATCH_RECOGNIZE"):
            node.set("match", self._match_recognize())
        return self._aliased(node, first)

    def _system_time(self, node: exp.Expression) -> None:
        first = self.token
        if self.accept("FOR", "SYSTEM_TIME", "AS", "OF"):
            version = exp.Version(this="TIMESTAMP", kind="AS OF", expression=self.operand())
            node.set("version", self.marked(version, first))

    def _sampled(self, node: exp.Expression) -> exp.Expression:
        """Read ``TABLESAMPLE BERNOULLI|SYSTEM (percent) [REPEATABLE (seed)]``.

        As in Flink there are samples of all rows and of none only.
        """
        first = self.expect("TABLESAMPLE")
        if not self.accept_any("BERNOULLI", "SYSTEM"):
            self.unexpected("BERNOULLI or SYSTEM")
        self.expect("(")
        if self.token.kind is not TokenKind.NUMBER:
            self.unexpected("a percentage")
        percent = float(self.advance().text)
        self.expect(")")
        if self.accept("REPEATABLE", "("):
            self.integer()
            self.expect(")")
        if percent not in (0.0, 100.0):
            self.invalid_later(
                "TABLESAMPLE of a part of the rows is not supported: it takes 0 or 100", first
            )
        if percent:
            return node
        nothing = exp.Where(this=exp.Boolean(this=False))
        alias = node.args.get("alias")
        if alias is None and isinstance(node, exp.Table):
            alias = exp.TableAlias(this=node.this.copy())
        select = exp.Select(expressions=[exp.Star()], from_=exp.From(this=node), where=nothing)
        found = exp.Subquery(this=self.marked(select, first))
        if alias is not None:
            found.set("alias", exp.TableAlias(this=alias.this.copy()))
        return self.marked(found, first)

    def _aliased(self, node: exp.Expression, first: Token) -> exp.Expression:
        at = self.token
        if self.looks_at_any("PIVOT", "UNPIVOT") and self.ahead().upper == "(":
            self.error(f"{self.token.upper} is not supported")
        if self.accept("AS") or self.looks_at_name():
            name = self.identifier("a name for the table")
            columns = self.names_in_parentheses() if self.looks_at("(") else []
            node.set("alias", self.marked(exp.TableAlias(this=name, columns=columns), at))
        if self.looks_at("TABLESAMPLE"):
            return self._sampled(node)
        if self.looks_at("MATCH_RECOGNIZE"):
            node.set("match", self._match_recognize())
        return node

    def hints(self) -> list[exp.Expression]:
        """Read ``/*+ NAME(option, ...), ... */``."""
        self.advance()
        found = [self._hint()]
        while self.accept(",") or self.token.kind is TokenKind.WORD:
            found.append(self._hint())
        self.expect("*/")
        return found

    def _hint(self) -> exp.Expression:
        token = self.token
        if token.kind is not TokenKind.WORD:
            self.unexpected("the name of a hint")
        self.advance()
        items: list[exp.Expression] = []
        if self.accept("("):
            if not self.looks_at(")"):
                items = self.separated(self._hint_option)
            self.expect(")")
        if token.upper == "OPTIONS" and not all(_is_text_pair(item) for item in items):
            self.error("OPTIONS takes pairs of strings: OPTIONS('key' = 'value')", token)
        return self.marked(exp.Anonymous(this=token.text, expressions=items), token)

    def _hint_option(self) -> exp.Expression:
        first = self.token
        key: exp.Expression
        if first.kind in (TokenKind.STRING, TokenKind.NUMBER):
            key = self.literal() or exp.Null()
        else:
            parts = self.path("an option")
            if len(parts) == 1:
                key = parts[0]
            else:
                key = exp.Var(this=".".join(str(part.this) for part in parts))
        if self.accept("="):
            at = self.token
            value = self.literal()
            if value is None:
                value = self.marked(exp.Var(this=self.advance().text), at)
            key = exp.EQ(this=key, expression=value)
        return self.marked(key, first)

    def _match_recognize(self) -> exp.Expression:
        """Read ``MATCH_RECOGNIZE ( ... )`` by its parts; the pattern stays text."""
        first = self.expect("MATCH_RECOGNIZE", "(")
        node = exp.MatchRecognize()
        if self.accept("PARTITION", "BY"):
            node.set("partition_by", self.separated(self.expression))
        if self.looks_at("ORDER", "BY"):
            node.set("order", self.ordering())
        if self.accept("MEASURES"):
            node.set("measures", self.separated(self._measure))
        if self.accept_any("ONE", "ALL"):
            self._text_until("AFTER", "PATTERN", "WITHIN", "SUBSET", "DEFINE")
        if self.accept("AFTER"):
            node.set("after", self._text_until("PATTERN"))
        self.expect("PATTERN")
        node.set("pattern", self._text_until("WITHIN", "SUBSET", "DEFINE", ")"))
        if self.accept("WITHIN"):
            node.set("rows", self.expression())
        if self.accept("SUBSET"):
            self._text_until("DEFINE")
        self.expect("DEFINE")
        node.set("define", self.separated(self._definition))
        self.expect(")")
        return self.marked(node, first)

    def _measure(self) -> exp.Expression:
        self.accept_any("RUNNING", "FINAL")
        first = self.token
        value = self.expression()
        self.expect("AS")
        return self.marked(exp.Alias(this=value, alias=self.identifier()), first)

    def _definition(self) -> exp.Expression:
        first = self.token
        name = self.identifier()
        self.expect("AS")
        return self.marked(exp.Alias(this=self.expression(), alias=name), first)

    def _text_until(self, *words: str) -> exp.Var:
        first, depth = self.token, 0
        while depth or not self.looks_at_any(*words):
            token = self.advance()
            if token.kind is TokenKind.END:
                self.unexpected(" or ".join(words))
            depth += {"(": 1, ")": -1}.get(token.upper, 0)
        text = self.text[first.start : self.last.end]
        return self.marked(exp.Var(this=text), first)


def _is_text_pair(option: exp.Expression) -> bool:
    sides = (option.this, option.expression) if isinstance(option, exp.EQ) else (option,)
    return len(sides) == 2 and all(
        isinstance(side, exp.Literal) and side.is_string for side in sides
    )
