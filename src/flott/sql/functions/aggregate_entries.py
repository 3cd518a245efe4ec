"""The aggregate functions as a table: operands, types of results, and a line on each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flott.common import logical_types as t

_TEXT = (t.CharType, t.VarCharType)
_COUNT: Final = t.BigIntType(nullable=False)
_JSON: Final = t.VarCharType(2000, nullable=False)
_DOUBLE: Final = t.DoubleType()
Types = Sequence[t.DataType]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate function.

    Attributes:
        name: Canonical name.
        fewest: The fewest operands.
        most: The most operands.
        result: The type of the result; ``None`` if the operands do not fit.
        doc: One line on what it gives.
        arguments: The types operands are cast to; ``None`` as they are.
        empty_is_null: Whether it gives NULL for no rows.
    """

    name: str
    fewest: int
    most: int
    result: Callable[[Types], t.DataType | None]
    doc: str
    arguments: Callable[[Types], Types] | None = None
    empty_is_null: bool = True


def _sum(types: Types) -> t.DataType | None:
    match types[0]:
        case t.DecimalType():
            return t.DecimalType(38, types[0].scale, nullable=types[0].nullable)
        case t.NumericType():
            return types[0]
    return None


def _sum_or_zero(types: Types) -> t.DataType | None:
    found = _sum(types)
    return None if found is None else found.not_null()


def _average(types: Types) -> t.DataType | None:
    match types[0]:
        case t.DecimalType():
            return t.DecimalType(38, max(6, types[0].scale), nullable=types[0].nullable)
        case t.NumericType():
            return types[0]
    return None


def _spread(types: Types) -> t.DataType | None:
    found = _average(types)
    return None if found is None else found.nullable_()


def _ordered(types: Types) -> t.DataType | None:
    fits = isinstance(types[0], t.AtomicType) and not isinstance(types[0], (t.RawType, t.NullType))
    return types[0] if fits else None


def _same(types: Types) -> t.DataType | None:
    return None if isinstance(types[0], t.NullType) else types[0]


def _listagg(types: Types) -> t.DataType | None:
    if not all(isinstance(each, _TEXT) for each in types):
        return None
    return types[0]


def _array(types: Types) -> t.DataType:
    return t.ArrayType(types[0], nullable=types[0].nullable)


def _percentile(types: Types) -> t.DataType | None:
    if not isinstance(types[0], t.NumericType):
        return None
    if len(types) == 3 and not isinstance(types[2], t.IntegralType):
        return None
    if isinstance(types[1], t.ArrayType):
        numbers = isinstance(types[1].element_type, t.NumericType)
        return t.ArrayType(_DOUBLE) if numbers else None
    return _DOUBLE if isinstance(types[1], t.NumericType) else None


def _percentile_arguments(types: Types) -> Types:
    point: t.DataType = _DOUBLE
    if isinstance(types[1], t.ArrayType):
        point = t.ArrayType(_DOUBLE)
    wanted: list[t.DataType] = [_DOUBLE, point]
    return [*wanted, *(t.BigIntType() for _ in types[2:])]


def _object(types: Types) -> t.DataType | None:
    return _JSON if isinstance(types[0], _TEXT) else None


def _numbers_to(result: t.DataType) -> Callable[[Types], t.DataType | None]:
    """An aggregate of numbers that fit into 32 bits."""

    def infer(types: Types) -> t.DataType | None:
        fits = isinstance(types[0], t.IntegralType) and types[0].bits <= t.IntType.bits
        return result if fits else None

    return infer


def _bitmaps_to(result: t.DataType) -> Callable[[Types], t.DataType | None]:
    return lambda types: result if isinstance(types[0], t.BitmapType) else None


def _bitmap_entries() -> Iterator[Aggregate]:
    kinds = {
        "BITMAP_BUILD": ("The bitmap of all numbers", _numbers_to),
        "BITMAP_AND": ("The numbers that all bitmaps have", _bitmaps_to),
        "BITMAP_OR": ("The numbers that any bitmap has", _bitmaps_to),
        "BITMAP_XOR": ("The numbers that an odd number of bitmaps has", _bitmaps_to),
    }
    for name, (doc, infer) in kinds.items():
        yield Aggregate(f"{name}_AGG", 1, 1, infer(t.BitmapType()), f"{doc}.")
        counted = infer(t.BigIntType())
        yield Aggregate(f"{name}_CARDINALITY_AGG", 1, 1, counted, f"{doc}, counted.")


#: The most operands of a function that takes any number.
_ANY: Final = 1000

_ENTRIES: Final = (
    Aggregate("COUNT", 0, _ANY, lambda _: _COUNT, "The number of rows whose operands are not NULL.",
              empty_is_null=False),
    Aggregate("APPROX_COUNT_DISTINCT", 1, 1, lambda _: _COUNT,
              "About the number of distinct values.", empty_is_null=False),
    Aggregate("SUM", 1, 1, _sum, "The sum; whole numbers wrap around, decimals become NULL."),
    Aggregate("AVG", 1, 1, _average, "The average; of whole numbers without its fraction."),
    Aggregate("MIN", 1, 1, _ordered, "The smallest value."),
    Aggregate("MAX", 1, 1, _ordered, "The largest value."),
    Aggregate("STDDEV_POP", 1, 1, _spread, "The standard deviation of all values."),
    Aggregate("STDDEV_SAMP", 1, 1, _spread, "The standard deviation of a sample."),
    Aggregate("VAR_POP", 1, 1, _spread, "The variance of all values."),
    Aggregate("VAR_SAMP", 1, 1, _spread, "The variance of a sample."),
    Aggregate("FIRST_VALUE", 1, 1, _same, "The first value that is not NULL."),
    Aggregate("LAST_VALUE", 1, 1, _same, "The last value that is not NULL."),
    Aggregate("LISTAGG", 1, 2, _listagg, "The strings joined by a separator (',' by default)."),
    Aggregate("COLLECT", 1, 1, lambda types: t.MultisetType(types[0], nullable=False),
              "The values with their number.", empty_is_null=False),
    Aggregate("ARRAY_AGG", 1, 1, _array, "The values as an array; NULL for no rows."),
    Aggregate("SINGLE_VALUE", 1, 1, lambda types: types[0].nullable_(),
              "The one value; fails for several rows."),
    Aggregate("PERCENTILE", 2, 3, _percentile, "The value below which a part of the values lies.",
              _percentile_arguments),
    Aggregate("JSON_OBJECTAGG", 2, 2, _object, "A JSON object of keys and values.",
              empty_is_null=False),
    Aggregate("JSON_ARRAYAGG", 1, 1, lambda _: _JSON, "A JSON array of the values.",
              empty_is_null=False),
    *_bitmap_entries(),
)  # fmt: skip

_SUM_OR_ZERO: Final = Aggregate(
    "SUM0", 1, 1, _sum_or_zero, "The sum; 0 for no rows.", empty_is_null=False
)

#: Aggregates by name and alias.
AGGREGATES: Final[dict[str, Aggregate]] = {entry.name: entry for entry in _ENTRIES} | {
    "STDDEV": next(entry for entry in _ENTRIES if entry.name == "STDDEV_SAMP"),
    "$SUM0": _SUM_OR_ZERO,
    "VARIANCE": next(entry for entry in _ENTRIES if entry.name == "VAR_SAMP"),
}
