"""The names of types: ``DECIMAL(10, 2) NOT NULL``, ``ROW<a INT, b ARRAY<STRING>>``, ``INT ARRAY``.

A parsed type is a ``DataType`` node of sqlglot that carries the type of
``flott.common.logical_types`` in its ``meta``; ``data_type_of`` takes it out.
"""

from __future__ import annotations

from typing import cast

from sqlglot import exp

from flott.common import logical_types as t
from flott.common.suggestions import nearest
from flott.sql.dialect.cursor import Cursor
from flott.sql.dialect.tokens import Token, TokenKind

_SIMPLE: dict[str, t.DataType] = {
    "BOOLEAN": t.BooleanType(),
    "TINYINT": t.TinyIntType(),
    "SMALLINT": t.SmallIntType(),
    "INT": t.IntType(),
    "INTEGER": t.IntType(),
    "BIGINT": t.BigIntType(),
    "FLOAT": t.FloatType(),
    "DOUBLE": t.DoubleType(),
    "STRING": t.STRING,
    "BYTES": t.BYTES,
    "DATE": t.DateType(),
    "BITMAP": t.BitmapType(),
    "VARIANT": t.VariantType(),
}
_DECIMALS = ("DECIMAL", "DEC", "NUMERIC")
_COMPOSITES = ("ARRAY", "MULTISET", "MAP", "ROW", "STRUCTURED", "INTERVAL")
_TIMES = ("TIME", "TIMESTAMP", "TIMESTAMP_LTZ")
_SIZED = ("CHAR", "CHARACTER", "VARCHAR", "BINARY", "VARBINARY")
_NAMES = (*_SIMPLE, *_DECIMALS, *_COMPOSITES, *_TIMES, *_SIZED)
#: Types that other databases have, and what does the same here.
_ELSEWHERE = {
    "BLOB": "BYTES",
    "BOOL": "BOOLEAN",
    "DATETIME": "TIMESTAMP",
    "FLOAT4": "FLOAT",
    "FLOAT8": "DOUBLE",
    "INT4": "INT",
    "INT8": "BIGINT",
    "LONG": "BIGINT",
    "NUMBER": "DECIMAL",
    "STRUCT": "ROW",
    "TEXT": "STRING",
    "TIMESTAMPTZ": "TIMESTAMP_LTZ",
}
#: What the grammar reserves without a type behind it.
_NO_TYPES = ("DATETIME", "ORDINAL")
_UNSUPPORTED = ("REAL", "RAW", "ANY", "GEOMETRY", "UUID")
#: Units of an interval in order, by the type that holds them.
YEAR_MONTH_UNITS = ("YEAR", "MONTH")
DAY_TIME_UNITS = ("DAY", "HOUR", "MINUTE", "SECOND")
_MAX_DIGITS = 38
_MAX_FRACTION = 9
_MAX_TIME_FRACTION = 3
_MAX_DAY_DIGITS = 3


def type_node(data_type: t.DataType) -> exp.DataType:
    """A node for ``data_type``."""
    node = exp.DataType(this=exp.DType.USERDEFINED, kind=str(data_type))
    node.meta["data_type"] = data_type
    return node


def data_type_of(node: exp.Expression) -> t.DataType:
    """The type that a node of a parsed tree names.

    >>> data_type_of(parse_type("DECIMAL(10, 2) NOT NULL"))
    DecimalType(nullable=False, precision=10, scale=2)
    """
    return cast(t.DataType, node.meta["data_type"])


