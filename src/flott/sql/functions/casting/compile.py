"""Casts compiled: picks the conversion, and fails or gives NULL where a value does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.sql.expressions import Cast
from flott.sql.functions.casting.conversion import CastTask, Conversion
from flott.sql.functions.casting.nested import cast_nested
from flott.sql.functions.casting.to_number import cast_to_boolean, cast_to_number
from flott.sql.functions.casting.to_temporal import cast_to_interval, cast_to_temporal
from flott.sql.functions.casting.to_text import cast_to_bytes, cast_to_text

if TYPE_CHECKING:
    from flott.sql.functions.calls.site import Site


def compile_cast(site: Site, cast: Cast) -> pl.Expr:
    """The value of ``cast``; a strict cast leaves a check with ``site``."""
    value = site.compile(cast.arg)
    source, target = cast.arg.data_type, cast.data_type
    conversion = convert(CastTask(value, source, target, site.settings.time_zone))
    result, failed = conversion.value, conversion.failed
    if conversion.fatal is not None:
        site.fail_where(conversion.fatal, conversion.fatal_text, value)
    if failed is None or cast.is_try:
        return result
    if conversion.fails_as_null:
        # Computed once: for the column and for the check.
        result = site.share(result)
        failed = value.is_not_null() & result.is_null()

    def message(subject: Any) -> str:
        value = subject.to_list() if isinstance(subject, pl.Series) else subject
        shown = "NULL" if value is None else repr(value)
        return f"Cannot cast {shown} to {target.nullable_()}"

    hint = " ".join(filter(None, ("TRY_CAST gives NULL instead.", conversion.hint)))
    site.fail_where(failed, message, value, hint=hint)
    return result


def convert(task: CastTask) -> Conversion:
    """The conversion of ``task``."""
    source, target = task.source, task.target
    if isinstance(source, t.NullType):
        return Conversion(task.value.cast(polars_type(target)))
    if source.same_type(target):
        return Conversion(task.value)
    match target:
        case t.CharType() | t.VarCharType():
            return cast_to_text(task, convert)
        case t.BooleanType():
            return cast_to_boolean(task)
        case t.NumericType():
            return cast_to_number(task)
        case t.BinaryType() | t.VarBinaryType():
            return cast_to_bytes(task)
        case t.DateType() | t.TimeType() | t.TimestampType() | t.LocalZonedTimestampType():
            return cast_to_temporal(task)
        case t.YearMonthIntervalType() | t.DayTimeIntervalType():
            return cast_to_interval(task)
    return cast_nested(task, convert)
