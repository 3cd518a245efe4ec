"""What a join condition says: equal keys, bounds between times, and the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flott.common.logical_types import (
    BigIntType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    IntType,
    LocalZonedTimestampType,
    SmallIntType,
    TimestampType,
    TimeType,
    TinyIntType,
    VarCharType,
)
from flott.common.physical_types import polars_type
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Call, Cast, Expression, InputRef, Literal, input_columns
from flott.sql.functions import common_type, resolve_cast
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, LogicalNode, TimeAttribute
from flott.sql.rules.conditions import conjuncts, references, shifted, uses_only

_EQUAL = frozenset({"=", "IS NOT DISTINCT FROM"})
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_COMPARED = frozenset({"=", "<>", "<", "<=", ">", ">="})
#: What kernels compare as integers.
_NUMBERS = (
    TinyIntType,
    SmallIntType,
    IntType,
    BigIntType,
    DateType,
    TimeType,
    TimestampType,
    LocalZonedTimestampType,
)


_TEXT = (CharType, VarCharType)


@dataclass(frozen=True)
class EqualPair:
    """``left = right``: each over the columns of its own side.

    Attributes:
        is_null_safe: Whether NULL equals NULL.
    """

    left: Expression
    right: Expression
    is_null_safe: bool


@dataclass
class JoinParts:
    """The conjuncts of a condition by what they are good for."""

    pairs: list[EqualPair] = field(default_factory=list)
    rest: list[Expression] = field(default_factory=list)


def split_condition(condition: Expression | None, left: int, right: int) -> JoinParts:
    """The parts of a condition over ``left`` left columns and ``right`` right ones."""
    parts = JoinParts()
    for part in conjuncts(condition):
        pair = _equal_pair(part, left, right)
        if pair is None:
            parts.rest.append(part)
        else:
            parts.pairs.append(pair)
    return parts


def split_comparisons(
    parts: Sequence[Expression],
) -> tuple[list[tuple[int, str, int]], list[Expression]]:
    """Comparisons of two columns that the join itself makes, and the other parts."""
    comparisons, rest = [], []
    for part in parts:
        if isinstance(part, Call) and part.function in _COMPARED and len(part.args) == 2:
            first, second = part.args
            if isinstance(first, InputRef) and isinstance(second, InputRef):
                types = first.data_type, second.data_type
                is_same = polars_type(types[0]) == polars_type(types[1])
                if is_same and all(isinstance(each, _NUMBERS) for each in types):
                    comparisons.append((first.index, part.function, second.index))
                    continue
        rest.append(part)
    return comparisons, rest


def _equal_pair(part: Expression, left: int, right: int) -> EqualPair | None:
    if not isinstance(part, Call) or part.function not in _EQUAL:
        return None
    one, other = part.args
    if not input_columns(one) or not input_columns(other):
        return None
    if uses_only(other, 0, left):
        one, other = other, one
    if not uses_only(one, 0, left) or not uses_only(other, left, left + right):
        return None
    _check_types(part.args)
    one, other = _same_column_type(one, shifted(other, -left))
    return EqualPair(one, other, part.function != "=")


def _check_types(args: Sequence[Expression]) -> None:
    """Refuse keys of text on one side and of another kind on the other.

    Raises:
        SqlValidationError: They are; a join converts no text.
    """
    one, other = (uncast(each).data_type for each in args)
    if isinstance(one, _TEXT) is not isinstance(other, _TEXT):
        raise SqlValidationError(
            f"A join compares no {one.nullable_()} with {other.nullable_()}",
            hint="CAST one of them.",
        )


def uncast(expression: Expression) -> Expression:
    """``expression`` without the casts that comparing it has added."""
    while isinstance(expression, Cast) and expression.is_implicit:
        expression = expression.arg
    return expression


def _same_column_type(one: Expression, other: Expression) -> tuple[Expression, Expression]:
    """Both sides as columns of one type, since keys are compared as they stand."""
    if polars_type(one.data_type) == polars_type(other.data_type):
        return one, other
    common = common_type((one.data_type, other.data_type))
    assert common is not None, "the binder lets nothing be compared that has no common type"
    return (
        _cast_column(one, common.with_nullable(one.data_type.nullable)),
        _cast_column(other, common.with_nullable(other.data_type.nullable)),
    )


def _cast_column(expression: Expression, data_type: DataType) -> Expression:
    if polars_type(expression.data_type) == polars_type(data_type):
        return expression
    return resolve_cast(expression, data_type, is_implicit=True)


def with_key_columns(
    source: LogicalNode, keys: Sequence[Expression]
) -> tuple[tuple[tuple[Expression, Field], ...], tuple[int, ...]]:
    """The columns of ``source`` with those keys that must be computed, and where each key is."""
    columns: list[tuple[Expression, Field]] = list(
        zip(references(source.fields), source.fields, strict=True)
    )
    places: list[int] = []
    for key in keys:
        if isinstance(key, InputRef):
            places.append(key.index)
            continue
        places.append(len(columns))
        columns.append((key, Field(f"$key{len(columns)}", key.data_type)))
    return tuple(columns), tuple(places)


@dataclass(frozen=True)
class TimeBounds:
    """``right.time BETWEEN left.time + lower_ms AND left.time + upper_ms``.

    Attributes:
        left: The left time attribute.
        right: The right one, counted from the first right column.
        rest: The other conditions.
    """

    left: int
    right: int
    lower_ms: int
    upper_ms: int
    rest: tuple[Expression, ...]


@dataclass(frozen=True)
class _Moment:
    """A time attribute and something added to it."""

    column: int
    plus_ms: int


def time_bounds(node: nodes.Join, rest: Sequence[Expression]) -> TimeBounds | None:
    """The bounds that ``rest`` sets between the times of both sides; ``None`` if it does not on
    both ends."""
    both = (*node.left.fields, *node.right.fields)
    width = len(node.left.fields)
    lower: int | None = None
    upper: int | None = None
    columns: tuple[int, int] | None = None
    others: list[Expression] = []
    for part in (each for whole in rest for each in _comparisons(whole)):
        bound = _bound(part, both, width)
        if bound is None or (columns is not None and bound[:2] != columns):
            others.append(part)
            continue
        columns = bound[:2]
        low, high = bound[2], bound[3]
        if low is not None:
            lower = low if lower is None else max(lower, low)
        if high is not None:
            upper = high if upper is None else min(upper, high)
    if columns is None or lower is None or upper is None:
        return None
    return TimeBounds(columns[0], columns[1] - width, lower, upper, tuple(others))


def _comparisons(part: Expression) -> list[Expression]:
    """BETWEEN as two comparisons."""
    if isinstance(part, Call) and part.function == "BETWEEN" and not part.settings:
        value, low, high = part.args
        return [
            Call(part.data_type, ">=", (value, low)),
            Call(part.data_type, "<=", (value, high)),
        ]
    return [part]


def _bound(
    part: Expression, fields: Sequence[Field], width: int
) -> tuple[int, int, int | None, int | None] | None:
    """(left column, right column, lowest, highest difference right - left)."""
    if not isinstance(part, Call) or part.function not in _SWAPPED:
        return None
    one, other = (_moment(each, fields) for each in part.args)
    if one is None or other is None:
        return None
    comparison = part.function
    if one.column < width <= other.column:
        one, other, comparison = other, one, _SWAPPED[comparison]
    if not other.column < width <= one.column:
        return None
    # one + a <comparison> other + b, where one is the right side's time.
    difference = other.plus_ms - one.plus_ms
    low = high = None
    if comparison in (">", ">=", "="):
        low = difference + (1 if comparison == ">" else 0)
    if comparison in ("<", "<=", "="):
        high = difference - (1 if comparison == "<" else 0)
    return other.column, one.column, low, high


def _moment(expression: Expression, fields: Sequence[Field]) -> _Moment | None:
    match expression:
        case InputRef():
            is_time = fields[expression.index].time is not None
            return _Moment(expression.index, 0) if is_time else None
        case Cast(is_try=False):
            return _moment(expression.arg, fields)
        case Call(function="+" | "-"):
            base, added = expression.args
            if expression.function == "+" and isinstance(base, Literal):
                base, added = added, base
            plus_ms = _milliseconds(added)
            moment = _moment(base, fields)
            if moment is None or plus_ms is None:
                return None
            sign = 1 if expression.function == "+" else -1
            return _Moment(moment.column, moment.plus_ms + sign * plus_ms)
    return None


def _milliseconds(expression: Expression) -> int | None:
    if isinstance(expression, Literal) and isinstance(expression.data_type, DayTimeIntervalType):
        return int(expression.value)
    return None


def is_event_time(node: nodes.Join, bounds: TimeBounds) -> bool:
    """Whether the bounded times are event times."""
    return node.left.fields[bounds.left].time is TimeAttribute.ROWTIME
