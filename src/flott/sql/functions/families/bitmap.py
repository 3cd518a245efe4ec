"""Functions of BITMAP: sets of 32-bit numbers, kept as Roaring bitmaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.kernels.columns import roaring
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import BIGINT, BINARY, BYTES, INT, STRING, among, signature

_TYPE: Final = t.BitmapType()
BITMAP: Final = among("BITMAP", t.BitmapType, null=_TYPE)


def _infer_build(call: Arguments) -> Resolution | None:
    if len(call) != 1 or not isinstance(call.types[0], t.ArrayType | t.NullType):
        return None
    given = call.types[0]
    numbers = t.ArrayType(INT, nullable=given.nullable)
    if isinstance(given, t.ArrayType):
        element = given.element_type
        if not (isinstance(element, t.IntegralType) and element.bits <= INT.bits):
            return None
        numbers = t.ArrayType(INT.with_nullable(element.nullable), nullable=given.nullable)
    return Resolution(_TYPE.with_nullable(given.nullable), (numbers,))


def _build(numbers: list[int | None]) -> bytes:
    return roaring.write(number for number in numbers if number is not None)


def _signed(number: int) -> int:
    return number - (1 << 32) if number >> 31 else number


def _to_array(bitmap: bytes) -> list[int]:
    return [_signed(number) for number in roaring.read(bitmap)]


def _checked(data: bytes) -> bytes | None:
    try:
        return roaring.write(roaring.read(data))
    except ValueError:
        return None


def _from_bytes(site: Site) -> pl.Expr:
    bitmap = in_python(_checked)(site)
    broken = bitmap.is_null() & site.arg(0).is_not_null()
    site.fail_where(broken, "BITMAP_FROM_BYTES: the bytes are not a Roaring bitmap")
    return bitmap


def _combining(operation: str) -> Callable[[Site], pl.Expr]:
    return in_python(lambda one, two: roaring.combined((one, two), operation))


_OF_BITMAP = {
    returns: signature(BITMAP, returns=returns)
    for returns in (BIGINT, BYTES, STRING, t.ArrayType(INT))
}
_TWO = signature(BITMAP, BITMAP, returns=_TYPE)
_ONE_TO_THREE = "BITMAP_BUILD(ARRAY[1, 2, 3])"


def _set_function(name: str, doc: str, expected: str) -> FunctionEntry:
    example = f"BITMAP_TO_STRING({name}({_ONE_TO_THREE}, BITMAP_BUILD(ARRAY[3, 4])))"
    compute = _combining(name.removeprefix("BITMAP_"))
    return FunctionEntry(name, _TWO, compute, doc, "two bitmaps", [(example, expected)])


ENTRIES: Final = (
    FunctionEntry("BITMAP_BUILD", _infer_build, in_python(_build), "The bitmap of some numbers.",
                  "array of INT", [(f"BITMAP_TO_STRING({_ONE_TO_THREE})", "{1,2,3}")]),
    FunctionEntry("BITMAP_CARDINALITY", _OF_BITMAP[BIGINT], in_python(roaring.cardinality),
                  "How many numbers a bitmap has.", "bitmap",
                  [(f"BITMAP_CARDINALITY({_ONE_TO_THREE})", 3)]),
    FunctionEntry("BITMAP_TO_ARRAY", _OF_BITMAP[t.ArrayType(INT)], in_python(_to_array),
                  "The numbers of a bitmap, in the order of unsigned ones.", "bitmap",
                  [("BITMAP_TO_ARRAY(BITMAP_BUILD(ARRAY[-1, 2]))", [2, -1])]),
    FunctionEntry("BITMAP_TO_STRING", _OF_BITMAP[STRING], in_python(roaring.text),
                  "The numbers of a bitmap, unsigned, as text.", "bitmap",
                  [("BITMAP_TO_STRING(BITMAP_BUILD(ARRAY[-1, 2]))", "{2,4294967295}")]),
    FunctionEntry("BITMAP_TO_BYTES", _OF_BITMAP[BYTES], in_python(lambda bitmap: bitmap),
                  "A bitmap in the portable format of Roaring bitmaps.", "bitmap",
                  [("BITMAP_TO_BYTES(BITMAP_BUILD(ARRAY[1]))",
                    "3a3000000100000000000000100000000100")]),
    FunctionEntry("BITMAP_FROM_BYTES", signature(BINARY, returns=_TYPE), _from_bytes,
                  "A bitmap of the portable format of Roaring bitmaps.", "bytes",
                  [(f"BITMAP_TO_STRING(BITMAP_FROM_BYTES(BITMAP_TO_BYTES({_ONE_TO_THREE})))",
                    "{1,2,3}")]),
    _set_function("BITMAP_AND", "The numbers of both bitmaps.", "{3}"),
    _set_function("BITMAP_OR", "The numbers of either bitmap.", "{1,2,3,4}"),
    _set_function("BITMAP_XOR", "The numbers of one of two bitmaps, not of both.", "{1,2,4}"),
    _set_function("BITMAP_ANDNOT", "The numbers of the first bitmap without the second's.",
                  "{1,2}"),
)  # fmt: skip
