"""Small tools for making nodes of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flott.sql.expressions import Call, Expression, InputRef
from flott.sql.logical.nodes import (
    Correlate,
    Field,
    Filter,
    Join,
    JoinKind,
    LateralJoin,
    LogicalNode,
    Project,
    SnapshotJoin,
    TimeAttribute,
    Values,
)


def one_row() -> Values:
    """One row without columns: what SELECT without FROM reads."""
    return Values((), ((),))


def time_of(expression: Expression, fields: Sequence[Field]) -> TimeAttribute | None:
    """Whether ``expression`` over ``fields`` is still a time attribute."""
    if isinstance(expression, InputRef):
        return fields[expression.index].time
    if isinstance(expression, Call) and expression.function == "PROCTIME":
        return TimeAttribute.PROCTIME
    return None


def field_of(name: str, expression: Expression, fields: Sequence[Field]) -> Field:
    """The column ``name`` with the value of ``expression`` over ``fields``."""
    return Field(name, expression.data_type, time_of(expression, fields))


def project(
    node: LogicalNode, names: Iterable[str], expressions: Sequence[Expression]
) -> LogicalNode:
    """``node`` with the columns ``expressions``, called ``names``."""
    fields = tuple(
        field_of(name, each, node.fields) for name, each in zip(names, expressions, strict=True)
    )
    return Project(fields, node, tuple(expressions))


def refs(fields: Sequence[Field]) -> tuple[InputRef, ...]:
    """All columns of ``fields``."""
    return tuple(InputRef(each.data_type, index) for index, each in enumerate(fields))


def renamed(node: LogicalNode, names: Sequence[str]) -> LogicalNode:
    """``node`` with other names of its columns."""
    if [each.name for each in node.fields] == list(names):
        return node
    return project(node, names, refs(node.fields))


def unique_names(names: Iterable[str]) -> list[str]:
    """``names``, each that was there before with the first number that makes it new.

    >>> unique_names(["id", "id", "id0", "id"])
    ['id', 'id0', 'id00', 'id1']
    """
    used: set[str] = set()
    found: list[str] = []
    for name in names:
        new, attempt = name, 0
        while new in used:
            new = f"{name}{attempt}"
            attempt += 1
        used.add(new)
        found.append(new)
    return found


def nullable(fields: Iterable[Field]) -> tuple[Field, ...]:
    """``fields`` that may be NULL: those of the side of an outer join that may be missing."""
    return tuple(Field(each.name, each.data_type.nullable_(), each.time) for each in fields)


def join_fields(left: Sequence[Field], right: Sequence[Field], kind: JoinKind) -> tuple[Field, ...]:
    """The columns of a join."""
    one = nullable(left) if kind in (JoinKind.RIGHT, JoinKind.FULL) else tuple(left)
    two = nullable(right) if kind in (JoinKind.LEFT, JoinKind.FULL) else tuple(right)
    return (*one, *two)


def source_of(node: LogicalNode, index: int) -> tuple[LogicalNode, int]:
    """The node that makes the column ``index`` of ``node``, and its position there, through
    projections, filters and joins that only pass it on."""
    while True:
        if isinstance(node, Filter):
            node = node.input
        elif isinstance(node, Project):
            expression = node.expressions[index]
            if not isinstance(expression, InputRef):
                return node, index
            node, index = node.input, expression.index
        elif isinstance(node, (Join, SnapshotJoin, LateralJoin)):
            width = len(node.left.fields)
            is_left = index < width
            node, index = (node.left, index) if is_left else (node.right, index - width)
        elif isinstance(node, Correlate) and index < len(node.input.fields):
            node = node.input
        else:
            return node, index
