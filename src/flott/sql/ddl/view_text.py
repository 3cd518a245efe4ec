"""The query of a view with every name in full, as SHOW CREATE VIEW prints it.

A view means the tables that its query named when it was created, whatever is current later. So what
it means is shown: tables by their paths, columns by their tables, ``*`` as the columns it stood
for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlglot import exp

from flott.common.errors import FlottError
from flott.sql.binder import bind_query
from flott.sql.binder.select_list import output_name
from flott.sql.catalog.manager import CatalogManager
from flott.sql.catalog.objects import TableObject, ViewObject
from flott.sql.dialect import parse_statements
from flott.sql.dialect.rendering import quote_name, render
from flott.sql.dialect.statements import Query
from flott.sql.logical.nodes import LogicalNode
from flott.sql.session import Session

_SET_WORDS: Final[dict[type[exp.Expression], str]] = {
    exp.Union: "UNION",
    exp.Intersect: "INTERSECT",
    exp.Except: "EXCEPT",
}
#: The parts of SELECT that are written; with others it is shown as it was.
_SELECT_ARGS: Final = {
    *("distinct", "expressions", "from_", "joins", "where", "group"),
    *("having", "order", "limit", "offset", "with_"),
}
#: The parts of a name in FROM, likewise.
_TABLE_ARGS: Final = {"this", "db", "catalog", "alias"}
_JOINS: Final = {"": "INNER", "LEFT OUTER": "LEFT", "RIGHT OUTER": "RIGHT", "FULL OUTER": "FULL"}


class NotWrittenError(Exception):
    """The query has a part that is shown as it was written."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Something in FROM.

    Attributes:
        alias: The name it has there.
        columns: Their names.
    """

    alias: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A query as text, and the names of its columns."""

    text: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    """What names mean: queries of WITH, and the relations around, the nearest last."""

    queries: tuple[Relation, ...] = ()
    scopes: tuple[tuple[Relation, ...], ...] = ()

    def within(self, relations: Sequence[Relation]) -> _Names:
        return replace(self, scopes=(*self.scopes, tuple(relations)))

    def qualified(self, parts: Sequence[str]) -> str:
        """A column in full."""
        for scope in reversed(self.scopes):
            if len(parts) > 1 and any(each.alias == parts[0] for each in scope):
                return ".".join(map(quote_name, parts))
            owners = [each.alias for each in scope if parts[0] in each.columns]
            if owners:
                return ".".join(map(quote_name, (owners[0], *parts)))
        raise NotWrittenError(".".join(parts))


def expanded_query(tree: exp.Expression, node: LogicalNode, session: Session) -> str:
    """The text of a query with all names in full.

    Args:
        tree: The query.
        node: What it means.
        session: Where its names have been resolved.

    Returns:
        The text; empty where a part of the query is not written here, or would not be read as the
        same again.
    """
    try:
        text = _Writer(session.catalog).query(tree, _Names()).text
        [again] = parse_statements(text)
        is_same = isinstance(again, Query) and bind_query(again.tree, session, text) == node
    except (NotWrittenError, FlottError):
        return ""
    return text if is_same else ""


