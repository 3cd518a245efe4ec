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
from flott.sql.binder.expressions.names import field_of, find_relation, parts_of, resolve_name
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
        star = star_of(tree)
        if star is not None:
            with placed(tree, env.context.text):
                pairs = list(_expanded(star, env))
            found += [Item(name, tree, expression) for name, expression in pairs]
            continue
        value = tree.this if isinstance(tree, exp.Alias) else tree
        found.append(Item(_name(tree, len(found)), value, bind(value, env)))
    names = unique_names(each.name for each in found)
    return [Item(name, each.tree, each.expression) for name, each in zip(names, found, strict=True)]


def star_of(tree: exp.Expression) -> list[str] | None:
    """What stands before a star: nothing for ``*``; ``None`` if ``tree`` is no star."""
    if isinstance(tree, exp.Star):
        return []
    if isinstance(tree, exp.Column) and isinstance(tree.this, exp.Star):
        return [each.name for each in tree.parts[:-1]]
    if isinstance(tree, exp.Dot) and isinstance(tree.expression, exp.Star):
        return parts_of(tree.this)
    return None


def _expanded(before: list[str], env: Environment) -> Iterator[tuple[str, Expression]]:
    """The columns of ``*``, ``table.*`` or ``row.*``."""
    if not before:
        if not env.scope.relations:
            raise SqlValidationError("SELECT * needs FROM")
        yield from env.scope.visible()
        return
    relation = find_relation(before, (env.scope,))
    if relation is not None and relation[0] == len(before):
        yield from env.scope.visible(relation[2])
        return
    try:
        row = resolve_name(before, (env.scope,))
    except SqlValidationError as error:
        names = [each.names[-1] for each in env.scope.relations if each.names]
        hint = error.hint or did_you_mean(before[0], names, "Tables of the query")
        raise SqlValidationError(f"Table '{'.'.join(before)}' not found", hint=hint) from error
    if not isinstance(row.data_type, RowType):
        raise SqlValidationError(
            f"'{'.'.join(before)}' has the type {row.data_type}, which has no fields for a star"
        )
    for name in row.data_type.field_names():
        yield name, field_of(row, name, ".".join((*before, name)))


def _name(tree: exp.Expression, position: int) -> str:
    if isinstance(tree, exp.Alias):
        return str(tree.alias)
    if isinstance(tree, exp.Column) or (
        isinstance(tree, exp.Dot)
        and isinstance(tree.expression, exp.Identifier)
        and isinstance(_root(tree), exp.Column)
    ):
        return parts_of(tree)[-1]
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
