"""The types of SQL columns: what a value means, whatever memory holds it.

The classes carry the names of ``pyflink.table.types``; a type prints as Flink prints it
(``DECIMAL(10, 2) NOT NULL``). ``flott.common.physical_types`` says which column holds a type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Self

#: Length of ``STRING`` and ``BYTES``: as long as it gets.
MAX_LENGTH: Final = 2**31 - 1


@dataclass(frozen=True)
class DataType:
    """Base of all types.

    Attributes:
        nullable: Whether NULL is a value of the type.
    """

    root: ClassVar[str] = ""
    nullable: bool = field(default=True, kw_only=True)

    def with_nullable(self, nullable: bool) -> Self:
        """The same type, nullable or not."""
        return self if self.nullable == nullable else replace(self, nullable=nullable)

    def not_null(self) -> Self:
        """The same type without NULL."""
        return self.with_nullable(False)

    def nullable_(self) -> Self:
        """The same type with NULL."""
        return self.with_nullable(True)

    @property
    def summary(self) -> str:
        """The type as text, without its nullability."""
        return self.root

    def __str__(self) -> str:
        return self.summary if self.nullable else f"{self.summary} NOT NULL"

    def same_type(self, other: DataType) -> bool:
        """Whether both are equal but for their own nullability."""
        return self.nullable_() == other.nullable_()


class AtomicType(DataType):
    """Types without parts."""


class NumericType(AtomicType):
    """Numbers."""


class IntegralType(NumericType):
    """Whole numbers of a fixed width.

    Attributes:
        bits: The width.
        digits: The precision of the DECIMAL that holds every value.
    """

    bits: ClassVar[int] = 0
    digits: ClassVar[int] = 0


class FractionalType(NumericType):
    """Numbers with a fraction."""


@dataclass(frozen=True)
class NullType(AtomicType):
    """The type of a bare NULL."""

    root: ClassVar[str] = "NULL"


@dataclass(frozen=True)
class BooleanType(AtomicType):
    """True, false or unknown."""

    root: ClassVar[str] = "BOOLEAN"


@dataclass(frozen=True)
class TinyIntType(IntegralType):
    """8 bits."""

    root: ClassVar[str] = "TINYINT"
    bits: ClassVar[int] = 8
    digits: ClassVar[int] = 3


@dataclass(frozen=True)
class SmallIntType(IntegralType):
    """16 bits."""

    root: ClassVar[str] = "SMALLINT"
    bits: ClassVar[int] = 16
    digits: ClassVar[int] = 5


@dataclass(frozen=True)
class IntType(IntegralType):
    """32 bits."""

    root: ClassVar[str] = "INT"
    bits: ClassVar[int] = 32
    digits: ClassVar[int] = 10


@dataclass(frozen=True)
class BigIntType(IntegralType):
    """64 bits."""

    root: ClassVar[str] = "BIGINT"
    bits: ClassVar[int] = 64
    digits: ClassVar[int] = 19


@dataclass(frozen=True)
class FloatType(FractionalType):
    """IEEE 754, 32 bits."""

    root: ClassVar[str] = "FLOAT"


@dataclass(frozen=True)
class DoubleType(FractionalType):
    """IEEE 754, 64 bits."""

    root: ClassVar[str] = "DOUBLE"


@dataclass(frozen=True)
class DecimalType(FractionalType):
    """Decimal numbers of ``precision`` digits, ``scale`` of them after the point."""

    root: ClassVar[str] = "DECIMAL"
    precision: int = 10
    scale: int = 0

    @property
    def summary(self) -> str:
        return f"DECIMAL({self.precision}, {self.scale})"


@dataclass(frozen=True)
class _SizedType(AtomicType):
    length: int = 1

    @property
    def summary(self) -> str:
        return f"{self.root}({self.length})"


@dataclass(frozen=True)
class CharType(_SizedType):
    """Text of exactly ``length`` code points."""

    root: ClassVar[str] = "CHAR"


@dataclass(frozen=True)
class VarCharType(_SizedType):
    """Text of at most ``length`` code points; ``STRING`` when that is the largest length."""

    root: ClassVar[str] = "VARCHAR"
    length: int = MAX_LENGTH

    @property
    def summary(self) -> str:
        return "STRING" if self.length == MAX_LENGTH else f"VARCHAR({self.length})"


@dataclass(frozen=True)
class BinaryType(_SizedType):
    """Exactly ``length`` bytes."""

    root: ClassVar[str] = "BINARY"


@dataclass(frozen=True)
class VarBinaryType(_SizedType):
    """At most ``length`` bytes; ``BYTES`` when that is the largest length."""

    root: ClassVar[str] = "VARBINARY"
    length: int = MAX_LENGTH

    @property
    def summary(self) -> str:
        return "BYTES" if self.length == MAX_LENGTH else f"VARBINARY({self.length})"


@dataclass(frozen=True)
class DateType(AtomicType):
    """A day."""

    root: ClassVar[str] = "DATE"


@dataclass(frozen=True)
class _PreciseType(AtomicType):
    precision: int = 6

    @property
    def summary(self) -> str:
        return f"{self.root}({self.precision})"


@dataclass(frozen=True)
class TimeType(_PreciseType):
    """A time of day; ``precision`` digits of the second."""

    root: ClassVar[str] = "TIME"
    precision: int = 0


@dataclass(frozen=True)
class TimestampType(_PreciseType):
    """Date and time without a zone."""

    root: ClassVar[str] = "TIMESTAMP"


@dataclass(frozen=True)
class ZonedTimestampType(_PreciseType):
    """Date and time with a zone in each value; nameable, but without a column."""

    root: ClassVar[str] = "TIMESTAMP"

    @property
    def summary(self) -> str:
        return f"TIMESTAMP({self.precision}) WITH TIME ZONE"


@dataclass(frozen=True)
class LocalZonedTimestampType(_PreciseType):
    """An instant, shown in the session's time zone."""

    root: ClassVar[str] = "TIMESTAMP_LTZ"