class _Writer:
    def __init__(self, catalog: CatalogManager) -> None:
        self._catalog = catalog

    def query(self, tree: exp.Expression, names: _Names) -> Written:
        if isinstance(tree, exp.Subquery):
            return self.query(tree.this, names)
        if isinstance(tree, exp.Values):
            return self._values(tree, names)
        word = _SET_WORDS.get(type(tree))
        if word is not None:
            sides = (tree.this, tree.expression)
            if _given(tree) - {"distinct"} != {"this", "expression"} or any(
                isinstance(each, exp.Subquery) for each in sides
            ):
                raise NotWrittenError("ORDER BY or parentheses in a set operation")
            left, right = self.query(tree.this, names), self.query(tree.expression, names)
            shown = word if tree.args.get("distinct") else f"{word} ALL"
            return Written(f"{left.text}\n{shown}\n{right.text}", left.columns)
        if isinstance(tree, exp.Select):
            return self._select(tree, names)
        raise NotWrittenError(type(tree).__name__)

    def _values(self, tree: exp.Values, names: _Names) -> Written:
        rows = [
            f"ROW({', '.join(self._expression(each, names) for each in row.expressions)})"
            for row in tree.expressions
        ]
        width = len(tree.expressions[0].expressions)
        return Written("VALUES " + ",\n".join(rows), tuple(f"EXPR${i}" for i in range(width)))

    def _select(self, tree: exp.Select, names: _Names) -> Written:
        if not _given(tree) <= _SELECT_ARGS:
            raise NotWrittenError("a clause of SELECT")
        head, names = self._with(tree.args.get("with_"), names)
        source, relations = self._from(tree, names)
        inner = names.within(relations)
        items, columns = self._items(tree.expressions, relations, inner)
        distinct = "DISTINCT " if tree.args.get("distinct") else ""
        parts = [f"{head}SELECT {distinct}{', '.join(items)}", *source]
        for key, word in (("where", "WHERE"), ("having", "HAVING")):
            if key == "having" and tree.args.get("group"):
                parts.append(f"GROUP BY {self._groups(tree.args['group'], inner)}")
            if tree.args.get(key):
                parts.append(f"{word} {self._expression(tree.args[key].this, inner)}")
        parts += self._ending(tree, columns, inner)
        return Written("\n".join(parts), columns)

    def _with(self, tree: Any, names: _Names) -> tuple[str, _Names]:
        if tree is None:
            return "", names
        texts = []
        for each in tree.expressions:
            if each.args["alias"].args.get("columns"):
                raise NotWrittenError("columns of WITH")
            found = self.query(each.this, names)
            texts.append(f"{quote_name(each.alias)} AS ({found.text})")
            names = replace(names, queries=(*names.queries, Relation(each.alias, found.columns)))
        return f"WITH {', '.join(texts)} ", names

    def _from(self, tree: exp.Select, names: _Names) -> tuple[list[str], list[Relation]]:
        if tree.args.get("from_") is None:
            return [], []
        text, first = self._relation(tree.args["from_"].this, names, 0)
        lines, relations = [f"FROM {text}"], [first]
        for join in tree.args.get("joins") or ():
            text, relation = self._relation(join.this, names, len(relations))
            relations.append(relation)
            on = join.args.get("on")
            if join.args.get("using") or join.args.get("method"):
                raise NotWrittenError("a join whose columns are merged")
            word = " ".join(filter(None, (join.args.get("side"), join.args.get("kind"))))
            if not word and on is None:
                lines[-1] += ","
                lines.append(text)
                continue
            condition = self._expression(on, names.within(relations)) if on is not None else ""
            suffix = f" ON {condition}" if condition else ""
            lines.append(f"{_JOINS.get(word, word)} JOIN {text}{suffix}")
        return lines, relations

    def _relation(self, tree: exp.Expression, names: _Names, place: int) -> tuple[str, Relation]:
        alias = tree.args.get("alias")
        named = [each.name for each in alias.args.get("columns") or ()] if alias else []
        shown = f" ({', '.join(map(quote_name, named))})" if named else ""
        if isinstance(tree, exp.Table) and isinstance(tree.this, exp.Identifier):
            if not _given(tree) <= _TABLE_ARGS:
                raise NotWrittenError("a table with more than a name")
            text, found = self._table(tree, names)
        elif isinstance(tree, exp.Subquery):
            inner = self.query(tree.this, names)
            text, found = f"({inner.text})", Relation(f"EXPR${place}", inner.columns)
        else:
            raise NotWrittenError(type(tree).__name__)
        name = alias.name if alias else found.alias
        relation = Relation(name, tuple(named) or found.columns)
        return f"{text} AS {quote_name(name)}{shown}", relation

    def _table(self, tree: exp.Table, names: _Names) -> tuple[str, Relation]:
        parts = [each.name for each in tree.parts]
        for each in reversed(names.queries):
            if parts == [each.alias]:
                return quote_name(each.alias), each
        path, found = self._catalog.resolve(parts)
        if isinstance(found, TableObject):
            columns = tuple(each.name for each in found.columns)
        elif isinstance(found, ViewObject):
            columns = found.column_names or found.query_columns
        else:
            raise NotWrittenError(parts)
        return ".".join(map(quote_name, path)), Relation(parts[-1], columns)

    def _items(
        self, trees: Sequence[exp.Expression], relations: Sequence[Relation], names: _Names
    ) -> tuple[list[str], tuple[str, ...]]:
        items: list[str] = []
        columns: list[str] = []
        for position, tree in enumerate(trees):
            if tree.is_star:
                owner = tree.args.get("table")
                chosen = [each for each in relations if owner is None or each.alias == owner.name]
                for each in chosen:
                    items += [f"{quote_name(each.alias)}.{quote_name(c)}" for c in each.columns]
                    columns += each.columns
                continue
            name = output_name(tree, position)
            if isinstance(tree, exp.Alias):
                items.append(f"{self._expression(tree.this, names)} AS {quote_name(name)}")
            else:
                items.append(self._expression(tree, names))
            columns.append(name)
        return items, tuple(columns)

    def _groups(self, tree: exp.Group, names: _Names) -> str:
        if _given(tree) != {"expressions"}:
            raise NotWrittenError("GROUPING SETS")
        return ", ".join(self._expression(each, names) for each in tree.expressions)

    def _ending(self, tree: exp.Select, columns: Sequence[str], names: _Names) -> list[str]:
        parts = []
        if tree.args.get("order"):
            parts.append(f"ORDER BY {self._order(tree.args['order'], names, columns)}")
        if tree.args.get("offset"):
            parts.append(f"OFFSET {render(tree.args['offset'].expression)} ROWS")
        if tree.args.get("limit"):
            limit = tree.args["limit"]
            count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression
            if count is None:
                raise NotWrittenError("FETCH without a number")
            parts.append(f"FETCH NEXT {render(count)} ROWS ONLY")
        return parts

    def _order(self, tree: exp.Order, names: _Names, columns: Sequence[str] = ()) -> str:
        texts = []
        for each in tree.expressions:
            is_name = isinstance(each.this, exp.Column) and len(each.this.parts) == 1
            if is_name and each.this.name in columns:
                text = quote_name(each.this.name)
            else:
                text = self._expression(each.this, names)
            first = each.args.get("nulls_first")
            nulls = "" if first is None else " NULLS FIRST" if first else " NULLS LAST"
            texts.append(f"{text}{' DESC' if each.args.get('desc') else ''}{nulls}")
        return ", ".join(texts)

    def _expression(self, tree: exp.Expression, names: _Names) -> str:
        return render(tree.copy().transform(self._in_full, names, copy=False))

    def _in_full(self, tree: exp.Expression, names: _Names) -> exp.Expression:
        """A part of an expression with its names in full, or as the text it becomes."""
        match tree:
            case exp.Column() if not tree.is_star:
                return exp.Var(this=names.qualified([each.name for each in tree.parts]))
            case exp.Exists():
                return exp.Var(this=f"EXISTS ({self.query(tree.this, names).text})")
            case exp.Subquery():
                return exp.Var(this=f"({self.query(tree.this, names).text})")
            case exp.Not() if isinstance(tree.this, exp.In | exp.Like):
                return exp.Var(this=self._condition(tree.this, "NOT ", names))
            case exp.In() if tree.args.get("query"):
                return exp.Var(this=self._condition(tree, "", names))
            case exp.Window():
                return exp.Var(this=self._over(tree, names))
            case exp.Distinct():
                values = [self._expression(each, names) for each in tree.expressions]
                return exp.Var(this=f"DISTINCT {', '.join(values)}")
            case exp.Neg():
                return exp.Var(this=f"- {self._expression(tree.this, names)}")
            case exp.Case() if tree.this is not None:
                return exp.Var(this=self._expression(_searched(tree), names))
            case exp.Case() if tree.args.get("default") is None:
                tree.set("default", exp.Null())
            case exp.Anonymous() if str(tree.this).upper() == "SUBSTRING":
                values = [self._expression(each, names) for each in tree.expressions]
                return exp.Var(this=f"SUBSTRING({', '.join(values)})")
            case exp.Filter() | exp.WithinGroup() | exp.Lambda():
                raise NotWrittenError(type(tree).__name__)
        return tree

    def _condition(self, tree: exp.Expression, word: str, names: _Names) -> str:
        left = self._expression(tree.this, names)
        if isinstance(tree, exp.Like):
            return f"{left} {word}LIKE {self._expression(tree.expression, names)}"
        if tree.args.get("query"):
            return f"{left} {word}IN ({self.query(tree.args['query'], names).text})"
        values = ", ".join(self._expression(each, names) for each in tree.expressions)
        return f"{left} {word}IN ({values})"

    def _over(self, tree: exp.Window, names: _Names) -> str:
        if tree.args.get("spec") or tree.args.get("alias"):
            raise NotWrittenError("a frame")
        parts = []
        if tree.args.get("partition_by"):
            keys = [self._expression(each, names) for each in tree.args["partition_by"]]
            parts.append(f"PARTITION BY {', '.join(keys)}")
        if tree.args.get("order"):
            parts.append(f"ORDER BY {self._order(tree.args['order'], names)}")
        return f"{self._expression(tree.this, names)} OVER ({' '.join(parts)})"


def _given(tree: exp.Expression) -> set[str]:
    """The parts that a tree has."""
    return {key for key, value in tree.args.items() if value}


def _searched(tree: exp.Case) -> exp.Case:
    """``CASE a WHEN b ...`` as ``CASE WHEN a = b ...``."""
    branches = [
        exp.If(this=exp.EQ(this=tree.this.copy(), expression=each.this), true=each.args["true"])
        for each in tree.args["ifs"]
    ]
    return exp.Case(ifs=branches, default=tree.args.get("default") or exp.Null())
