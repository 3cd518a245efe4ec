"""UNION, INTERSECT and EXCEPT: inputs cast to common types, names of the first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from flott.common.logical_types import DataType, NullType
from flott.sql import functions
from flott.sql.binder.context import BindContext
from flott.sql.binder.plans import project, refs
from flott.sql.logical.nodes import Field, LogicalNode, SetKind, SetOperation, TimeAttribute

_KINDS = {exp.Union: SetKind.UNION, exp.Intersect: SetKind.INTERSECT, exp.Except: SetKind.EXCEPT}


def operands_of(tree: exp.Expression) -> list[exp.Expression]:
    """The inputs of a set operation; of a chain of equal ones all, however long it is."""
    found: list[exp.Expression] = []
    is_all = is_union_all(tree)
    pending: list[exp.Expression] = [tree]
    while pending:
        part = pending.pop()
        if part is tree or (is_all and _continues(part)):
            pending += (part.expression, part.this)
        else:
            found.append(part)
    return found


def is_union_all(tree: exp.Expression) -> bool:
    """Whether ``tree`` is UNION ALL."""
    return type(tree) is exp.Union and not tree.args.get("distinct")


def _continues(part: exp.Expression) -> bool:
    has_tail = any(part.args.get(name) for name in ("order", "limit", "offset", "with_"))
    return is_union_all(part) and not has_tail


def combine(
    tree: exp.SetOperation, inputs: Sequence[LogicalNode], context: BindContext
) -> LogicalNode:
    """The set operation of ``inputs``.

    Raises:
        SqlValidationError: They differ in their number of columns, or a column has no common
            type.
    """
    kind = _KINDS[type(tree)]
    is_all = not tree.args.get("distinct")
    name = f"{kind.value}{' ALL' if is_all else ''}"
    width = len(inputs[0].fields)
    if any(len(each.fields) != width for each in inputs):
        counts = " and ".join(str(len(each.fields)) for each in inputs)
        raise context.invalid(
            tree, f"Column count mismatch in {name}: the queries have {counts} columns"
        )
    types = [
        _common([each.fields[index] for each in inputs], index, name, tree, context)
        for index in range(width)
    ]
    cast = tuple(_cast(each, types) for each in inputs)
    fields = tuple(
        Field(field.name, data_type, _time(cast, index) if kind is SetKind.UNION else None)
        for index, (field, data_type) in enumerate(zip(inputs[0].fields, types, strict=True))
    )
    return SetOperation(fields, cast, kind, is_all)


def _common(
    columns: Sequence[Field], index: int, name: str, tree: exp.Expression, context: BindContext
) -> DataType:
    found = functions.common_type([each.data_type for each in columns])
    if found is None:
        types = " and ".join(str(each.data_type.nullable_()) for each in columns)
        raise context.invalid(
            _blamed(tree, columns, index),
            f"Type mismatch in column {index + 1} of {name}: {types}",
            "Cast one of them.",
        )
    if isinstance(found, NullType):
        raise context.invalid(tree, "Illegal use of 'NULL'", "Give it a type: CAST(NULL AS INT).")
    return found


def _blamed(tree: exp.Expression, columns: Sequence[Field], index: int) -> exp.Expression:
    """The column of the first query that does not fit to those before it."""
    for position, query in enumerate(operands_of(tree)):
        fits = functions.common_type([each.data_type for each in columns[: position + 1]])
        if fits is None and isinstance(query, exp.Select) and index < len(query.expressions):
            blamed: exp.Expression = query.expressions[index]
            return blamed
    return tree


def _time(inputs: Sequence[LogicalNode], index: int) -> TimeAttribute | None:
    times = {each.fields[index].time for each in inputs}
    return times.pop() if len(times) == 1 else None


def _cast(node: LogicalNode, types: Sequence[DataType]) -> LogicalNode:
    """``node`` with the columns cast whose type is another but for NULL."""
    if all(
        field.data_type.same_type(wanted) for field, wanted in zip(node.fields, types, strict=True)
    ):
        return node
    columns = [
        ref if ref.data_type.same_type(wanted) else functions.resolve_cast(ref, wanted)
        for ref, wanted in zip(refs(node.fields), types, strict=True)
    ]
    return project(node, [each.name for each in node.fields], columns)
