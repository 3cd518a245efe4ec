"""Types from what Python programs say anyway: hints, dataclasses, NamedTuples, sample values.

What is inferred describes a stream, in plans and to columnar sinks. Where Python says less than a
TypeInformation needs (``Any``, unions, unknown classes) the answer is the pickled type, which
accepts everything; inference never refuses a program that would run.
"""

from __future__ import annotations

import datetime
import decimal
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flott.common.composite_types import RecordClassTypeInfo
from flott.common.time import Instant
from flott.common.typeinfo import TypeInformation, Types
from flott.common.types import Row

__all__ = [
    "element_hint",
    "return_hint",
    "return_type_info",
    "type_info_from_hint",
    "type_info_from_value",
    "type_info_from_values",
]

_BASIC_HINTS: dict[Any, Callable[[], TypeInformation]] = {
    int: Types.LONG,
    float: Types.DOUBLE,
    str: Types.STRING,
    bool: Types.BOOLEAN,
    bytes: lambda: Types.PRIMITIVE_ARRAY(Types.BYTE()),
    decimal.Decimal: Types.BIG_DEC,
    datetime.date: Types.SQL_DATE,
    datetime.time: Types.SQL_TIME,
    datetime.datetime: Types.SQL_TIMESTAMP,
    Instant: Types.INSTANT,
}

_LIST_ORIGINS = frozenset({list, Sequence})
_MAP_ORIGINS = frozenset({dict, Mapping})


def type_info_from_hint(hint: Any) -> TypeInformation:
    """Return the type that a Python type hint describes.

    Raises:
        TypeError: if the value is not a type at all, such as a number.

    >>> type_info_from_hint(dict[str, list[int]])
    MapTypeInfo<String, ListTypeInfo<Long>>
    >>> type_info_from_hint(tuple[int, str | None])
    TupleTypeInfo(Long, String)
    """
    return _from_hint(hint, frozenset())


def _from_hint(hint: Any, open_classes: frozenset[type]) -> TypeInformation:
    if isinstance(hint, TypeInformation):
        return hint
    basic = _BASIC_HINTS.get(hint) if _is_hashable(hint) else None
    if basic is not None:
        return basic()
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return _from_annotated(hint, open_classes)
    if origin is not None:
        return _from_generic(origin, typing.get_args(hint), open_classes)
    if isinstance(hint, type):
        return _from_class(hint, open_classes)
    supertype = getattr(hint, "__supertype__", None)
    if supertype is not None:  # typing.NewType
        return _from_hint(supertype, open_classes)
    if hint is None or hint is Any or isinstance(hint, (str, typing.TypeVar, typing.ForwardRef)):
        return Types.PICKLED_BYTE_ARRAY()
    if type(hint).__module__ in ("typing", "types", "typing_extensions"):
        return Types.PICKLED_BYTE_ARRAY()
    raise TypeError(f"Expected a type, for example Types.INT() or int, found {hint!r}")


def _from_annotated(hint: Any, open_classes: frozenset[type]) -> TypeInformation:
    """Take ``Annotated[int, Types.INT()]`` by its annotation, other annotations by their type."""
    base, *extras = typing.get_args(hint)
    for extra in extras:
        if isinstance(extra, TypeInformation):
            return extra
    return _from_hint(base, open_classes)


def _from_generic(
    origin: Any, arguments: tuple[Any, ...], open_classes: frozenset[type]
) -> TypeInformation:
    if origin is typing.Union or origin is types.UnionType:
        present = [each for each in arguments if each is not type(None)]
        return (
            _from_hint(present[0], open_classes)
            if len(present) == 1
            else Types.PICKLED_BYTE_ARRAY()
        )
    if origin is tuple:
        if not arguments or Ellipsis in arguments:
            return Types.PICKLED_BYTE_ARRAY()
        return Types.TUPLE([_from_hint(each, open_classes) for each in arguments])
    if origin in _LIST_ORIGINS:
        return Types.LIST(_from_hint(arguments[0], open_classes))
    if origin in _MAP_ORIGINS:
        key, value = (_from_hint(each, open_classes) for each in arguments)
        return Types.MAP(key, value)
    return Types.PICKLED_BYTE_ARRAY()


def _from_class(cls: type, open_classes: frozenset[type]) -> TypeInformation:
    """Describe a class: dataclasses and NamedTuples by their fields, others as pickled."""
    names = _record_fields(cls)
    if names is None or cls in open_classes:  # a class that contains itself ends here
        return Types.PICKLED_BYTE_ARRAY()
    hints = _hints_of(cls)
    inner = open_classes | {cls}
    field_types = [_from_hint(hints.get(name, Any), inner) for name in names]
    return RecordClassTypeInfo(cls, names, field_types)


def _record_fields(cls: type) -> list[str] | None:
    """Return the field names of a dataclass or NamedTuple, None for other classes."""
    fields = getattr(cls, "__dataclass_fields__", None)
    if fields is not None:
        # ClassVar and InitVar are listed too, but are not fields; their kind has these names.
        return [name for name, field in fields.items() if field._field_type.name == "_FIELD"]
    if issubclass(cls, tuple) and isinstance(getattr(cls, "_fields", None), tuple):
        return list(cls._fields)  # type: ignore[attr-defined]
    return None


