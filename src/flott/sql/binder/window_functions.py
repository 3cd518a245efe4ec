"""Window table functions: TUMBLE, HOP, CUMULATE and SESSION in FROM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from flott.common.logical_types import (
    DataType,
    DayTimeIntervalType,
    LocalZonedTimestampType,
    TimestampType,
)
from flott.sql.binder.context import BindContext
from flott.sql.binder.relations import Source
from flott.sql.binder.scope import Scope
from flott.sql.binder.table_arguments import Arguments, arguments_of, column_of
from flott.sql.expressions import Literal
from flott.sql.logical.nodes import Field, WindowKind, WindowTableFunction

#: Names of the columns that a window adds.
WINDOW_COLUMNS: Final = ("window_start", "window_end", "window_time")
#: The type of the borders of windows.
BORDER: Final = TimestampType(3, nullable=False)


@dataclass(frozen=True)
class _Signature:
    parameters: tuple[str, ...]
    required: int
    size: str
    slide: str | None


_SIGNATURES: Final = {
    WindowKind.TUMBLE: _Signature(("DATA", "TIMECOL", "SIZE", "OFFSET"), 3, "SIZE", None),
    WindowKind.HOP: _Signature(("DATA", "TIMECOL", "SLIDE", "SIZE", "OFFSET"), 4, "SIZE", "SLIDE"),
    WindowKind.CUMULATE: _Signature(
        ("DATA", "TIMECOL", "STEP", "SIZE", "OFFSET"), 4, "SIZE", "STEP"
    ),
    WindowKind.SESSION: _Signature(("DATA", "TIMECOL", "GAP"), 3, "GAP", None),
}


def is_window_function(name: str) -> bool:
    """Whether ``name`` is a window table function."""
    return name.upper() in WindowKind.__members__


def window_arguments(call: exp.Anonymous, context: BindContext) -> Arguments:
    """The arguments of a window table function.

    Raises:
        SqlValidationError: They are not what the function takes, or some have names, some not.
    """
    signature = _SIGNATURES[WindowKind[str(call.this).upper()]]
    found = arguments_of(call, signature.parameters, signature.required, context)
    if len({isinstance(each, exp.Kwarg) for each in call.expressions}) > 1:
        raise context.invalid(
            call, f"{found.name} takes its arguments by position or by name, not both"
        )
    return found


def bind_window(arguments: Arguments, source: Source) -> Source:
    """The windows of the rows of ``source``, which is the argument DATA.

    Raises:
        SqlValidationError: The time column is none, or a length does not fit.
    """
    kind = WindowKind[arguments.name]
    signature = _SIGNATURES[kind]
    context, scope = arguments.context, source.scope
    times = arguments.columns("TIMECOL", scope)  # as in Flink the first of several counts
    if not times:
        raise context.invalid(arguments.required("TIMECOL"), "A window has a time column")
    for each in source.node.fields:
        if each.name in WINDOW_COLUMNS:
            raise context.invalid(
                arguments.call,
                f"Column '{each.name}' is ambiguous: the input of {arguments.name} has one, too",
                "Rename it in a sub-query.",
            )
    time = _check_time(arguments, source.node.fields[times[0]])
    size = _length(arguments, signature.size)
    slide = size if signature.slide is None else _length(arguments, signature.slide)
    _check_lengths(arguments, size, slide)
    offset = _length(arguments, "OFFSET") if "OFFSET" in arguments.by_name else 0
    if kind is WindowKind.TUMBLE and abs(offset) >= size:
        raise context.invalid(
            arguments.call,
            "TUMBLE table function parameters must satisfy abs(offset) < size, but got size "
            f"{size} ms and offset {offset} ms",
        )
    fields = window_fields(source.node.fields, times[0], time)
    node = WindowTableFunction(
        fields,
        source.node,
        kind,
        times[0],
        size,
        slide,
        offset,
        _partition(arguments, scope, kind),
        is_zoned=isinstance(time, LocalZonedTimestampType),
    )
    return Source(node, Scope.of((), fields))


def window_fields(
    fields: tuple[Field, ...], time_column: int, time_type: DataType
) -> tuple[Field, ...]:
    """The columns of a window over ``fields``."""
    attribute = fields[time_column].time
    start, end, time = WINDOW_COLUMNS
    return (
        *fields,
        Field(start, BORDER),
        Field(end, BORDER),
        Field(time, time_type.not_null(), attribute),
    )


def _check_time(arguments: Arguments, field: Field) -> DataType:
    tree, context = arguments.required("TIMECOL"), arguments.context
    data_type = field.data_type
    if not isinstance(data_type, (TimestampType, LocalZonedTimestampType)):
        raise context.invalid(
            tree,
            f"The window function {arguments.name} requires the timecol to be TIMESTAMP or "
            f"TIMESTAMP_LTZ, but is {data_type.nullable_()}",
        )
    if context.is_streaming and field.time is None:
        raise context.invalid(
            tree,
            f"The window function {arguments.name} requires the timecol is a time attribute type, "
            f"but is {data_type.nullable_()}",
            "Declare WATERMARK FOR the column in its table, or window by window_time after "
            "another window.",
        )
    return data_type


def _length(arguments: Arguments, name: str) -> int:
    found = arguments.constant(name)
    return interval_ms(found, arguments.required(name), arguments.context, arguments.name)


def interval_ms(found: Literal, tree: exp.Expression, context: BindContext, what: str) -> int:
    """The milliseconds of an interval.

    Raises:
        SqlValidationError: It is not one of DAY to SECOND.
    """
    if not isinstance(found.data_type, DayTimeIntervalType) or found.value is None:
        raise context.invalid(
            tree,
            f"{what} takes intervals of SECOND, MINUTE, HOUR or DAY; MONTH and YEAR have no fixed "
            "length",
        )
    return int(found.value)


def _check_lengths(arguments: Arguments, size: int, slide: int) -> None:
    name, context = arguments.name, arguments.context
    if size <= 0 or slide <= 0:
        raise context.invalid(arguments.call, f"The lengths of {name} must be above zero")
    if name == "CUMULATE" and size % slide:
        raise context.invalid(
            arguments.call,
            "CUMULATE table function based aggregate requires size must be an integral multiple of "
            f"step, but got size {size} ms and step {slide} ms",
        )


def _partition(arguments: Arguments, scope: Scope, kind: WindowKind) -> tuple[int, ...]:
    table = arguments.table("DATA")
    keys = table.args.get("partition_by") or []
    if keys and kind is not WindowKind.SESSION:
        raise arguments.context.invalid(
            keys[0], f"{arguments.name} takes no PARTITION BY", "Group by the columns instead."
        )
    if table.args.get("order_by"):
        raise arguments.context.invalid(table, f"{arguments.name} takes no ORDER BY")
    return tuple(column_of(each, scope, arguments.context) for each in keys)
