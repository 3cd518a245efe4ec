"""Casts to strings and bytes, as Flink prints values."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from flott.common import logical_types as t
from flott.common.java_reals import PLAIN_MAX, PLAIN_MIN, java_double, java_single
from flott.kernels.columns import roaring
from flott.sql.functions.casting.conversion import CastTask, Conversion, by_distinct, by_series
from flott.sql.functions.zones import to_local

Convert = Callable[[CastTask], Conversion]


def cast_to_text(task: CastTask, convert: Convert) -> Conversion:
    """Any value as text, cut and padded to the length wanted."""
    target = task.target
    assert isinstance(target, (t.CharType, t.VarCharType))
    source = task.source
    text = text_of(task.value, source, task.zone)
    if isinstance(target, t.CharType):
        if not (isinstance(source, t.CharType) and source.length <= target.length):
            text = text.str.slice(0, target.length)
        return Conversion(padded(text, target.length))
    fits = isinstance(source, (t.CharType, t.VarCharType)) and source.length <= target.length
    if target.length != t.MAX_LENGTH and not fits:
        text = text.str.slice(0, target.length)
    return Conversion(text)


def padded(text: pl.Expr, length: int) -> pl.Expr:
    """``text`` filled with spaces up to ``length`` code points."""
    return text.str.pad_end(min(length, 1 << 20), " ")


def text_of(value: pl.Expr, source: t.DataType, zone: str) -> pl.Expr:
    """A value as text of any length."""
    match source:
        case t.CharType() | t.VarCharType() | t.VariantType():
            return value
        case t.BitmapType():
            return by_series(value, _bitmap_texts, pl.String())
        case t.BooleanType():
            return pl.when(value).then(pl.lit("TRUE")).when(~value).then(pl.lit("FALSE"))
        case t.FloatType() | t.DoubleType():
            return by_series(value, java_floats, pl.String())
        case t.IntegralType() | t.DecimalType() | t.DateType():
            return value.cast(pl.String())
        case t.BinaryType() | t.VarBinaryType():
            return by_series(value, _decode, pl.String())
        case t.TimeType():
            return _clock(value, "%H:%M:%S", 8, source.precision)
        case t.LocalZonedTimestampType():
            return stamp_text(to_local(value, zone), source.precision)
        case t.TimestampType():
            return stamp_text(value, source.precision)
        case t.YearMonthIntervalType():
            return _months(value)
        case t.DayTimeIntervalType():
            return _milliseconds(value)
    return _nested_text(value, source, zone)


def stamp_text(value: pl.Expr, precision: int) -> pl.Expr:
    """A Datetime column as ``2024-02-29 12:34:56.789`` with ``precision`` digits."""
    return _clock(value, "%Y-%m-%d %H:%M:%S", 19, precision)


def _clock(value: pl.Expr, pattern: str, whole: int, precision: int) -> pl.Expr:
    if precision == 0:
        return value.dt.to_string(pattern)
    digits = 3 * -(-precision // 3)
    text = value.dt.to_string(f"{pattern}%.{digits}f")
    return text if digits == precision else text.str.head(whole + precision + 1)


def _months(value: pl.Expr) -> pl.Expr:
    size = value.abs()
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit("+"))
    months = (size % 12).cast(pl.String()).str.zfill(2)
    return pl.concat_str(sign, (size // 12).cast(pl.String()), pl.lit("-"), months)


def _milliseconds(value: pl.Expr) -> pl.Expr:
    size = value.abs()
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit("+"))
    days = (size // 86_400_000).cast(pl.String())
    clock = (size % 86_400_000 * 1_000_000).cast(pl.Time()).dt.to_string(" %H:%M:%S%.3f")
    return pl.concat_str(sign, days, clock)


def _nested_text(value: pl.Expr, source: t.DataType, zone: str) -> pl.Expr:
    def part(each: pl.Expr, data_type: t.DataType) -> pl.Expr:
        return text_of(each, data_type, zone).fill_null("NULL")

    element = pl.element()
    match source:
        case t.ArrayType():
            parts = value.list.eval(part(element, source.element_type))
            return pl.concat_str(pl.lit("["), parts.list.join(", "), pl.lit("]"))
        case t.MapType() | t.MultisetType():
            key, each = _entry_types(source)
            entry = pl.concat_str(
                part(element.struct.field("key"), key),
                pl.lit("="),
                part(element.struct.field("value"), each),
            )
            parts = value.list.eval(entry)
            return pl.concat_str(pl.lit("{"), parts.list.join(", "), pl.lit("}"))
    assert isinstance(source, t.RowType)
    fields = [part(value.struct.field(each.name), each.data_type) for each in source]
    if isinstance(source, t.StructuredType):
        pairs = zip(source.field_names(), fields, strict=True)
        fields = [pl.concat_str(pl.lit(f"{name}="), field) for name, field in pairs]
    text = pl.concat_str(pl.lit("("), pl.concat_str(fields, separator=", "), pl.lit(")"))
    return pl.when(value.is_not_null()).then(text)


def _entry_types(source: t.MapType | t.MultisetType) -> tuple[t.DataType, t.DataType]:
    if isinstance(source, t.MapType):
        return source.key_type, source.value_type
    return source.element_type, t.IntType()


def java_floats(values: pl.Series) -> pl.Series:
    """Floats as Java writes them: ``1.0E7``, ``0.001``, ``100.0``."""
    texts = values.cast(pl.String())
    size = values.abs()
    plain = ((size >= PLAIN_MIN) & (size < PLAIN_MAX)) | (size == 0)
    if plain.all(ignore_nulls=True):
        return texts
    write = java_single if values.dtype == pl.Float32() else java_double
    others = values.set(plain.fill_null(True), None)
    return by_distinct(others, write, pl.String()).fill_null(texts)


def _decode(values: pl.Series) -> pl.Series:
    return by_distinct(values, lambda data: data.decode("utf-8", "replace"), pl.String())


def _bitmap_texts(values: pl.Series) -> pl.Series:
    return by_distinct(values, roaring.text, pl.String())


def cast_to_bytes(task: CastTask) -> Conversion:
    """Text as UTF-8; cut, and filled with zeros for BINARY(n)."""
    target = task.target
    assert isinstance(target, (t.BinaryType, t.VarBinaryType))
    value = task.value
    if isinstance(task.source, (t.CharType, t.VarCharType)):
        value = value.cast(pl.Binary())
    if target.length == t.MAX_LENGTH:
        return Conversion(value)
    value = value.bin.head(target.length)
    if isinstance(target, t.BinaryType):
        length = target.length

        def fill(data: pl.Series) -> pl.Series:
            return by_distinct(data, lambda each: each.ljust(length, b"\0"), pl.Binary())

        value = by_series(value, fill, pl.Binary())
    return Conversion(value)
