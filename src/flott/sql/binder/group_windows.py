"""Group windows: ``GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)`` with ``TUMBLE_START`` and its like.

The window becomes a window table function below the aggregation; what asks for its borders becomes
a reference to the columns that it adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlglot import exp

from flott.common.logical_types import LocalZonedTimestampType, TimestampType
from flott.sql import functions
from flott.sql.binder.expressions import Environment, bind
from flott.sql.binder.window_functions import interval_ms, window_fields
from flott.sql.expressions import Expression, InputRef, Literal
from flott.sql.logical.nodes import (
    Field,
    LogicalNode,
    TimeAttribute,
    WindowKind,
    WindowTableFunction,
)

#: Functions that make windows in GROUP BY, and how many lengths they take.
_LENGTHS: Final = {WindowKind.TUMBLE: 1, WindowKind.HOP: 2, WindowKind.SESSION: 1}
WINDOW_NAMES: Final = frozenset(kind.value for kind in _LENGTHS)
_START, _END, _ROWTIME, _PROCTIME = "START", "END", "ROWTIME", "PROCTIME"
_AUXILIARY: Final = frozenset(
    f"{kind.value}_{what}" for kind in _LENGTHS for what in (_START, _END, _ROWTIME, _PROCTIME)
)


@dataclass(frozen=True)
class GroupWindow:
    """A window in GROUP BY.

    Attributes:
        kind: TUMBLE, HOP or SESSION.
        time_column: Its time, a column of FROM.
        lengths: Its lengths as written, in milliseconds.
    """

    kind: WindowKind
    time_column: int
    lengths: tuple[int, ...]


def group_window(call: exp.Anonymous, env: Environment, fields: tuple[Field, ...]) -> GroupWindow:
    """The window of ``TUMBLE(ts, ...)`` in GROUP BY over ``fields``.

    Raises:
        SqlValidationError: The time is not a time attribute, or a length is not a constant.
    """
    kind = WindowKind[str(call.this).upper()]
    window = _window(call, kind, env)
    field = fields[window.time_column]
    is_time = isinstance(field.data_type, (TimestampType, LocalZonedTimestampType))
    if not is_time or (env.context.is_streaming and field.time is None):
        raise env.invalid(
            call.expressions[0],
            "Window aggregate can only be defined over a time attribute column, but "
            f"{field.data_type.nullable_()} encountered",
            "Declare WATERMARK FOR the column in its table.",
        )
    return window


def _window(call: exp.Anonymous, kind: WindowKind, env: Environment) -> GroupWindow:
    count, name = _LENGTHS[kind], str(call.this).upper()
    args = call.expressions
    if len(args) == count + 2:
        raise env.invalid(args[-1], f"{kind.value} window with alignment is not supported")
    if len(args) != count + 1:
        raise env.invalid(call, f"{name} takes a time attribute and {count} interval(s)")
    inner = env.plain("GROUP BY")
    time = bind(args[0], inner)
    if not isinstance(time, InputRef):
        raise env.invalid(
            args[0], f"{name} takes a column that is a time attribute, not an expression"
        )
    lengths: list[int] = []
    for each in args[1:]:
        length = bind(each, inner)
        if not isinstance(length, Literal):
            raise env.invalid(each, f"The lengths of {name} are constants")
        lengths.append(interval_ms(length, each, env.context, name))
        if lengths[-1] <= 0:
            raise env.invalid(each, f"The lengths of {name} must be above zero")
    return GroupWindow(kind, time.index, tuple(lengths))


def with_window(
    node: LogicalNode, window: GroupWindow, partition: tuple[int, ...] = ()
) -> LogicalNode:
    """``node`` with the columns of ``window`` behind its own; sessions are by ``partition``."""
    field = node.fields[window.time_column]
    *columns, start, end, time = window_fields(node.fields, window.time_column, field.data_type)
    # The row time of a group window may be NULL where the time column may.
    time = Field(time.name, field.data_type, field.time)
    return WindowTableFunction(
        (*columns, start, end, time),
        node,
        window.kind,
        window.time_column,
        size_ms=window.lengths[-1],
        slide_ms=window.lengths[0],
        partition_keys=partition,
        is_legacy=True,
        is_zoned=isinstance(field.data_type, LocalZonedTimestampType),
    )


class WindowCalls:
    """Gives the values of ``TUMBLE``, ``TUMBLE_START``, ... in a query.

    Args:
        window: the window in its GROUP BY, if there is one.
        fields: the columns of FROM; those of the window follow them.
    """

    def __init__(self, window: GroupWindow | None, fields: tuple[Field, ...]) -> None:
        self._window = window
        self._fields = fields

    def __call__(self, call: exp.Anonymous, env: Environment) -> Expression | None:
        """The value of ``call``; ``None`` if it has nothing to do with windows."""
        name = str(call.this).upper()
        if name in WINDOW_NAMES:
            if env.clause == "GROUP BY" and self._window is not None:
                return self._column(0)
            raise env.invalid(
                call,
                f"Group window functions must be called in GROUP BY: {name}",
                f"In FROM write TABLE({name}(TABLE ..., DESCRIPTOR(...), ...)).",
            )
        if name not in _AUXILIARY:
            return None
        kind, _, what = name.partition("_")
        if self._window is None or _window(call, WindowKind[kind], env) != self._window:
            raise env.invalid(
                call,
                f"Call to auxiliary group function '{name}' must have matching call to group "
                f"function '{kind}' in GROUP BY clause",
            )
        return self._value(what, call, env)

    def _value(self, what: str, call: exp.Anonymous, env: Environment) -> Expression:
        assert self._window is not None
        if what in (_START, _END):
            return self._column(0 if what == _START else 1)
        time = self._fields[self._window.time_column].time
        if what == _PROCTIME:
            if time is not TimeAttribute.PROCTIME:
                raise env.invalid(
                    call, "A proctime window property can only be used on a proctime window"
                )
            return functions.resolve_call("PROCTIME", ())
        if time is TimeAttribute.PROCTIME:
            raise env.invalid(call, "A rowtime window property cannot be used on a proctime window")
        return self._column(2)

    def _column(self, offset: int) -> Expression:
        assert self._window is not None
        time = self._fields[self._window.time_column]
        fields = window_fields(self._fields, self._window.time_column, time.data_type)
        index = len(self._fields) + offset
        data_type = time.data_type if offset == 2 else fields[index].data_type
        return InputRef(data_type, index)

    @property
    def columns(self) -> tuple[Expression, ...]:
        """window_start and window_end, by which rows are grouped; nothing without a window."""
        return () if self._window is None else (self._column(0), self._column(1))

    @property
    def time(self) -> Expression | None:
        """window_time, by which rows are grouped where something asks for it."""
        return None if self._window is None else self._column(2)
