"""The select list: stars expanded, columns named as Flink names them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from flott.common.logical_types import NullType, RowType
from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.binder.errors import placed
from flott.sql.binder.expressions import Environment, bind
from flott.sql.binder.expressions.names import (
    field_of,
    find_relation,
    is_name,
    parts_of,
    resolve_name,
)
from flott.sql.binder.plans import unique_names
from flott.sql.expressions import Expression


@dataclass(frozen=True, slots=True)
class Item:
    """A column of the select list.

    Attributes:
        name: Its name.
        tree: What it was written as; the star it came from.
        expression: Its value, over the columns of FROM.
    """

    name: str
    tree: exp.Expression
    expression: Expression


def bind_items(trees: Sequence[exp.Expression], env: Environment) -> list[Item]:
    """The columns of a select list.

    Raises:
        SqlValidationError: A name is unknown, or a column is a NULL without a type.
    """
    found: list[Item] = []
    for tree in trees:
        if is_star(tree):
            with placed(tree, env.context.text):
                pairs = list(_expanded(tree, env))
            found += [Item(name, tree, expression) for name, expression in pairs]
            continue
        value = tree.this if isinstance(tree, exp.Alias) else tree
        found.append(Item(output_name(tree, len(found)), value, bind(value, env)))
    names = unique_names(each.name for each in found)
    return [Item(name, each.tree, each.expression) for name, each in zip(names, found, strict=True)]


def is_star(tree: exp.Expression) -> bool:
    """Whether ``tree`` is ``*``, ``table.*`` or ``row.*``."""
    if isinstance(tree, exp.Column):
        return isinstance(tree.this, exp.Star)
    if isinstance(tree, exp.Dot):
        return isinstance(tree.expression, exp.Star)
    return isinstance(tree, exp.Star)


def _expanded(tree: exp.Expression, env: Environment) -> Iterator[tuple[str, Expression]]:
    """The columns that a star stands for, with their names."""
    if isinstance(tree, exp.Star):
        if not env.scope.relations:
            raise SqlValidationError("SELECT * needs FROM")
        return env.scope.visible()
    if isinstance(tree, exp.Column):
        return _of_name([each.name for each in tree.parts[:-1]], env)
    if is_name(tree.this):
        return _of_name(parts_of(tree.this), env)
    return _fields(bind(tree.this, env), env.written(tree.this))


def _of_name(parts: list[str], env: Environment) -> Iterator[tuple[str, Expression]]:
    """The columns of a table, or the fields of a row, called so."""
    relation = find_relation(parts, (env.scope,))
    if relation is not None and relation[0] == len(parts):
        return env.scope.visible(relation[2])
    try:
        row = resolve_name(parts, (env.scope,))
    except SqlValidationError as error:
        names = [each.names[-1] for each in env.scope.relations if each.names]
        hint = error.hint or did_you_mean(parts[0], names, "Tables of the query")
        raise SqlValidationError(f"Table '{'.'.join(parts)}' not found", hint=hint) from error
    return _fields(row, ".".join(parts))


def _fields(row: Expression, origin: str) -> Iterator[tuple[str, Expression]]:
    if not isinstance(row.data_type, RowType):
        raise SqlValidationError(
            f"'{origin}' has the type {row.data_type}, which has no fields for a star"
        )
    for name in row.data_type.field_names():
        yield name, field_of(row, name, f"{origin}.{name}")


def output_name(tree: exp.Expression, position: int) -> str:
    """The name of a column of a query: its alias, or what it is if that is a name."""
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.Alias):
        return str(tree.alias)
    if isinstance(tree, exp.Column) or (
        isinstance(tree, exp.Dot)
        and isinstance(tree.expression, exp.Identifier)
        and isinstance(_root(tree), exp.Column)
    ):
        return parts_of(tree)[-1]
    if isinstance(tree, exp.Anonymous) and tree.meta.get("bare"):
        return str(tree.this)
    return f"EXPR${position}"


def _root(tree: exp.Expression) -> exp.Expression:
    while isinstance(tree, exp.Dot):
        tree = tree.this
    return tree


def check_types(items: Sequence[Item], env: Environment) -> None:
    """Refuse columns whose type nobody knows."""
    for each in items:
        if isinstance(each.expression.data_type, NullType):
            raise env.invalid(
                each.tree, "Illegal use of 'NULL'", "Give it a type: CAST(NULL AS INT)."
            )


def aliases_of(items: Sequence[Item]) -> dict[str, Expression]:
    """The columns that ORDER BY may name: those whose name is theirs alone."""
    counts = Counter(each.name for each in items)
    return {each.name: each.expression for each in items if counts[each.name] == 1}
