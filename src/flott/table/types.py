"""``DataTypes``: how programs name SQL types, and the types themselves under PyFlink's names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flott.common.errors import ProgramError
from flott.common.logical_types import (
    ArrayType,
    AtomicType,
    BigIntType,
    BinaryType,
    BooleanType,
    CharType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    FractionalType,
    IntegralType,
    IntType,
    LocalZonedTimestampType,
    MapType,
    MultisetType,
    NullType,
    NumericType,
    RowField,
    RowType,
    SmallIntType,
    TimestampType,
    TimeType,
    TinyIntType,
    VarBinaryType,
    VarCharType,
    YearMonthIntervalType,
    ZonedTimestampType,
)
from flott.common.types import Row, RowKind

__all__ = [
    "ArrayType",
    "AtomicType",
    "BigIntType",
    "BinaryType",
    "BooleanType",
    "CharType",
    "DataType",
    "DataTypes",
    "DateType",
    "DayTimeIntervalType",
    "DecimalType",
    "DoubleType",
    "FloatType",
    "FractionalType",
    "IntType",
    "IntegralType",
    "LocalZonedTimestampType",
    "MapType",
    "MultisetType",
    "NullType",
    "NumericType",
    "Row",
    "RowField",
    "RowKind",
    "RowType",
    "SmallIntType",
    "TimeType",
    "TimestampType",
    "TinyIntType",
    "VarBinaryType",
    "VarCharType",
    "YearMonthIntervalType",
    "ZonedTimestampType",
]


@dataclass(frozen=True, slots=True)
class Resolution:
    """A unit of an interval and its precision; ``-1`` for the default."""

    unit: str
    precision: int = -1


class DataTypes:
    """Makes SQL types.

    >>> print(DataTypes.ROW([DataTypes.FIELD("id", DataTypes.BIGINT(False))]))
    ROW<`id` BIGINT NOT NULL>
    """

    @staticmethod
    def NULL() -> NullType:
        """The type of a bare NULL."""
        return NullType()

    @staticmethod
    def CHAR(length: int, nullable: bool = True) -> CharType:
        """Text of exactly ``length`` characters."""
        return CharType(length, nullable=nullable)

    @staticmethod
    def VARCHAR(length: int, nullable: bool = True) -> VarCharType:
        """Text of at most ``length`` characters."""
        return VarCharType(length, nullable=nullable)

    @staticmethod
    def STRING(nullable: bool = True) -> VarCharType:
        """Text of any length."""
        return VarCharType(nullable=nullable)

    @staticmethod
    def BOOLEAN(nullable: bool = True) -> BooleanType:
        """True, false or unknown."""
        return BooleanType(nullable=nullable)

    @staticmethod
    def BINARY(length: int, nullable: bool = True) -> BinaryType:
        """Exactly ``length`` bytes."""
        return BinaryType(length, nullable=nullable)

    @staticmethod
    def VARBINARY(length: int, nullable: bool = True) -> VarBinaryType:
        """At most ``length`` bytes."""
        return VarBinaryType(length, nullable=nullable)

    @staticmethod
    def BYTES(nullable: bool = True) -> VarBinaryType:
        """Bytes of any length."""
        return VarBinaryType(nullable=nullable)

    @staticmethod
    def DECIMAL(precision: int, scale: int, nullable: bool = True) -> DecimalType:
        """Decimal numbers of ``precision`` digits, ``scale`` of them after the point."""
        return DecimalType(precision, scale, nullable=nullable)

    @staticmethod
    def TINYINT(nullable: bool = True) -> TinyIntType:
        """Whole numbers of 8 bits."""
        return TinyIntType(nullable=nullable)

    @staticmethod
    def SMALLINT(nullable: bool = True) -> SmallIntType:
        """Whole numbers of 16 bits."""
        return SmallIntType(nullable=nullable)

    @staticmethod
    def INT(nullable: bool = True) -> IntType:
        """Whole numbers of 32 bits."""
        return IntType(nullable=nullable)

    @staticmethod
    def BIGINT(nullable: bool = True) -> BigIntType:
        """Whole numbers of 64 bits."""
        return BigIntType(nullable=nullable)

    @staticmethod
    def FLOAT(nullable: bool = True) -> FloatType:
        """Floating-point numbers of 32 bits."""
        return FloatType(nullable=nullable)

    @staticmethod
    def DOUBLE(nullable: bool = True) -> DoubleType:
        """Floating-point numbers of 64 bits."""
        return DoubleType(nullable=nullable)

    @staticmethod
    def DATE(nullable: bool = True) -> DateType:
        """A day."""
        return DateType(nullable=nullable)

    @staticmethod
    def TIME(precision: int = 0, nullable: bool = True) -> TimeType:
        """A time of day; ``precision`` digits of the second."""
        return TimeType(precision, nullable=nullable)

    @staticmethod
    def TIMESTAMP(precision: int = 6, nullable: bool = True) -> TimestampType:
        """Date and time without a zone; ``precision`` digits of the second."""
        return TimestampType(precision, nullable=nullable)

    @staticmethod
    def TIMESTAMP_WITH_LOCAL_TIME_ZONE(
        precision: int = 6, nullable: bool = True
    ) -> LocalZonedTimestampType:
        """An instant, shown in the session's zone."""
        return LocalZonedTimestampType(precision, nullable=nullable)

    @staticmethod
    def TIMESTAMP_LTZ(precision: int = 6, nullable: bool = True) -> LocalZonedTimestampType:
        """An instant, shown in the session's zone."""
        return LocalZonedTimestampType(precision, nullable=nullable)

    @staticmethod
    def ARRAY(element_type: DataType, nullable: bool = True) -> ArrayType:
        """A list of values of one type."""
        return ArrayType(element_type, nullable=nullable)

    @staticmethod
    def MAP(key_type: DataType, value_type: DataType, nullable: bool = True) -> MapType:
        """Keys with a value each."""
        return MapType(key_type, value_type, nullable=nullable)

    @staticmethod
    def MULTISET(element_type: DataType, nullable: bool = True) -> MultisetType:
        """Values with the number of times each is there."""
        return MultisetType(element_type, nullable=nullable)

    @staticmethod
    def ROW(row_fields: Sequence[Any] = (), nullable: bool = True) -> RowType:
        """A row of fields, or of types whose fields are called ``f0``, ``f1``, ..."""
        fields = [
            each if isinstance(each, RowField) else RowField(f"f{position}", each)
            for position, each in enumerate(row_fields)
        ]
        return RowType(tuple(fields), nullable=nullable)

    @staticmethod
    def FIELD(name: str, data_type: DataType, description: str | None = None) -> RowField:
        """A field of a row."""
        return RowField(name, data_type, description)

    @staticmethod
    def SECOND(precision: int = 6) -> Resolution:
        """Seconds of an interval with ``precision`` digits of the fraction."""
        return Resolution("SECOND", precision)

    @staticmethod
    def MINUTE() -> Resolution:
        """Minutes of an interval."""
        return Resolution("MINUTE")

    @staticmethod
    def HOUR() -> Resolution:
        """Hours of an interval."""
        return Resolution("HOUR")

    @staticmethod
    def DAY(precision: int = 2) -> Resolution:
        """Days of an interval, of ``precision`` digits."""
        return Resolution("DAY", precision)

    @staticmethod
    def MONTH() -> Resolution:
        """Months of an interval."""
        return Resolution("MONTH")

    @staticmethod
    def YEAR(precision: int = 2) -> Resolution:
        """Years of an interval, of ``precision`` digits."""
        return Resolution("YEAR", precision)

    @staticmethod
    def INTERVAL(
        upper_resolution: Resolution, lower_resolution: Resolution | None = None
    ) -> DayTimeIntervalType | YearMonthIntervalType:
        """An interval of one unit, or from one unit to a finer one.

        Raises:
            ProgramError: The two units do not make a range.

        >>> print(DataTypes.INTERVAL(DataTypes.DAY(), DataTypes.SECOND(3)))
        INTERVAL DAY(2) TO SECOND(3)
        """
        months, times = ("YEAR", "MONTH"), ("DAY", "HOUR", "MINUTE", "SECOND")
        first = upper_resolution
        last = lower_resolution
        units = months if first.unit in months else times
        text = first.unit
        if last is not None:
            if last.unit not in units or units.index(last.unit) <= units.index(first.unit):
                raise ProgramError(f"INTERVAL {first.unit} TO {last.unit} is not a range of units")
            text = f"{first.unit} TO {last.unit}"
        digits = first.precision if first.precision > 0 else 2
        if units is months:
            return YearMonthIntervalType(text, digits)
        seconds = next((each for each in (first, last) if each and each.unit == "SECOND"), None)
        return DayTimeIntervalType(
            text, digits if first.unit == "DAY" else 2, seconds.precision if seconds else 6
        )
