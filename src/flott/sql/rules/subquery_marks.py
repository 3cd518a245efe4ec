"""EXISTS and IN as values: inside of OR, CASE or a select list, where a join cannot filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.common.errors import UnsupportedFeature
from flott.common.logical_types import BigIntType, BooleanType
from flott.sql.expressions import (
    AggregateCall,
    Call,
    Expression,
    InputRef,
    Literal,
    OuterRef,
    transform,
)
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode
from flott.sql.rules.conditions import (
    FALSE,
    TRUE,
    all_of,
    any_of,
    bigint,
    case,
    equal,
    is_not_null,
    is_null,
    references,
)
from flott.sql.rules.subquery_joins import attach, pulled
from flott.sql.rules.unnesting import NotPullable, Pulled, split_equalities

_COUNT = BigIntType(nullable=False)
_SURE = BooleanType(nullable=False)


def exists_value(current: LogicalNode, found: Pulled) -> tuple[LogicalNode, Expression]:
    """``current`` with what tells whether the sub-query has a row, and that as an expression."""
    if found.is_one_row:
        return current, TRUE
    counted = _counted(found, ())
    attached = attach(current, counted)
    count = attached.values[0]
    some = Call(_COUNT, "COALESCE", (count, bigint(0)))
    return attached.node, Call(_SURE, ">", (some, bigint(0)))


def in_value(
    current: LogicalNode, args: Sequence[Expression], plan: LogicalNode
) -> tuple[LogicalNode, Expression]:
    """``current`` with what tells whether ``args`` are among the rows of ``plan``."""
    found = pulled(plan, current)
    if found.is_one_row:
        attached = attach(current, found)
        pairs = zip(args, attached.values, strict=True)
        value = all_of(equal(*pair) for pair in pairs)
        assert value is not None
        return attached.node, value
    columns = found.outputs
    matched = attach(current, _matching(found, args))
    is_match = is_not_null(matched.values[0])
    nullable = any(each.data_type.nullable for each in (*args, *columns))
    if not nullable:
        return matched.node, case(_SURE, is_match, TRUE, FALSE)
    counts = attach(matched.node, _counted(found, columns))
    rows, filled = counts.values
    unknown = Literal(BooleanType(), None)
    return counts.node, case(
        BooleanType(),
        any_of(is_null(rows), equal(rows, bigint(0))),
        FALSE,
        is_match,
        TRUE,
        any_of(*(is_null(each) for each in args)),
        unknown,
        Call(BooleanType(), "<", (filled, rows)),
        unknown,
        FALSE,
    )


def _keyed(found: Pulled, more: Sequence[Expression]) -> tuple[LogicalNode, Pulled]:
    """The columns the sub-query is asked by, then ``more`` of it."""
    try:
        inner, _ = split_equalities(found.conditions)
    except NotPullable:
        raise UnsupportedFeature(
            "EXISTS or IN inside of an expression, of a sub-query that is related to the query "
            "by more than equalities (write it as a condition of its own, joined by AND)"
        ) from None
    fields = (
        *(Field(f"$k{place}", each.data_type) for place, each in enumerate(inner)),
        *(Field(f"$c{place}", each.data_type) for place, each in enumerate(more)),
    )
    wide = nodes.Project(fields, found.node, (*inner, *more))
    conditions = tuple(
        replace(condition, args=(InputRef(each.data_type, place), _other(condition, each)))  # type: ignore[call-arg]
        for place, (condition, each) in enumerate(zip(found.conditions, inner, strict=True))
    )
    return wide, Pulled(wide, references(fields), conditions)


def _other(condition: Expression, side: Expression) -> Expression:
    assert isinstance(condition, Call)
    left, right = condition.args
    return right if left == side else left


def _counted(found: Pulled, columns: Sequence[Expression]) -> Pulled:
    """How many rows there are and, if asked, in how many all ``columns`` are there."""
    wide, keyed = _keyed(found, columns)
    count = len(found.conditions)
    calls = [AggregateCall(_COUNT, "COUNT")]
    if columns:
        args = references(wide.fields)[count:]
        calls.append(AggregateCall(_COUNT, "COUNT", args))
    fields = (*wide.fields[:count], *(Field(f"$n{n}", _COUNT) for n in range(len(calls))))
    grouped = nodes.Aggregate(fields, wide, tuple(range(count)), tuple(calls))
    return replace(keyed, node=grouped, outputs=references(fields)[count:])


def _matching(found: Pulled, args: Sequence[Expression]) -> Pulled:
    """The distinct rows, marked, joined where they are equal to ``args``."""
    wide, keyed = _keyed(found, found.outputs)
    once = nodes.Aggregate(wide.fields, wide, tuple(range(len(wide.fields))), ())
    own = references(once.fields)
    marked = nodes.Project((*once.fields, Field("$mark", _SURE)), once, (*own, TRUE))
    count = len(found.conditions)
    equalities = tuple(
        equal(_outer(arg), column) for arg, column in zip(args, own[count:], strict=True)
    )
    mark = InputRef(_SURE, len(own))
    return replace(keyed, node=marked, outputs=(mark,), conditions=(*keyed.conditions, *equalities))


def _outer(expression: Expression) -> Expression:
    """An expression over the outer query, as the sub-query sees it."""

    def rule(part: Expression) -> Expression:
        return OuterRef(part.data_type, part.index) if isinstance(part, InputRef) else part

    return transform(expression, rule)
