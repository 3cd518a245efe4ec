"""Functions of arrays and maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.rules import can_cast_implicitly
from flott.sql.functions.coercion import common_type
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, FunctionEntry, Inference, Resolution
from flott.sql.functions.java_format import java_characters
from flott.sql.functions.java_regex import java_split
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import (
    ARRAY,
    AS_INT,
    BOOLEAN,
    INT,
    STRING,
    TEXT,
    TRUTH,
    Kind,
    same_as,
    signature,
)

_STRINGS: Final = t.ArrayType(STRING)
_TEXTS: Final = t.MapType(STRING, STRING)
_TEXT_ARRAY: Final = Kind(
    "ARRAY of strings",
    lambda given: (
        given
        if isinstance(given, t.ArrayType)
        and isinstance(given.element_type, (t.CharType, t.VarCharType))
        else None
    ),
)


def _infer_with_element(result: Callable[[t.ArrayType, bool], t.DataType], adds: bool) -> Inference:
    """An array and an element: both get one element type. ``adds``: the element goes in."""

    def infer(call: Arguments) -> Resolution | None:
        array = call.types[0] if len(call) == 2 else None
        if not isinstance(array, t.ArrayType):
            return None
        given = call.types[1]
        element = common_type((array.element_type, given))
        if element is None or not can_cast_implicitly(given, array.element_type):
            return None
        if not adds:
            element = element.with_nullable(array.element_type.nullable)
        wide = t.ArrayType(element, nullable=array.nullable)
        wanted = element.with_nullable(given.nullable or isinstance(given, t.NullType))
        return Resolution(result(wide, given.nullable), (wide, wanted))

    return infer


def _infer_arrays(call: Arguments) -> Resolution | None:
    """Several arrays with one element type."""
    if not len(call) or not all(isinstance(each, t.ArrayType) for each in call.types):
        return None
    common = common_type(call.types)
    if common is None:
        return None
    return Resolution(common.with_nullable(call.any_nullable()), (common,) * len(call))


def _infer_two(call: Arguments) -> Resolution | None:
    return _infer_arrays(call) if len(call) == 2 else None


#: Types whose values have no order among the elements of an array.
_WITHOUT_ORDER: Final = (t.BooleanType, t.YearMonthIntervalType, t.DayTimeIntervalType)


def _element_type(call: Arguments) -> t.DataType | None:
    array = call.types[0]
    if not isinstance(array, t.ArrayType) or isinstance(array.element_type, _WITHOUT_ORDER):
        return None
    return array.element_type if isinstance(array.element_type, t.AtomicType) else None


def _sortable(call: Arguments) -> t.DataType | None:
    return call.types[0] if _element_type(call) is not None else None


def _contains(site: Site) -> pl.Expr:
    array, element = site.args()
    constant = site.constant(1)
    if constant is not NOT_CONSTANT and constant is not None:
        found = array.list.contains(element).fill_null(False)
        return pl.when(array.is_not_null()).then(found)
    return in_python(lambda a, e: None if a is None else e in a, pl.Boolean(), keeps_null=True)(
        site
    )


def _sort(site: Site) -> pl.Expr:
    ascending, first = site.constant(1), site.constant(2)
    ascending = True if ascending is NOT_CONSTANT and len(site) < 2 else ascending
    first = ascending if first is NOT_CONSTANT and len(site) < 3 else first
    if isinstance(ascending, bool) and isinstance(first, bool):
        return site.arg(0).list.sort(descending=not ascending, nulls_last=not first)
    return in_python(_sorted)(site)


def _sorted(array: list[Any], ascending: bool = True, nulls_first: bool | None = None) -> list[Any]:
    known = sorted((each for each in array if each is not None), reverse=not ascending)
    nulls = [None] * (len(array) - len(known))
    first = ascending if nulls_first is None else nulls_first
    return nulls + known if first else known + nulls


def _distinct(array: list[Any]) -> list[Any]:
    found: list[Any] = []
    for each in array:
        if each not in found:
            found.append(each)
    return found


def slice_array(array: list[Any], start: int, end: int | None = None) -> list[Any]:
    """Elements from ``start`` to ``end``, both counted from 1, or from the end where negative.

    >>> slice_array([1, 2, 3, 4], -3, -2)
    [2, 3]
    """
    size = len(array)
    stop = size if end is None else end
    if not size:
        return []
    first = 1 if start == 0 else start if start > 0 else max(size + start + 1, 1)
    last = 1 if stop == 0 else stop if stop > 0 else max(size + stop + 1, 1)
    return array[first - 1 : last] if first <= last else []


def _join(array: list[str | None], separator: str, null: str | None = None) -> str:
    texts = [null if each is None else each for each in array]
    return separator.join(each for each in texts if each is not None)


def _position(array: list[Any], element: Any) -> int:
    return array.index(element) + 1 if element in array else 0


def _remove(array: list[Any] | None, element: Any) -> list[Any] | None:
    return None if array is None else [each for each in array if each != element]


def _append(array: list[Any] | None, element: Any) -> list[Any] | None:
    return None if array is None else [*array, element]


def _prepend(array: list[Any] | None, element: Any) -> list[Any] | None:
    return None if array is None else [element, *array]


def _concat(*arrays: list[Any]) -> list[Any]:
    return [each for array in arrays for each in array]


def _split(text: str, separator: str) -> list[str]:
    if not text:
        return []
    return text.split(separator) if separator else java_characters(text)


def _str_to_map(text: str, entries: str = ",", pair: str = "=") -> list[dict[str, Any]]:
    found: list[tuple[str, str | None]] = []
    for entry in java_split(text, entries) if text else []:
        key, *rest = java_split(entry, pair, 2)
        found.append((key, rest[0] if rest else None))
    return _entries(found)


def _entries(pairs: Iterable[tuple[Any, Any]]) -> list[dict[str, Any]]:
    """The entries of a map; of equal keys the last one counts."""
    last = {_hashable(key): {"key": key, "value": value} for key, value in pairs}
    return list(last.values())


def _hashable(key: Any) -> Any:
    if isinstance(key, dict):
        return tuple(map(_hashable, key.values()))
    return tuple(map(_hashable, key)) if isinstance(key, list) else key


def _map_from_arrays_site(site: Site) -> pl.Expr:
    keys, values = site.args()
    site.fail_where(keys.list.len() != values.list.len(), "MAP_FROM_ARRAYS of unequal lengths")

    def build(one: list[Any], two: list[Any]) -> list[dict[str, Any]] | None:
        return _entries(zip(one, two, strict=True)) if len(one) == len(two) else None

    return in_python(build)(site)


def _map_union(*maps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return _entries((entry["key"], entry["value"]) for each in maps for entry in each)


def _infer_maps(call: Arguments) -> Resolution | None:
    if not len(call) or not all(isinstance(each, t.MapType) for each in call.types):
        return None
    common = common_type(call.types)
    if common is None:
        return None
    return Resolution(common.with_nullable(call.any_nullable()), (common,) * len(call))


def _infer_map_from(call: Arguments) -> Resolution | None:
    keys, values = call.types if len(call) == 2 else (None, None)
    if not (isinstance(keys, t.ArrayType) and isinstance(values, t.ArrayType)):
        return None
    result = t.MapType(keys.element_type, values.element_type, nullable=call.any_nullable())
    return Resolution(result, call.types)


def _map_part(part: Callable[[t.MapType], t.DataType]) -> Inference:
    def infer(call: Arguments) -> Resolution | None:
        given = call.types[0] if len(call) == 1 else None
        if not isinstance(given, t.MapType):
            return None
        return Resolution(t.ArrayType(part(given), nullable=given.nullable), call.types)

    return infer


def _entry_row(given: t.MapType) -> t.DataType:
    return t.RowType.of(("key", given.key_type), ("value", given.value_type))


def _keys_or_values(name: str) -> Callable[[Site], pl.Expr]:
    return lambda site: site.arg(0).list.eval(pl.element().struct.field(name))


_ARRAY = "array"
_SAME_ARRAY = _infer_with_element(lambda array, _: array, adds=False)
_ADDING = _infer_with_element(
    lambda array, nullable: array.with_nullable(array.nullable or nullable), adds=True
)
_FINDING = _infer_with_element(lambda array, nullable: INT.with_nullable(
    array.nullable or nullable), adds=False)  # fmt: skip
_HOLDING = _infer_with_element(lambda array, _: BOOLEAN.with_nullable(array.nullable), adds=False)

ENTRIES: Final = (
    FunctionEntry("ARRAY_APPEND", _ADDING, in_python(_append, keeps_null=True),
                  "With an element at its end.", "array, element",
                  [("ARRAY_APPEND(ARRAY[1], 2)", [1, 2])]),
    FunctionEntry("ARRAY_PREPEND", _ADDING, in_python(_prepend, keeps_null=True),
                  "With an element at its start.", "array, element",
                  [("ARRAY_PREPEND(ARRAY[1], 2)", [2, 1])]),
    FunctionEntry("ARRAY_CONCAT", _infer_arrays, in_python(_concat), "Arrays joined.",
                  "array, array ...", [("ARRAY_CONCAT(ARRAY[1], ARRAY[2])", [1, 2])]),
    FunctionEntry("ARRAY_CONTAINS", _HOLDING, _contains, "Whether an element is in an array.",
                  "array, element", [("ARRAY_CONTAINS(ARRAY[1, 2], 2)", True)]),
    FunctionEntry("ARRAY_DISTINCT", signature(ARRAY, returns=same_as(0)), in_python(_distinct),
                  "Every element once.", _ARRAY, [("ARRAY_DISTINCT(ARRAY[1, 2, 1])", [1, 2])]),
    FunctionEntry("ARRAY_EXCEPT", _infer_two,
                  in_python(lambda a, b: _distinct([each for each in a if each not in b])),
                  "The elements of the first that are not in the second, once.", "array, array",
                  [("ARRAY_EXCEPT(ARRAY[1, 2], ARRAY[2])", [1])]),
    FunctionEntry("ARRAY_INTERSECT", _infer_two,
                  in_python(lambda a, b: _distinct([each for each in a if each in b])),
                  "The elements that are in both, once.", "array, array",
                  [("ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2])", [2])]),
    FunctionEntry("ARRAY_UNION", _infer_two, in_python(lambda a, b: _distinct(a + b)),
                  "The elements of both, once.", "array, array",
                  [("ARRAY_UNION(ARRAY[1, 2], ARRAY[2])", [1, 2])]),
    FunctionEntry("ARRAY_JOIN", signature(_TEXT_ARRAY, TEXT, optional=(TEXT,), returns=STRING),
                  in_python(_join), "The elements as one string; NULLs left out, or replaced.",
                  "array of strings, separator, [for NULL]",
                  [("ARRAY_JOIN(ARRAY['a', 'b'], '-')", "a-b")]),
    FunctionEntry("ARRAY_MAX", signature(ARRAY, returns=_element_type, nullable=True),
                  lambda site: site.arg(0).list.max(), "The largest element.", _ARRAY,
                  [("ARRAY_MAX(ARRAY[1, 3])", 3)]),
    FunctionEntry("ARRAY_MIN", signature(ARRAY, returns=_element_type, nullable=True),
                  lambda site: site.arg(0).list.min(), "The smallest element.", _ARRAY,
                  [("ARRAY_MIN(ARRAY[1, 3])", 1)]),
    FunctionEntry("ARRAY_POSITION", _FINDING, in_python(_position),
                  "Where an element is, from 1; 0 if it is not there.", "array, element",
                  [("ARRAY_POSITION(ARRAY[5, 6], 6)", 2)]),
    FunctionEntry("ARRAY_REMOVE", _SAME_ARRAY, in_python(_remove, keeps_null=True),
                  "Without the elements equal to one.", "array, element",
                  [("ARRAY_REMOVE(ARRAY[1, 2, 1], 1)", [2])]),
    FunctionEntry("ARRAY_REVERSE", signature(ARRAY, returns=same_as(0)),
                  lambda site: site.arg(0).list.reverse(), "The other way round.", _ARRAY,
                  [("ARRAY_REVERSE(ARRAY[1, 2])", [2, 1])]),
    FunctionEntry("ARRAY_SLICE", signature(ARRAY, AS_INT, optional=(AS_INT,), returns=same_as(0)),
                  in_python(slice_array), "A part of an array.", "array, start, [end]",
                  [("ARRAY_SLICE(ARRAY[1, 2, 3], 2, 3)", [2, 3])]),
    FunctionEntry("ARRAY_SORT", signature(ARRAY, optional=(TRUTH, TRUTH), returns=_sortable),
                  _sort, "In order.", "array, [is ascending, [NULLs first]]",
                  [("ARRAY_SORT(ARRAY[2, 1])", [1, 2])]),
    FunctionEntry("SPLIT", signature(TEXT, TEXT, returns=_STRINGS), in_python(_split),
                  "The parts of a string between separators.", "string, separator",
                  [("SPLIT('a,b', ',')", ["a", "b"])]),
    FunctionEntry("STR_TO_MAP", signature(TEXT, optional=(TEXT, TEXT), returns=_TEXTS,
                                          nullable=True),
                  in_python(_str_to_map), "A map from text like a=1,b=2.",
                  "string, [separator, [sign]]", [("STR_TO_MAP('a=1,b=2')['b']", "2")]),
    FunctionEntry("MAP_KEYS", _map_part(lambda given: given.key_type), _keys_or_values("key"),
                  "The keys.", "map", [("MAP_KEYS(MAP['a', 1])", ["a"])]),
    FunctionEntry("MAP_VALUES", _map_part(lambda given: given.value_type),
                  _keys_or_values("value"), "The values.", "map",
                  [("MAP_VALUES(MAP['a', 1])", [1])]),
    FunctionEntry("MAP_ENTRIES", _map_part(_entry_row), lambda site: site.arg(0),
                  "The entries as rows.", "map", [("CARDINALITY(MAP_ENTRIES(MAP['a', 1]))", 1)]),
    FunctionEntry("MAP_FROM_ARRAYS", _infer_map_from, _map_from_arrays_site,
                  "A map of keys and their values.", "array, array",
                  [("MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1])['a']", 1)]),
    FunctionEntry("MAP_UNION", _infer_maps, in_python(_map_union),
                  "Maps joined; later ones win.", "map ...",
                  [("MAP_UNION(MAP['a', 1], MAP['a', 2])['a']", 2)]),
)  # fmt: skip
