"""Many JSON objects to rows at once, field by field, and back.

A field of all objects is looked at as a column: where every value has the class that its type
means, nothing is converted. That is several times faster than going through each object, and what
most input is. The names are looked up in dicts, so the order of fields does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from flott.common.types import Row, RowKind
from flott.formats.json_values import Reader, reader_of
from flott.formats.kinds import INT_BOUNDS, Kind, Shape
from flott.kernels.rows import BOOLEAN, REAL, TEXT, WHOLE, RowClass, RowTexts

#: From messages to records; raises if one is broken.
MessagesReader = Callable[[list[bytes]], list[Any]]
RowsReader = Callable[[list[Any]], list[Any]]

#: Fields that kernels read as ``reader_of`` does: their kind of value and of column.
PLAIN_COLUMNS: Final[dict[Kind, tuple[int, str]]] = {
    Kind.BOOLEAN: (0, "b"),
    Kind.INT8: (1, "c"),
    Kind.INT16: (1, "s"),
    Kind.INT32: (1, "i"),
    Kind.INT64: (1, "l"),
    Kind.FLOAT: (2, "g"),
    Kind.DOUBLE: (2, "g"),
    Kind.STRING: (12, "vu"),
}
#: Fields that the kernel writes as ``dumps`` does.
_TEXTS: Final[dict[Kind, int]] = {
    Kind.STRING: TEXT,
    Kind.BOOLEAN: BOOLEAN,
    Kind.DOUBLE: REAL,
    Kind.BIG_INT: WHOLE,
    **dict.fromkeys(INT_BOUNDS, WHOLE),
}
_WIDEST: Final = (-(2**63), 2**63 - 1)
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


def messages_reader_of(shape: Shape, fail_on_missing: bool = False) -> MessagesReader:
    """A function from JSON messages to records of a type, one for each.

    It raises ``ValueError`` if any of them is wrong; ``reader_of`` says which and why.

    >>> messages_reader_of(Shape(Kind.ROW, (Shape(Kind.INT32),), ("id",)))([b'{"id":1}', b"{}"])
    [Row(id=1), Row(id=None)]
    """
    kernel = kernel_reader_of(shape, fail_on_missing)
    if kernel is not None:
        return kernel
    read = rows_reader_of(shape, fail_on_missing)

    def read_messages(messages: list[bytes]) -> list[Any]:
        values = list(map(orjson.loads, messages))
        return values if read is None else read(values)

    return read_messages


def kernel_reader_of(shape: Shape, fail_on_missing: bool = False) -> KernelReader | None:
    """What ``messages_reader_of`` gives for rows of plain fields; ``None`` for other types."""
    if (
        shape.kind is Kind.ROW
        and shape.names
        and PLAIN_COLUMNS.keys() >= {child.kind for child in shape.children}
    ):
        return KernelReader(shape, fail_on_missing)
    return None


class KernelReader:
    """Reads rows of plain fields by a kernel, and what it does not take one by one.

    Args:
        shape: Their type.
        fail_on_missing: Whether fields that a JSON object lacks are an error.
    """

    def __init__(self, shape: Shape, fail_on_missing: bool) -> None:
        self._names = shape.names
        self._specs: list[tuple[Any, ...]] = [
            (name, *PLAIN_COLUMNS[child.kind], 0, 0, False, [])
            for name, child in zip(shape.names, shape.children, strict=True)
        ]
        self._fail_on_missing = fail_on_missing
        self._read_one = reader_of(shape, fail_on_missing)
        self._rows = RowClass(Row, RowKind.INSERT)
        self._kernel: Any = None

    def __call__(self, messages: list[bytes]) -> list[Any]:
        """Return the rows of messages."""
        import polars as pl  # large, and not needed by jobs without messages

        return self.read_column(pl.Series(messages, dtype=pl.Binary))

    def read_column(self, messages: Any) -> list[Any]:
        """Return the rows of a column of messages without NULL."""
        if self._kernel is None:
            from flott.kernels._native import JsonMessages

            self._kernel = JsonMessages(self._specs, False, self._fail_on_missing)
        count, frame, origins, _ = self._kernel.read(messages)
        rows = self._rows.make(self._names, frame)
        if count == len(messages):
            return rows
        return self._complete(rows, origins, messages.to_list())

    def _complete(self, rows: list[Any], origins: Any, messages: list[bytes]) -> list[Any]:
        """Put what the kernel left out between the rows it read."""
        import polars as pl

        read_one = self._read_one
        assert read_one is not None, "rows are read"
        placed = dict(zip(pl.DataFrame(origins).to_series().to_list(), rows, strict=True))
        return [
            placed[position] if position in placed else read_one(orjson.loads(message))
            for position, message in enumerate(messages)
        ]


def texts_of(
    shape: Shape,
    write_one: Callable[[Any], bytes],
    csv: tuple[str, str, str, str] | None = None,
) -> RowTexts | None:
    """A kernel that writes rows of a type as JSON; ``None`` if it has fields that are not plain.

    Args:
        shape: The type of the rows.
        write_one: Writes or refuses what is not such a row, or has a value to be looked at.
        csv: The delimiter, the quote (or nothing), the text of None and the line end of CSV, if
            rows are to be written as that.
    """
    kinds = [_TEXTS.get(child.kind) for child in shape.children]
    if shape.kind is not Kind.ROW or not kinds or None in kinds:
        return None
    fields = [
        (kind, *INT_BOUNDS.get(child.kind, _WIDEST))
        for kind, child in zip(kinds, shape.children, strict=True)
        if kind is not None
    ]
    return RowTexts(RowClass(Row, RowKind.INSERT), shape.names, fields, write_one, csv)


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
