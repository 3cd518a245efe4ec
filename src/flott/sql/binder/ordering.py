"""ORDER BY, LIMIT, OFFSET, FETCH."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from flott.sql.binder.context import BindContext
from flott.sql.binder.expressions import Environment, bind, key_of
from flott.sql.binder.scope import Scope
from flott.sql.expressions import Expression, InputRef, SortKey
from flott.sql.logical.nodes import LogicalNode, Sort, TimeAttribute


def ordered_of(query: exp.Expression) -> list[exp.Ordered]:
    """The keys of ORDER BY of ``query``."""
    order = query.args.get("order")
    return [] if order is None else list(order.expressions)


def ordinal(
    tree: exp.Ordered, values: Sequence[Expression], context: BindContext
) -> Expression | None:
    """The column that a number in ORDER BY means; ``None`` if it is not a number.

    Raises:
        SqlValidationError: There are fewer columns.
    """
    this = tree.this
    if not isinstance(this, exp.Literal) or this.is_string or not this.this.isdigit():
        return None
    position = int(this.this)
    if not 1 <= position <= len(values):
        raise context.invalid(
            this, "Ordinal out of range", f"The query has {len(values)} columns, from 1."
        )
    return values[position - 1]


def sort_output(node: LogicalNode, query: exp.Expression, context: BindContext) -> LogicalNode:
    """``node`` in the order, and with the limit, of ``query``, whose keys are output columns."""
    keys: list[SortKey] = []
    values = [InputRef(each.data_type, index) for index, each in enumerate(node.fields)]
    env = Environment(context, Scope.of((), node.fields), clause="ORDER BY")
    for each in ordered_of(query):
        value = ordinal(each, values, context)
        keys.append(key_of(each, bind(each.this, env) if value is None else value))
    return sort(node, keys, query, context)


def sort(
    node: LogicalNode, keys: Sequence[SortKey], query: exp.Expression, context: BindContext
) -> LogicalNode:
    """``node`` sorted by ``keys``, with the limit of ``query``.

    A query that is a part of another has no order, unless a limit depends on it.

    Raises:
        SqlValidationError: OFFSET without LIMIT, or an order that an endless stream cannot have.
    """
    limit, offset = _count(query, "limit"), _count(query, "offset") or 0
    if offset and limit is None:
        raise context.invalid(
            query.args["offset"],
            "OFFSET without LIMIT is not supported",
            "Add LIMIT, or FETCH NEXT n ROWS ONLY.",
        )
    if limit is None and (context.is_inner or not keys):
        return node
    if limit is None and context.is_streaming:
        _check_streaming(node, keys, query, context)
    return Sort(node.fields, node, tuple(keys), offset, limit)


def _count(query: exp.Expression, name: str) -> int | None:
    tree = query.args.get(name)
    if tree is None:
        return None
    value = tree.args["count"] if isinstance(tree, exp.Fetch) else tree.expression
    return int(value.this)


def _check_streaming(
    node: LogicalNode, keys: Sequence[SortKey], query: exp.Expression, context: BindContext
) -> None:
    first = keys[0]
    expression = first.expression
    is_time = (
        isinstance(expression, InputRef)
        and isinstance(node.fields[expression.index].time, TimeAttribute)
        and first.ascending
    )
    if not is_time:
        raise context.invalid(
            ordered_of(query)[0],
            "Sort on a non-time-attribute field is not supported",
            "In STREAMING mode the first key must be a time attribute, ascending; or add LIMIT, "
            "or run in BATCH mode.",
        )
