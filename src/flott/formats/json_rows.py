"""Many JSON objects to rows at once, field by field, and back.

A field of all objects is looked at as a column: where every value has the class that its type
means, nothing is converted. That is several times faster than going through each object, and what
most input is. The names are looked up in dicts, so the order of fields does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from flott.common.types import Row
from flott.formats.json_values import Reader, reader_of
from flott.formats.kinds import INT_BOUNDS, Kind, Shape

RowsReader = Callable[[list[Any]], list[Any]]
ObjectsMaker = Callable[[list[Any]], list[dict[str, Any]] | None]

_NONE: Final = type(None)
_INTEGERS: Final[frozenset[type]] = frozenset({int, _NONE})
_CLASSES: Final[dict[Kind, frozenset[type]]] = {
    Kind.STRING: frozenset({str, _NONE}),
    Kind.BOOLEAN: frozenset({bool, _NONE}),
    Kind.BIG_INT: _INTEGERS,
    Kind.FLOAT: frozenset({float, _NONE}),
    Kind.DOUBLE: frozenset({float, _NONE}),
    **dict.fromkeys(INT_BOUNDS, _INTEGERS),
}


def rows_reader_of(shape: Shape, fail_on_missing: bool = False) -> RowsReader | None:
    """A function from JSON values to records of a type; ``None`` if they stay as they are.

    It raises ``ValueError`` if any of them is wrong; ``reader_of`` says which and why.

    >>> shape = Shape(Kind.ROW, (Shape(Kind.INT32),), ("id",))
    >>> rows_reader_of(shape)([{"id": 1}, {}])
    [Row(id=1), Row(id=None)]
    """
    one_by_one = reader_of(shape, fail_on_missing)
    if one_by_one is None:
        return None
    if shape.kind is not Kind.ROW or fail_on_missing:
        return lambda values: list(map(one_by_one, values))
    names = shape.names
    columns = [
        (name, _column_reader(child, reader_of(child)))
        for name, child in zip(names, shape.children, strict=True)
    ]
    of_values = Row.of_values

    def read(values: list[Any]) -> list[Any]:
        if set(map(type, values)) - {dict}:
            return list(map(one_by_one, values))
        fields = [column([value.get(name) for value in values]) for name, column in columns]
        return [of_values(list(each), names) for each in zip(*fields, strict=True)]

    return read


def objects_of(shape: Shape) -> ObjectsMaker:
    """A function from rows of a type to the dicts they are as JSON, which needs no conversion.

    It gives ``None`` if one of them is no such row, or has a value that must be looked at.

    >>> make = objects_of(Shape(Kind.ROW, (Shape(Kind.INT32),), ("id",)))
    >>> make([Row(id=1), Row(2)]), make([Row("1")])
    ([{'id': 1}, {'id': 2}], None)
    """
    names = shape.names
    columns = [(_CLASSES.get(child.kind), INT_BOUNDS.get(child.kind)) for child in shape.children]
    if shape.kind is not Kind.ROW or any(
        classes is None or child.kind is Kind.FLOAT
        for (classes, _), child in zip(columns, shape.children, strict=True)
    ):
        return lambda rows: None

    def make(rows: list[Any]) -> list[dict[str, Any]] | None:
        if set(map(type, rows)) - {Row}:
            return None
        if any(row._names is not None and row._names != names for row in rows):
            return None
        fields = [row._values for row in rows]
        if set(map(len, fields)) - {len(names)}:
            return None
        for values, (classes, bounds) in zip(zip(*fields, strict=True), columns, strict=False):
            assert classes is not None, "checked above"
            if not classes.issuperset(map(type, values)) or not _are_within(values, bounds):
                return None
        return [dict(zip(names, each, strict=True)) for each in fields]

    return make


def _are_within(values: Sequence[Any], bounds: tuple[int, int] | None) -> bool:
    if bounds is None:
        return True
    numbers = values if None not in values else [value for value in values if value is not None]
    return not numbers or (min(numbers) >= bounds[0] and max(numbers) <= bounds[1])


def _column_reader(shape: Shape, reader: Reader | None) -> RowsReader:
    if reader is None:
        return lambda values: values
    classes = _CLASSES.get(shape.kind)
    bounds = INT_BOUNDS.get(shape.kind)

    def read(values: list[Any]) -> list[Any]:
        is_plain = classes is not None and classes.issuperset(map(type, values))
        if is_plain and _are_within(values, bounds):
            return values
        return [None if value is None else reader(value) for value in values]

    return read