class TypeParser(Cursor):
    """Reads types."""

    def data_type(self, is_cast: bool = False) -> exp.DataType:
        """Read a type with ``ARRAY``, ``MULTISET`` and ``[NOT] NULL`` behind it.

        Args:
            is_cast: whether it is what CAST makes: no NULL may be behind it, and the elements of
                ``INT ARRAY`` are never NULL.
        """
        first = self.token
        if is_cast:
            return self._target_of_cast()
        found = self._nullability(self._basic_type())
        while word := self.accept_any("ARRAY", "MULTISET"):
            wrapped = t.ArrayType(found) if word == "ARRAY" else t.MultisetType(found)
            found = self._nullability(wrapped)
        return self.marked(type_node(found), first)

    def _target_of_cast(self) -> exp.DataType:
        first = self.token
        found = self._basic_type()
        while word := self.accept_any("ARRAY", "MULTISET"):
            element = found.not_null()
            found = t.ArrayType(element) if word == "ARRAY" else t.MultisetType(element)
        return self.marked(type_node(found), first)

    def _nullability(self, data_type: t.DataType) -> t.DataType:
        if self.accept("NOT", "NULL"):
            return data_type.not_null()
        if self.ahead().upper != "ON":  # RETURNING INT NULL ON EMPTY
            self.accept("NULL")
        return data_type

    def _basic_type(self) -> t.DataType:
        first = self.token
        if first.kind is TokenKind.QUOTED:
            self.advance()
            self.invalid(f"Type '{first.text}' is not known", first)
        word = first.upper
        if word in _NO_TYPES:
            self.unexpected("a type")
        if word in _UNSUPPORTED:
            self.advance()
            self.invalid_later(f"Type {word} is not supported", first)
            return t.NullType()
        if word in _COMPOSITES:
            self.advance()
            return self._composite_type(word)
        if word in _TIMES:
            self.advance()
            return self._time_type(word)
        if word in _DECIMALS:
            self.advance()
            return self._decimal(first)
        if word in _SIZED:
            self.advance()
            return self._sized(word, first)
        if word in _SIMPLE:
            self.advance()
            if word == "DOUBLE":
                self.accept("PRECISION")
            return _SIMPLE[word]
        return self._unknown_type(first)

    def _unknown_type(self, first: Token) -> t.DataType:
        if not self.looks_at_name():
            self.unexpected("a type")
        self.path()
        if self.looks_at("("):
            self.unexpected()  # no name of a type that the grammar takes with a size
        meant = _ELSEWHERE.get(first.upper) or nearest(first.text, _NAMES)
        hint = None if meant is None else f"Did you mean {meant}?"
        self.invalid(f"Unknown type '{first.text}'", first, hint)

    def _composite_type(self, word: str) -> t.DataType:
        if word == "INTERVAL":
            return self._interval_type()
        if word == "ROW":
            return self._row_type()
        if word == "STRUCTURED":
            return self._structured_type()
        self.expect("<")
        inner = data_type_of(self.data_type())
        if word == "MAP":
            self.expect(",")
            value = data_type_of(self.data_type())
            self._close_angle()
            return t.MapType(inner, value)
        self._close_angle()
        return t.ArrayType(inner) if word == "ARRAY" else t.MultisetType(inner)

    def _close_angle(self) -> None:
        self.expect(">")

    def _row_type(self) -> t.DataType:
        if self.accept("<>"):
            return t.RowType(())
        closing = ">" if self.accept("<") else ")"
        if closing == ")":
            self.expect("(")
        fields: list[t.RowField] = []
        if not self.looks_at(closing):
            fields = self.separated(self._row_field)
        self.expect(closing)
        return t.RowType(tuple(fields))

    def _structured_type(self) -> t.DataType:
        self.expect("<")
        name = self.string("the name of a class")
        fields: list[t.RowField] = []
        while self.accept(","):
            fields.append(self._row_field())
        self._close_angle()
        return t.StructuredType(tuple(fields), name)

    def _row_field(self) -> t.RowField:
        name = self.name("a name of a field")
        data_type = data_type_of(self.data_type())
        self.accept_string()  # what it means: Flink does not keep it
        return t.RowField(name, data_type)

    def _length(self) -> int | None:
        if not self.accept("("):
            return None
        length = self.integer()
        self.expect(")")
        return length

    def _sized(self, word: str, first: Token) -> t.DataType:
        is_varying = word.startswith("VAR")
        if word in ("CHAR", "CHARACTER", "BINARY") and self.accept("VARYING"):
            is_varying = True
        length = self._length()
        default = t.MAX_LENGTH if is_varying else 1
        size = default if length is None else length
        if size > t.MAX_LENGTH:
            self.invalid(f"The length {size} is above {t.MAX_LENGTH}", first)
        if word.endswith("BINARY"):
            return t.VarBinaryType(size) if is_varying else t.BinaryType(size)
        return t.VarCharType(size) if is_varying else t.CharType(size)

    def _decimal(self, first: Token) -> t.DataType:
        precision, scale = 10, 0
        if self.accept("("):
            precision = self.integer()
            if self.accept(","):
                scale = self.integer()
            self.expect(")")
        precision = min(precision, _MAX_DIGITS)
        if not precision >= 1 or scale > precision:
            self.invalid(
                f"DECIMAL({precision}, {scale}) has its scale outside of 0 to its precision", first
            )
        return t.DecimalType(precision, scale)

    def _time_type(self, word: str) -> t.DataType:
        told = self._length()
        if word == "TIMESTAMP_LTZ":
            return t.LocalZonedTimestampType(6 if told is None else min(told, _MAX_FRACTION))
        if word == "TIME":
            self.accept("WITHOUT", "TIME", "ZONE")
            return t.TimeType(0 if told is None else min(told, _MAX_TIME_FRACTION))
        precision = 6 if told is None else min(told, _MAX_FRACTION)
        if self.accept("WITH", "LOCAL", "TIME", "ZONE"):
            return t.LocalZonedTimestampType(precision)
        self.accept("WITHOUT", "TIME", "ZONE")
        return t.TimestampType(precision)

    def _interval_type(self) -> t.DataType:
        unit, end, precision, fraction = self.interval_units()
        resolution = f"{unit} TO {end}" if end else unit
        if unit in YEAR_MONTH_UNITS:
            return t.YearMonthIntervalType(resolution, 2 if precision is None else precision)
        return t.DayTimeIntervalType(
            resolution,
            2 if precision is None else precision,
            6 if fraction is None else fraction,
        )

    def interval_units(self) -> tuple[str, str | None, int | None, int | None]:
        """Read ``DAY(3) TO SECOND(6)``: first unit, last unit, precision, digits of the second."""
        first = self.token
        unit = self._interval_unit()
        precision = fraction = None
        end: str | None = None
        if self.accept("("):
            at = self.token
            precision = self.integer()
            if unit == "SECOND" and self.accept(","):
                fraction = self.integer()
            self.expect(")")
            if unit == "DAY" and precision > _MAX_DAY_DIGITS:
                self.invalid_later(f"An interval of DAY({precision}) is not supported", at)
        if self.accept("TO"):
            end = self._interval_unit()
            if not _is_span(unit, end):
                self.error(f"INTERVAL {unit} TO {end} is not a range of units", first)
            if end == "SECOND" and self.accept("("):
                fraction = self.integer()
                self.expect(")")
        return unit, end, precision, fraction

    def _interval_unit(self) -> str:
        units = (*YEAR_MONTH_UNITS, *DAY_TIME_UNITS, "WEEK", "QUARTER")
        word = self.token.upper
        unit = word if word in units else word.removesuffix("S")
        if unit not in units:
            self.unexpected("a unit of time: YEAR, MONTH, DAY, HOUR, MINUTE or SECOND")
        self.advance()
        return unit


def _is_span(first: str, last: str) -> bool:
    for units in (YEAR_MONTH_UNITS, DAY_TIME_UNITS):
        if first in units and last in units:
            return units.index(first) < units.index(last)
    return False


def parse_type(text: str) -> exp.DataType:
    """The type that ``text`` names.

    Raises:
        SqlParserError: It is not a type.
        SqlValidationError: No such type exists.
    """
    from flott.sql.dialect.tokens import tokenize

    parser = TypeParser(tokenize(text), text)
    found = parser.data_type()
    parser.expect_end()
    return found
