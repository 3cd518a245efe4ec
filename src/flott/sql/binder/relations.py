"""``Source``: a part of a FROM clause, as a plan and as names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from flott.sql.binder.context import BindContext
from flott.sql.binder.plans import renamed
from flott.sql.binder.scope import Scope
from flott.sql.logical.nodes import LogicalNode


@dataclass(frozen=True, slots=True)
class Source:
    """A part of a FROM clause.

    Attributes:
        node: Its plan.
        scope: Its names, over the columns of ``node``.
    """

    node: LogicalNode
    scope: Scope


def aliased(
    node: LogicalNode,
    alias: exp.TableAlias | None,
    context: BindContext,
    path: Sequence[str] = (),
) -> Source:
    """``node`` under its alias, perhaps with other names of its columns.

    Raises:
        SqlValidationError: The alias names more or fewer columns than there are.
    """
    names = tuple(path)
    if alias is not None:
        names = (alias.name,)
        columns = [each.name for each in alias.args.get("columns") or ()]
        if columns:
            _check_count(node, alias, columns, context)
            node = renamed(node, columns)
    return Source(node, Scope.of(names, node.fields))


def _check_count(
    node: LogicalNode, alias: exp.TableAlias, columns: Sequence[str], context: BindContext
) -> None:
    twice = next((each for each in columns if columns.count(each) > 1), None)
    if twice is not None:
        raise context.invalid(alias, f"Duplicate name '{twice}' in column alias list")
    if len(columns) == len(node.fields):
        return
    known = ", ".join(f"'{each.name}'" for each in node.fields)
    raise context.invalid(
        alias,
        f"List of column aliases must have same degree as table; table has {len(node.fields)} "
        f"columns ({known}), whereas alias list has {len(columns)} columns",
    )
