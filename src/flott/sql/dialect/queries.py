"""Queries: SELECT, VALUES, set operations, WITH, ORDER BY and LIMIT."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from flott.sql.dialect.relations import RelationParser
from flott.sql.dialect.tokens import Token, TokenKind

_SETS: dict[str, type[exp.SetOperation]] = {
    "UNION": exp.Union,
    "EXCEPT": exp.Except,
    "INTERSECT": exp.Intersect,
}


class QueryParser(RelationParser):
    """Reads queries."""

    def looks_at_query(self) -> bool:
        """Whether a query begins here, not counting parentheses."""
        if self.looks_at("TABLE"):
            return self.ahead().kind in (TokenKind.WORD, TokenKind.QUOTED)
        return self.looks_at_any("SELECT", "WITH", "VALUES")

    def query(self) -> exp.Expression:
        """Read a query with WITH before and ORDER BY, LIMIT behind it."""
        first = self.token
        with_ = self._with() if self.looks_at("WITH") else None
        node = self._set_operation()
        if with_ is not None:
            if node.args.get("with_"):
                node = self.marked(exp.Subquery(this=node), first)
            node.set("with_", with_)
        self._tail(node)
        return self.marked(node, first)

    def _with(self) -> exp.With:
        first = self.expect("WITH")
        if self.looks_at("RECURSIVE"):
            self.error("WITH RECURSIVE is not supported")
        return self.marked(exp.With(expressions=self.separated(self._common_table)), first)

    def _common_table(self) -> exp.CTE:
        first = self.token
        name = self.identifier("a name for the query")
        columns = self.names_in_parentheses() if self.looks_at("(") else []
        alias = self.marked(exp.TableAlias(this=name, columns=columns), first)
        self.expect("AS", "(")
        query = self.query()
        self.expect(")")
        return self.marked(exp.CTE(this=query, alias=alias), first)

    def _set_operation(self) -> exp.Expression:
        first = self.token
        left = self._intersection()
        while self.looks_at_any("UNION", "EXCEPT"):
            left = self._set_of(left, self.advance(), self._intersection, first)
        return left

    def _intersection(self) -> exp.Expression:
        first = self.token
        left = self._query_term()
        while self.looks_at("INTERSECT"):
            left = self._set_of(left, self.advance(), self._query_term, first)
        return left

    def _set_of(self, left: exp.Expression, word: Token, operand: Any, first: Token) -> Any:
        is_all = self.accept_any("ALL", "DISTINCT") == "ALL"
        right = operand()
        node = _SETS[word.upper](this=left, expression=right, distinct=not is_all)
        return self.marked(node, first)

    def _query_term(self) -> exp.Expression:
        first = self.token
        if self.accept("("):
            query = self.query()
            self.expect(")")
            return self.marked(exp.Subquery(this=query), first)
        if self.looks_at("SELECT"):
            return self._select()
        if self.looks_at("VALUES"):
            return self._values()
        if self.accept("TABLE"):
            at = self.token
            table = exp.Table(**_named(self.path("a table")))
            star = self.marked(exp.Star(), at)
            select = exp.Select(expressions=[star], from_=exp.From(this=self.marked(table, at)))
            return self.marked(select, first)
        self.unexpected("a query")

    def _values(self) -> exp.Expression:
        first = self.expect("VALUES")
        return self.marked(exp.Values(expressions=self.separated(self._row)), first)

    def _row(self) -> exp.Expression:
        first = self.token
        value = self.expression()
        items = [value]
        is_row = isinstance(value, exp.Anonymous) and str(value.this).upper() == "ROW"
        if isinstance(value, exp.Tuple) or is_row:
            items = [part.pop() for part in list(value.expressions)]
        elif isinstance(value, exp.Paren):
            items = [value.this.pop()]
        return self.marked(exp.Tuple(expressions=items), first)

    def _select(self) -> exp.Expression:
        first = self.expect("SELECT")
        node = exp.Select()
        if self.token.kind is TokenKind.HINT:
            at = self.token
            node.set("hint", self.marked(exp.Hint(expressions=self.hints()), at))
        self.accept("STREAM")
        if self.accept_any("DISTINCT", "ALL") == "DISTINCT":
            node.set("distinct", self.marked(exp.Distinct(), self.last))
        node.set("expressions", self.separated(self._item))
        if self.accept("FROM"):
            start, joins = self.from_clause()
            node.set("from_", start)
            if joins:
                node.set("joins", joins)
            self._clauses(node)
        elif self.looks_at("WHERE"):
            self.unexpected("FROM before WHERE")
        return self.marked(node, first)

    def _item(self) -> exp.Expression:
        first = self.token
        if self.accept("*"):
            star = self.marked(exp.Star(), first)
            if self.looks_at_any("EXCEPT", "EXCLUDE", "REPLACE") and self.ahead().upper == "(":
                self.error(f"SELECT * {self.token.upper} (...) is not supported: name the columns")
            return star
        value = self.expression()
        if self.accept("AS") or self.looks_at_name():
            alias = self.identifier("a name for the column")
            return self.marked(exp.Alias(this=value, alias=alias), first)
        return value

    def _clauses(self, node: exp.Select) -> None:
        first = self.token
        if self.accept("WHERE"):
            node.set("where", self.marked(exp.Where(this=self.expression()), first))
        if self.looks_at("GROUP"):
            node.set("group", self._group())
        first = self.token
        if self.accept("HAVING"):
            node.set("having", self.marked(exp.Having(this=self.expression()), first))
        if self.accept("WINDOW"):
            node.set("windows", self.separated(self._named_window))
        first = self.token
        if self.accept("QUALIFY"):
            node.set("qualify", self.marked(exp.Qualify(this=self.expression()), first))

    def _named_window(self) -> exp.Expression:
        first = self.token
        name = self.identifier("a name for the window")
        self.expect("AS")
        return self.marked(exp.Window(this=name, **self.window_parts()), first)

    def _group(self) -> exp.Group:
        first = self.expect("GROUP", "BY")
        is_distinct = self.accept_any("ALL", "DISTINCT") == "DISTINCT"
        lists: dict[str, Any] = {"distinct": True} if is_distinct else {}
        for kind, item in self.separated(self._group_item):
            lists.setdefault(kind, []).append(item)
        return self.marked(exp.Group(**lists), first)

    def _group_item(self) -> tuple[str, exp.Expression]:
        first = self.token
        if self.accept("GROUPING", "SETS", "("):
            items = [item for _, item in self.separated(self._group_item)]
            self.expect(")")
            return "grouping_sets", self.marked(exp.GroupingSets(expressions=items), first)
        for word, kind in (("ROLLUP", exp.Rollup), ("CUBE", exp.Cube)):
            if self.accept(word, "("):
                items = self.separated(self.expression)
                self.expect(")")
                return word.lower(), self.marked(kind(expressions=items), first)
        if self.accept("(", ")"):
            return "expressions", self.marked(exp.Tuple(expressions=[]), first)
        return "expressions", self.expression()

    def _tail(self, node: exp.Expression) -> None:
        if self.looks_at("ORDER"):
            node.set("order", self.ordering())
        for _ in range(2):
            first = self.token
            if self.accept("LIMIT"):
                if not self.accept("ALL"):
                    limit = exp.Limit(expression=self._count())
                    node.set("limit", self.marked(limit, first))
            elif self.accept("OFFSET"):
                offset = exp.Offset(expression=self._count())
                self.accept_any("ROW", "ROWS")
                node.set("offset", self.marked(offset, first))
        first = self.token
        if self.accept("FETCH"):
            if not self.accept_any("FIRST", "NEXT"):
                self.unexpected("FIRST or NEXT")
            direction = self.last.upper
            count = self._count()
            if not self.accept_any("ROW", "ROWS"):
                self.unexpected("ROW or ROWS")
            self.expect("ONLY")
            fetch = exp.Fetch(direction=direction, count=count)
            node.set("limit", self.marked(fetch, first))

    def _count(self) -> exp.Expression:
        first = self.token
        if first.kind is not TokenKind.NUMBER or "e" in first.text.lower():
            self.unexpected("a whole number")
        self.advance()
        # A fraction is cut off, as Flink does.
        number = int(first.text.partition(".")[0] or "0")
        return self.marked(exp.Literal(this=str(number), is_string=False), first)


def _named(parts: list[exp.Identifier]) -> dict[str, exp.Identifier]:
    return dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
