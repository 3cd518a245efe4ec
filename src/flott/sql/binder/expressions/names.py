"""Columns by name: ``x``, ``t.x``, ``database.table.x``, and fields of rows (``t.row.x``).

The longest part before a dot that is a table wins; what follows the column are fields of rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from flott.common.logical_types import RowType
from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql import functions
from flott.sql.binder.expressions.dispatch import bind, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.binder.scope import Relation, Scope, outer, unknown_column
from flott.sql.expressions import Expression


def parts_of(tree: exp.Expression) -> list[str]:
    """The parts of a name, the outermost first."""
    if isinstance(tree, exp.Identifier):
        return [tree.name]
    if isinstance(tree, exp.Column):
        return [each.name for each in tree.parts]
    if isinstance(tree, exp.Dot):
        return [*parts_of(tree.this), *parts_of(tree.expression)]
    return [tree.name]


def is_name(tree: exp.Expression) -> bool:
    """Whether ``tree`` is a name of one or more parts."""
    if isinstance(tree, exp.Dot):
        return is_name(tree.this) and isinstance(tree.expression, exp.Identifier)
    return isinstance(tree, (exp.Column, exp.Identifier)) and not isinstance(tree.this, exp.Star)


@binds(exp.Column, exp.Identifier)
def bind_column(tree: exp.Expression, env: Environment) -> Expression:
    """A name: a column, perhaps followed by fields."""
    parts = parts_of(tree)
    alias = env.aliases.get(parts[0]) if len(parts) == 1 else None
    if alias is not None:
        return alias
    try:
        return resolve_name(parts, env.scopes)
    except SqlValidationError as error:
        if len(parts) > 1 or parts[0] not in env.select_names:
            raise
        hint = f"The select list gives this name, but {env.clause} comes first: repeat what it is."
        raise env.invalid(tree, error.message, hint) from error


@binds(exp.Dot)
def bind_dot(tree: exp.Dot, env: Environment) -> Expression:
    """``value.field``, where value is a name or any other expression."""
    if is_name(tree):
        return resolve_name(parts_of(tree), env.scopes)
    if isinstance(tree.expression, exp.Anonymous):
        return bind(tree.expression, env)
    return field_of(bind(tree.this, env), tree.expression.name, env.written(tree))


def resolve_name(parts: Sequence[str], scopes: Sequence[Scope]) -> Expression:
    """The column, or field of a column, that ``parts`` mean in the nearest of ``scopes``.

    Raises:
        SqlValidationError: Nothing is called so, or several things are.
    """
    table = find_relation(parts[:-1], scopes)
    if table is not None:
        used, depth, relation = table
        index = relation.position(parts[used])
        if index is None:
            raise _unknown_in(relation, parts[used])
        found = outer(scopes[depth].ref(index), depth)
        return fields_of(found, parts[used + 1 :], parts[: used + 1])
    for depth, scope in enumerate(scopes):
        column = scope.column(parts[0])
        if column is not None:
            return fields_of(outer(column, depth), parts[1:], parts[:1])
    if len(parts) > 1:
        raise _unknown_table(parts, scopes)
    raise unknown_column(parts[0], scopes)


def find_relation(
    parts: Sequence[str], scopes: Sequence[Scope]
) -> tuple[int, int, Relation] | None:
    """The table that the longest beginning of ``parts`` means: how many parts, depth, table."""
    for used in range(len(parts), 0, -1):
        for depth, scope in enumerate(scopes):
            relation = scope.relation(parts[:used])
            if relation is not None:
                return used, depth, relation
    return None


def fields_of(value: Expression, names: Sequence[str], before: Sequence[str]) -> Expression:
    """A field of a field of ``value``; ``before`` is what led to it."""
    path = list(before)
    for name in names:
        path.append(name)
        value = field_of(value, name, ".".join(path))
    return value


def field_of(value: Expression, name: str, origin: str) -> Expression:
    """The field ``name`` of a row.

    Raises:
        SqlValidationError: ``value`` is not a row, or has no such field.
    """
    row = value.data_type
    if not isinstance(row, RowType):
        raise SqlValidationError(
            f"Column '{origin}' not found in any table",
            hint=f"What stands before .{name} has the type {row}, which has no fields.",
        )
    if name not in row.field_names():
        hint = did_you_mean(name, row.field_names(), "Fields")
        raise SqlValidationError(f"Column '{origin}' not found in any table", hint=hint)
    return functions.resolve_call("FIELD", (value,), (("name", name),), origin)


def _unknown_in(relation: Relation, name: str) -> SqlValidationError:
    known = [each.name for each in relation.fields]
    return SqlValidationError(
        f"Column '{name}' not found in table '{relation.names[-1]}'",
        hint=did_you_mean(name, known, "Columns"),
    )


def _unknown_table(parts: Sequence[str], scopes: Sequence[Scope]) -> SqlValidationError:
    tables = [each.names[-1] for scope in scopes for each in scope.relations if each.names]
    return SqlValidationError(
        f"Table '{'.'.join(parts[:-1])}' not found",
        hint=did_you_mean(parts[0], tables, "Tables of the query"),
    )