@dataclass(frozen=True)
class YearMonthIntervalType(AtomicType):
    """A number of months. ``resolution`` is ``YEAR``, ``MONTH`` or ``YEAR TO MONTH``."""

    root: ClassVar[str] = "INTERVAL"
    resolution: str = "YEAR TO MONTH"
    precision: int = 2

    @property
    def summary(self) -> str:
        first, _, second = self.resolution.partition(" TO ")
        if first == "MONTH":
            return "INTERVAL MONTH"
        return f"INTERVAL {first}({self.precision})" + (f" TO {second}" if second else "")


@dataclass(frozen=True)
class DayTimeIntervalType(AtomicType):
    """A number of milliseconds. ``resolution`` is ``DAY``, ``DAY TO SECOND``, ``HOUR``, ..."""

    root: ClassVar[str] = "INTERVAL"
    resolution: str = "DAY TO SECOND"
    day_precision: int = 2
    fractional_precision: int = 6

    @property
    def summary(self) -> str:
        first, _, second = self.resolution.partition(" TO ")
        text = f"INTERVAL {first}"
        if first == "DAY":
            text += f"({self.day_precision})"
        if first == "SECOND":
            text += f"({self.fractional_precision})"
        if second:
            text += f" TO {second}"
        if second == "SECOND":
            text += f"({self.fractional_precision})"
        return text


@dataclass(frozen=True)
class ArrayType(DataType):
    """A list of values of one type."""

    root: ClassVar[str] = "ARRAY"
    element_type: DataType = NullType()

    @property
    def summary(self) -> str:
        return f"ARRAY<{self.element_type}>"


@dataclass(frozen=True)
class MapType(DataType):
    """Keys with a value each."""

    root: ClassVar[str] = "MAP"
    key_type: DataType = NullType()
    value_type: DataType = NullType()

    @property
    def summary(self) -> str:
        return f"MAP<{self.key_type}, {self.value_type}>"


@dataclass(frozen=True)
class MultisetType(DataType):
    """Values with the number of times each is there."""

    root: ClassVar[str] = "MULTISET"
    element_type: DataType = NullType()

    @property
    def summary(self) -> str:
        return f"MULTISET<{self.element_type}>"


@dataclass(frozen=True)
class RowField:
    """A field of a row type, or a column of a table."""

    name: str
    data_type: DataType
    description: str | None = None

    def __str__(self) -> str:
        text = f"`{self.name}` {self.data_type}"
        return text if self.description is None else f"{text} '{self.description}'"


@dataclass(frozen=True)
class RowType(DataType):
    """A row of named fields."""

    root: ClassVar[str] = "ROW"
    fields: tuple[RowField, ...] = ()

    @classmethod
    def of(cls, *fields: tuple[str, DataType], nullable: bool = True) -> RowType:
        """A row type from (name, type) pairs."""
        return cls(
            tuple(RowField(name, data_type) for name, data_type in fields), nullable=nullable
        )

    @property
    def summary(self) -> str:
        return f"ROW<{', '.join(map(str, self.fields))}>"

    def field_names(self) -> list[str]:
        """Names in order."""
        return [field.name for field in self.fields]

    def field_types(self) -> list[DataType]:
        """Types in order."""
        return [field.data_type for field in self.fields]

    def __iter__(self) -> Iterator[RowField]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)


@dataclass(frozen=True)
class StructuredType(RowType):
    """A row that has the name of a class.

    >>> str(StructuredType((RowField("a", IntType()),), "shop.Item"))
    "STRUCTURED<'shop.Item', `a` INT>"
    """

    root: ClassVar[str] = "STRUCTURED"
    class_name: str = ""

    @property
    def summary(self) -> str:
        return f"STRUCTURED<'{self.class_name}', {', '.join(map(str, self.fields))}>"


@dataclass(frozen=True)
class RawType(DataType):
    """Any Python object, pickled; columns that only Python functions look into."""

    root: ClassVar[str] = "RAW"
    python_class: Any = object

    @property
    def summary(self) -> str:
        return f"RAW('{self.python_class.__module__}.{self.python_class.__qualname__}')"


@dataclass(frozen=True)
class BitmapType(DataType):
    """A set of 32-bit numbers."""

    root: ClassVar[str] = "BITMAP"


@dataclass(frozen=True)
class VariantType(DataType):
    """A value that brings its own type: what a JSON document can hold."""

    root: ClassVar[str] = "VARIANT"


#: VARCHAR of any length, nullable.
STRING: Final = VarCharType()
#: VARBINARY of any length, nullable.
BYTES: Final = VarBinaryType()
