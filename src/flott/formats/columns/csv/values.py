"""Fields of CSV into columns, by Flink's rules, and values into fields."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.java_reals import java_double, java_single
from flott.formats.columns.json.reader import (
    parse_decimal,
    parse_real,
    parse_whole,
    read_base64,
)
from flott.formats.columns.storage import fit_decimal, make_column
from flott.formats.columns.temporal_text import (
    TimestampStandard,
    format_time,
    parse_iso_time,
    parse_loose_date,
    timestamp_parser,
    timestamp_writer,
)
from flott.formats.columns.text_numbers import decimal_text

FieldReader = Callable[[str], Any]
FieldWriter = Callable[[Any], str]
_NESTED = (t.ArrayType, t.RowType)
_EPOCH_DAY: Final = datetime.date(1970, 1, 1).toordinal()
_FIRST_DAY: Final = datetime.date.min.toordinal() - _EPOCH_DAY
_LAST_DAY: Final = datetime.date.max.toordinal() - _EPOCH_DAY
#: So few fields are read faster one by one.
_FEW: Final = 32


@dataclass(frozen=True)
class CsvValues:
    """What the fields of CSV mean.

    Attributes:
        null_literal: The field that is NULL; ``None`` if none is.
        separator: Stands between the elements of an array.
        ignores_errors: Whether a field that cannot be read is NULL.
        scientific_decimals: Whether decimals are written with an exponent where that is shorter.
        empty_is_null: Whether a field of no characters is NULL.
        allows_trailing_delimiter: Whether a delimiter may stand behind the last field.
        ignores_surplus: Whether fields beyond the last column are passed over.
        fails_on_missing: Whether a record with too few fields is broken even where broken fields
            are NULL.
    """

    null_literal: str | None = None
    separator: str = ";"
    ignores_errors: bool = False
    scientific_decimals: bool = True
    empty_is_null: bool = False
    allows_trailing_delimiter: bool = True
    ignores_surplus: bool = False
    fails_on_missing: bool = False

    @property
    def are_usual(self) -> bool:
        """Whether fields and their number mean what kernels make of them."""
        usual = self.allows_trailing_delimiter and not self.ignores_surplus
        return usual and not (self.empty_is_null or self.fails_on_missing)

    def fitted(self, record: Sequence[str], count: int) -> list[str | None]:
        """A record with as many fields as there are columns; ``None`` for those it lacks.

        Raises:
            ValueError: If it has another number of fields.
        """
        fields: list[str | None] = list(record[:count])
        surplus = record[count:]
        if not surplus or self.ignores_surplus:
            missing = count - len(fields)
            if not missing or (self.ignores_errors and not self.fails_on_missing):
                return fields + [None] * missing
        elif self.allows_trailing_delimiter and len(surplus) == 1 and not surplus[0].strip():
            return fields
        raise ValueError(f"expected {count} columns, found {len(record)}")


def read_column(texts: Sequence[str | None], field: t.RowField, values: CsvValues) -> pl.Series:
    """The column that some fields mean; ``None`` stands for a missing field.

    Raises:
        ValueError: If one of them means no value of the type; names the column.

    >>> read_column(["1", " 2"], t.RowField("a", t.IntType()), CsvValues()).to_list()
    [1, 2]
    """
    if values.empty_is_null:
        texts = [text or None for text in texts]
    if len(texts) > _FEW:
        column = _read_at_once(texts, field.data_type, values)
        if column is not None:
            return column
    read = field_reader(field.data_type, values)
    found = []
    for text in texts:
        try:
            found.append(None if text is None else read(text))
        except ValueError as error:
            if not values.ignores_errors:
                raise ValueError(f"column {field.name!r}: {error}") from None
            found.append(None)
    return make_column(found, field.data_type, field.name)


def _read_at_once(
    texts: Sequence[str | None], data_type: t.DataType, values: CsvValues
) -> pl.Series | None:
    """The column by Polars; ``None`` where that may not be what Flink means."""
    column = pl.Series("text", texts, dtype=pl.String)
    if values.null_literal is not None and not isinstance(data_type, _NESTED):
        column = column.set(column == values.null_literal, None)
    match data_type:
        case t.CharType() | t.VarCharType():
            return column
        case t.IntegralType() | t.FloatType() | t.DoubleType():
            wanted = make_column([], data_type, "").dtype
            made = column.str.strip_chars().cast(wanted, strict=False)
            if wanted.is_float() and not made.is_finite().all():
                return None  # Polars knows more words for what is not a number
        case t.DateType():
            made = column.str.to_date("%Y-%m-%d", strict=False)
        case t.TimestampType() if data_type.precision <= 6:
            made = column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
        case _:
            return None
    if made.null_count() != column.null_count():
        return None
    return made if _has_four_digit_years(made) else None


def _has_four_digit_years(column: pl.Series) -> bool:
    """Whether dates are in the years 1 to 9999; Polars knows others."""
    if not column.dtype.is_temporal():
        return True
    numbers = column.to_physical()
    a_day = 1 if column.dtype == pl.Date else 86_400_000_000
    least, most = _FIRST_DAY * a_day, (_LAST_DAY + 1) * a_day
    return bool(numbers.is_between(least, most, closed="left").all())


def field_reader(data_type: t.DataType, values: CsvValues) -> FieldReader:
    """The function that reads fields of a type.

    Raises:
        UnsupportedFeature: If CSV holds no values of the type.
    """
    null = values.null_literal
    if isinstance(data_type, t.ArrayType):
        return _array_reader(data_type, values)
    if isinstance(data_type, t.RowType):
        return _row_reader(data_type, values)
    read = _reader(data_type)
    return lambda text: None if text == null else read(text)


def _elements(text: str, separator: str) -> list[str]:
    return text.split(separator) if text.strip() or separator in text else []


def _element_reader(data_type: t.DataType, values: CsvValues) -> FieldReader:
    if isinstance(data_type, _NESTED):
        raise UnsupportedFeature(
            f"CSV of type {data_type} inside of ARRAY or ROW",
            reason="Fields of CSV hold one level of nesting.",
        )
    read = field_reader(data_type, values)
    if not values.ignores_errors:
        return read

    def read_or_ignore(text: str) -> Any:
        try:
            return read(text)
        except ValueError:
            return None

    return read_or_ignore


def _array_reader(data_type: t.ArrayType, values: CsvValues) -> FieldReader:
    read = _element_reader(data_type.element_type, values)
    separator = values.separator
    return lambda text: [read(each) for each in _elements(text, separator)]


def _row_reader(data_type: t.RowType, values: CsvValues) -> FieldReader:
    readers = [_element_reader(field.data_type, values) for field in data_type]
    names = data_type.field_names()
    separator = values.separator

    def read_row(text: str) -> dict[str, Any] | None:
        parts = _elements(text, separator)
        if not parts:
            return None
        if len(parts) != len(names) and not values.ignores_errors:
            raise ValueError(f"expected {len(names)} elements, found {len(parts)}: {text!r}")
        found: list[Any] = [read(part) for read, part in zip(readers, parts, strict=False)]
        found += [None] * (len(names) - len(found))
        return dict(zip(names, found, strict=True))

    return read_row


def _reader(data_type: t.DataType) -> FieldReader:
    match data_type:
        case t.NullType():
            return lambda text: None
        case t.BooleanType():
            return lambda text: text.strip().lower() == "true"
        case t.IntegralType():
            return _whole_reader(data_type.bits)
        case t.YearMonthIntervalType():
            return _whole_reader(32)
        case t.DayTimeIntervalType():
            return _whole_reader(64)
        case t.FloatType() | t.DoubleType():
            return parse_real
        case t.DecimalType():
            precision, scale = data_type.precision, data_type.scale
            return lambda text: fit_decimal(parse_decimal(text), precision, scale)
        case t.CharType() | t.VarCharType():
            return str
        case t.BinaryType() | t.VarBinaryType():
            return read_base64
        case t.DateType():
            return lambda text: parse_loose_date(text.strip())
        case t.TimeType():
            return _time_reader(data_type.precision)
        case t.TimestampType() | t.LocalZonedTimestampType():
            zoned = isinstance(data_type, t.LocalZonedTimestampType)
            parse = timestamp_parser(TimestampStandard.SQL, zoned, data_type.precision)
            return lambda text: parse(text.strip())
    raise UnsupportedFeature(f"CSV of type {data_type}")


def _whole_reader(bits: int) -> FieldReader:
    least, most = -(1 << bits - 1), (1 << bits - 1) - 1

    def read(text: str) -> int:
        number = parse_whole(text)
        if least <= number <= most:
            return number
        raise ValueError(f"{text!r} is out of range")

    return read


def _time_reader(precision: int) -> FieldReader:
    if precision > 3:
        raise UnsupportedFeature(
            f"CSV of type TIME({precision})", reason="Times in CSV have at most three digits."
        )
    unit = 10 ** (9 - precision)
    return lambda text: parse_iso_time(text.strip()) // unit * unit


def column_texts(column: pl.Series, data_type: t.DataType, values: CsvValues) -> list[str | None]:
    """The fields that the values of a column are written as; ``None`` for NULL.

    >>> column_texts(pl.Series([True, None]), t.BooleanType(), CsvValues())
    ['true', None]
    """
    write = field_writer(data_type, values)
    return [None if value is None else write(value) for value in column.to_list()]


def field_writer(data_type: t.DataType, values: CsvValues) -> FieldWriter:
    """The function that writes values of a type.

    Raises:
        UnsupportedFeature: If CSV holds no values of the type.
    """
    if isinstance(data_type, t.ArrayType):
        write = _element_writer(data_type.element_type, values)
        return lambda elements: values.separator.join(map(write, elements))
    if isinstance(data_type, t.RowType):
        writers = [(field.name, _element_writer(field.data_type, values)) for field in data_type]
        return lambda row: values.separator.join(each(row[name]) for name, each in writers)
    return _writer(data_type, values)


def _element_writer(data_type: t.DataType, values: CsvValues) -> FieldWriter:
    if isinstance(data_type, _NESTED):
        raise UnsupportedFeature(f"CSV of type {data_type} inside of ARRAY or ROW")
    write = field_writer(data_type, values)
    null = values.null_literal or ""
    return lambda value: null if value is None else write(value)


def _writer(data_type: t.DataType, values: CsvValues) -> FieldWriter:
    match data_type:
        case t.BooleanType():
            return lambda value: "true" if value else "false"
        case t.IntegralType() | t.YearMonthIntervalType() | t.DayTimeIntervalType():
            return str
        case t.FloatType():
            return java_single
        case t.DoubleType():
            return java_double
        case t.DecimalType():
            plain = not values.scientific_decimals
            return lambda value: decimal_text(value, plain)
        case t.CharType() | t.VarCharType() | t.NullType():
            return str
        case t.BinaryType() | t.VarBinaryType():
            return lambda value: base64.b64encode(value).decode("ascii")
        case t.DateType():
            return datetime.date.isoformat
        case t.TimeType():
            return format_time
        case t.TimestampType():
            return timestamp_writer(TimestampStandard.SQL, False)
        case t.LocalZonedTimestampType():
            return timestamp_writer(TimestampStandard.SQL, True)
    raise UnsupportedFeature(f"CSV of type {data_type}")