def _hints_of(obj: Any) -> dict[str, Any]:
    """Resolve annotations; whatever cannot be resolved counts as not written."""
    try:
        return typing.get_type_hints(obj, include_extras=True)
    except Exception:  # annotations are user code: names may be missing, expressions may fail
        try:
            raw = dict(getattr(obj, "__annotations__", None) or {})
        except Exception:
            return {}
        return {name: hint for name, hint in raw.items() if not isinstance(hint, str)}


def return_hint(function: Callable[..., Any]) -> Any | None:
    """Return the hint after ``->`` of a function, method, partial or callable object.

    None if there is none, as with every lambda.
    """
    while hasattr(function, "func") and hasattr(function, "keywords"):  # functools.partial
        function = function.func
    if isinstance(function, type):
        return function
    if not hasattr(function, "__code__") and not hasattr(function, "__func__"):
        function = type(function).__call__
    function = getattr(function, "__func__", function)
    return _hints_of(function).get("return")


def element_hint(hint: Any) -> Any | None:
    """Return what a hint of an iterable yields: ``int`` for ``Iterator[int]``; None if unknown.

    >>> from collections.abc import Iterator
    >>> element_hint(Iterator[int])
    <class 'int'>
    """
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Union or origin is types.UnionType:
        present = [each for each in arguments if each is not type(None)]
        return element_hint(present[0]) if len(present) == 1 else None
    if not isinstance(origin, type) or not issubclass(origin, Iterable) or not arguments:
        return None
    if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
        return None
    return None if issubclass(origin, Mapping) else arguments[0]


def return_type_info(
    function: Callable[..., Any], *, of_elements: bool = False
) -> TypeInformation | None:
    """Return the type a function returns by its annotation; None if it says nothing useful.

    Args:
        function: a function, bound method, partial or callable object.
        of_elements: describe what the returned iterable yields, as ``flat_map`` needs it.

    >>> def parse(line: str) -> tuple[str, int]: ...
    >>> return_type_info(parse)
    TupleTypeInfo(String, Long)
    """
    hint = return_hint(function)
    if hint is not None and of_elements:
        hint = element_hint(hint)
    if hint is None or hint is type(None):
        return None
    try:
        type_info = type_info_from_hint(hint)
    except TypeError:  # an annotation may be any expression
        return None
    return None if type_info == Types.PICKLED_BYTE_ARRAY() else type_info


def type_info_from_value(value: Any) -> TypeInformation:
    """Describe one value by its class and content.

    >>> type_info_from_value(Row(id=1, tags=["a"]))
    RowTypeInfo(id: Long, tags: ListTypeInfo<String>)
    """
    return type_info_from_values([value])


def type_info_from_values(values: Iterable[Any]) -> TypeInformation:
    """Describe sample values by one type; pickled where they differ. None fits every type.

    >>> type_info_from_values([(1, None), (2, "b")])
    TupleTypeInfo(Long, String)
    >>> type_info_from_values([1, "a"])
    PickledByteArrayTypeInfo
    """
    return _from_samples([value for value in values if value is not None], 8)


def _from_samples(samples: list[Any], depth: int) -> TypeInformation:
    classes = set(map(type, samples))
    if len(classes) != 1 or depth == 0:
        return Types.PICKLED_BYTE_ARRAY()
    cls = classes.pop()
    basic = _BASIC_HINTS.get(cls)
    if basic is not None:
        return basic()
    if cls is Row:
        return _from_rows(samples, depth)
    if cls is tuple:
        return _from_tuples(samples, depth)
    if cls is list:
        return Types.LIST(_from_parts((each for one in samples for each in one), depth))
    if cls is dict:
        keys = _from_parts((key for one in samples for key in one), depth)
        return Types.MAP(keys, _from_parts((v for one in samples for v in one.values()), depth))
    return _from_class(cls, frozenset())


def _from_parts(parts: Iterable[Any], depth: int) -> TypeInformation:
    return _from_samples([part for part in parts if part is not None], depth - 1)


def _from_tuples(samples: list[tuple[Any, ...]], depth: int) -> TypeInformation:
    if len(set(map(len, samples))) != 1 or not samples[0]:
        return Types.PICKLED_BYTE_ARRAY()
    return Types.TUPLE([_from_parts(column, depth) for column in zip(*samples, strict=True)])


def _from_rows(samples: list[Row], depth: int) -> TypeInformation:
    names = samples[0]._names
    if any(row._names != names for row in samples) or len(set(map(len, samples))) != 1:
        return Types.PICKLED_BYTE_ARRAY()
    field_types = [_from_parts(column, depth) for column in zip(*samples, strict=True)]
    return Types.ROW(field_types) if names is None else Types.ROW_NAMED(names, field_types)


def _is_hashable(obj: object) -> bool:
    try:
        hash(obj)
    except TypeError:
        return False
    return True
