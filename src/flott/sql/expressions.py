"""Bound expressions: names resolved to columns, every node with its type.

The binder makes them, rules rewrite them, ``flott.sql.functions`` compiles them. They are frozen
and comparable, so that equal expressions are evaluated once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from flott.common.logical_types import DataType

if TYPE_CHECKING:
    from flott.sql.logical.nodes import LogicalNode


@dataclass(frozen=True)
class Expression:
    """Base of all bound expressions.

    Attributes:
        data_type: The type of its value.
    """

    data_type: DataType


@dataclass(frozen=True)
class InputRef(Expression):
    """The input's column at ``index``. In a join condition the right side's columns follow the
    left's."""

    index: int


@dataclass(frozen=True)
class OuterRef(Expression):
    """A column of the query ``depth`` levels around this sub-query (1 is the next)."""

    index: int
    depth: int = 1


@dataclass(frozen=True)
class Literal(Expression):
    """A constant.

    ``value`` is ``None``, ``bool``, ``int``, ``float``, ``Decimal``, ``str``, ``bytes``, ``date``,
    ``time`` or ``datetime`` (naive; UTC for TIMESTAMP_LTZ), an ``int`` of months or milliseconds
    for intervals, a tuple for ARRAY and ROW, a tuple of pairs for MAP and MULTISET. TIMESTAMP and
    TIME of more than 6 digits are an ``int`` of nanoseconds since the epoch or midnight.
    """

    value: Any


@dataclass(frozen=True)
class Call(Expression):
    """A scalar function or operator.

    Attributes:
        function: Its canonical name in ``flott.sql.functions``: upper case, operators by their
            sign (``+``, ``=``, ``<>``, ``AND``, ``NOT``, ``IS NULL``, ``CASE``, ``ITEM``, ...).
        args: The arguments, already cast to the types the function computes with.
        settings: Keywords of the call as (name, value) pairs (``ON ERROR`` of JSON_VALUE, the
            unit of EXTRACT, ...).
        origin: The text of the call, for messages.
    """

    function: str
    args: tuple[Expression, ...]
    settings: tuple[tuple[str, Any], ...] = ()
    origin: str = field(default="", compare=False)


@dataclass(frozen=True)
class Cast(Expression):
    """``CAST`` and, where ``is_try``, ``TRY_CAST``; implicit where the user wrote none."""

    arg: Expression
    is_try: bool = False
    is_implicit: bool = False
    origin: str = field(default="", compare=False)


class NullOrder(Enum):
    """Where NULLs stand; the default is first ascending, last descending."""

    FIRST = "NULLS FIRST"
    LAST = "NULLS LAST"


@dataclass(frozen=True)
class SortKey:
    """A column or expression to sort by."""

    expression: Expression
    ascending: bool = True
    nulls: NullOrder | None = None

    @property
    def nulls_first(self) -> bool:
        """Where NULLs stand in the end."""
        return self.ascending if self.nulls is None else self.nulls is NullOrder.FIRST


@dataclass(frozen=True)
class AggregateCall(Expression):
    """An aggregate function over the rows of a group.

    Attributes:
        function: Its canonical name (``COUNT``, ``SUM``, ...). ``COUNT(*)`` has no arguments.
        args: The arguments over the input of the aggregation.
        is_distinct: Whether equal arguments count once.
        filter: ``FILTER (WHERE ...)``: a Boolean expression over the input.
        order_by: ``WITHIN GROUP`` or an order inside of the call.
        settings: Keywords of the call (``NULL ON NULL``, a separator, ...).
    """

    function: str
    args: tuple[Expression, ...] = ()
    is_distinct: bool = False
    filter: Expression | None = None
    order_by: tuple[SortKey, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()
    origin: str = field(default="", compare=False)


@dataclass(frozen=True)
class FrameBound:
    """A bound of an OVER frame.

    Attributes:
        preceding: How far before the current row, in rows or in the unit of the sort key;
            ``None`` for unbounded, 0 for the current row, negative for following.
    """

    preceding: int | None = 0


@dataclass(frozen=True)
class OverWindow:
    """``OVER (PARTITION BY ... ORDER BY ... ROWS|RANGE BETWEEN ... AND ...)``."""

    partition_by: tuple[Expression, ...]
    order_by: tuple[SortKey, ...]
    is_rows: bool
    lower: FrameBound
    upper: FrameBound


@dataclass(frozen=True)
class OverCall(Expression):
    """A function over a window of neighbouring rows: an aggregate, a rank, LAG, LEAD, ..."""

    function: str
    args: tuple[Expression, ...]
    window: OverWindow
    is_distinct: bool = False
    filter: Expression | None = None
    settings: tuple[tuple[str, Any], ...] = ()
    origin: str = field(default="", compare=False)


@dataclass(frozen=True)
class ScalarSubquery(Expression):
    """The one value of a query; NULL if it has no row, an error if it has several."""

    plan: LogicalNode


@dataclass(frozen=True)
class InSubquery(Expression):
    """``(args) [NOT] IN (query)``, with NULL as the standard says."""

    args: tuple[Expression, ...]
    plan: LogicalNode
    is_negated: bool = False


@dataclass(frozen=True)
class ExistsSubquery(Expression):
    """``[NOT] EXISTS (query)``."""

    plan: LogicalNode
    is_negated: bool = False


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct operands of ``expression``; plans of sub-queries are not among them."""
    found: list[Expression] = []
    for each in fields(expression):
        _collect(getattr(expression, each.name), found)
    return tuple(found)


def _collect(value: Any, found: list[Expression]) -> None:
    if isinstance(value, Expression):
        found.append(value)
    elif isinstance(value, SortKey):
        found.append(value.expression)
    elif isinstance(value, OverWindow):
        for part in (*value.partition_by, *value.order_by):
            _collect(part, found)
    elif isinstance(value, tuple):
        for part in value:
            _collect(part, found)


def walk(expression: Expression) -> Iterator[Expression]:
    """``expression`` and everything below it, outermost first."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def transform(expression: Expression, rule: Callable[[Expression], Expression]) -> Expression:
    """``expression`` with ``rule`` applied to every node, innermost first."""
    changed = {
        each.name: _rebuilt(getattr(expression, each.name), rule) for each in fields(expression)
    }
    same = all(changed[name] is getattr(expression, name) for name in changed)
    return rule(expression if same else replace(expression, **changed))


def _rebuilt(value: Any, rule: Callable[[Expression], Expression]) -> Any:
    if isinstance(value, Expression):
        return transform(value, rule)
    if isinstance(value, SortKey):
        inner = transform(value.expression, rule)
        return value if inner is value.expression else replace(value, expression=inner)
    if isinstance(value, OverWindow):
        partition = _rebuilt(value.partition_by, rule)
        order = _rebuilt(value.order_by, rule)
        if partition is value.partition_by and order is value.order_by:
            return value
        return replace(value, partition_by=partition, order_by=order)
    if isinstance(value, tuple):
        parts = tuple(_rebuilt(part, rule) for part in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    return value


def input_columns(expression: Expression) -> frozenset[int]:
    """The input columns that ``expression`` reads."""
    return frozenset(part.index for part in walk(expression) if isinstance(part, InputRef))


def shift_inputs(expression: Expression, mapping: Callable[[int], int]) -> Expression:
    """``expression`` with every input column renumbered."""

    def rule(part: Expression) -> Expression:
        return replace(part, index=mapping(part.index)) if isinstance(part, InputRef) else part

    return transform(expression, rule)
