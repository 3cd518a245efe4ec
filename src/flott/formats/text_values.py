"""The text of a value to the value, and back, for CSV: a whole column at once where that is faster.

Numbers of a column are read as one JSON array, which is strict about notation and several times
faster than ``int`` and ``float`` one by one; text that JSON does not take ("007", "+1", "NaN") goes
the slow way. A reader of a column raises ``ValueError`` if any value of it is wrong.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson

from flott.common.java_reals import java_double, java_single
from flott.common.time import Instant
from flott.formats.json_values import parse_timestamp, to_json
from flott.formats.kinds import INT_BOUNDS, Kind, Shape

#: From the texts of a column to its values.
ColumnReader = Callable[[Sequence[str]], Sequence[Any]]
#: From a value that is not None to its text.
TextWriter = Callable[[Any], str]

_INT64: Final = (-(2**63), 2**63 - 1)


def column_reader(shape: Shape, null_value: str | None, separator: str | None) -> ColumnReader:
    """A function from a column's texts to its values.

    Args:
        shape: The type of the column.
        null_value: The text that stands for None; ``None`` for the empty text of columns that are
            not text themselves.
        separator: Between the elements of an array.

    Raises:
        ValueError: If texts cannot hold such values.

    >>> column_reader(Shape(Kind.INT32), None, None)(["1", "", "-3"])
    [1, None, -3]
    """
    if shape.kind is Kind.STRING and null_value is None:
        return _same
    read = _reader_of(shape, separator)
    null = "" if null_value is None else null_value

    def read_column(texts: Sequence[str]) -> Sequence[Any]:
        if null not in texts:
            return read(texts)
        values = iter(read([text for text in texts if text != null]))
        return [None if text == null else next(values) for text in texts]

    return read_column


def text_writer(shape: Shape, separator: str | None = None) -> TextWriter:
    """A function from values to texts.

    >>> text_writer(Shape(Kind.LIST, (Shape(Kind.BOOLEAN),)), ";")([True, False])
    'true;false'
    """
    match shape.kind:
        case Kind.STRING:
            return _write_string
        case Kind.BOOLEAN:
            return _write_boolean
        case Kind.LIST:
            return _list_writer(text_writer(shape.children[0]), separator or ";")
        case Kind.ANY:
            return _write_any
        case Kind.DOUBLE:
            return lambda value: java_double(float(value))
        case Kind.FLOAT:
            return lambda value: java_single(float(value))
        case Kind.MAP | Kind.TUPLE | Kind.ROW | Kind.RECORD:
            raise ValueError(f"a {shape.kind.value} cannot be written into one column of text")
        case _:
            return _write_any


def _same(texts: Sequence[str]) -> Sequence[str]:
    return texts


def _reader_of(shape: Shape, separator: str | None) -> ColumnReader:
    kind = shape.kind
    if kind in INT_BOUNDS:
        least, most = INT_BOUNDS[kind]
        return lambda texts: _read_integers(texts, least, most)
    if kind is Kind.LIST:
        return _list_reader(column_reader(shape.children[0], None, None), separator or ";")
    if kind in _COLUMN_READERS:
        return _COLUMN_READERS[kind]
    raise ValueError(f"a {kind.value} cannot be read from one column of text")


def _read_integers(texts: Sequence[str], least: int, most: int) -> Sequence[int]:
    values = _read_json(texts)
    if values is None or set(map(type, values)) - {int}:
        values = [_read_integer(text) for text in texts]
    if values and (min(values) < least or max(values) > most):
        wrong = next(value for value in values if not least <= value <= most)
        raise ValueError(f"{wrong} is not between {least} and {most}")
    return values


def _read_json(texts: Sequence[str]) -> list[Any] | None:
    """What the texts are as JSON, one value each; ``None`` if they are not."""
    try:
        values: list[Any] = orjson.loads(f"[{','.join(texts)}]")
    except ValueError:
        return None
    return values if len(values) == len(texts) else None


def _read_integer(text: str) -> int:
    if "_" not in text:
        try:
            return int(text)
        except ValueError:
            pass
    raise _mismatch("a whole number", text)


def _read_big_integers(texts: Sequence[str]) -> Sequence[int]:
    return [_read_integer(text) for text in texts]


def _read_floats(texts: Sequence[str]) -> Sequence[float]:
    values = _read_json(texts)
    if values is None or set(map(type, values)) - {int, float}:
        return [_read_float(text) for text in texts]
    return list(map(float, values))


def _read_float(text: str) -> float:
    if "_" not in text:
        try:
            return float(text)
        except ValueError:
            pass
    raise _mismatch("a number", text)


def _read_booleans(texts: Sequence[str]) -> Sequence[bool]:
    try:
        return [_BOOLEANS[text] for text in texts]
    except KeyError:
        return [_read_boolean(text) for text in texts]


def _read_boolean(text: str) -> bool:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise _mismatch("true or false", text)
    return value


def _each(what: str, parse: Callable[[str], Any]) -> ColumnReader:
    def read(texts: Sequence[str]) -> Sequence[Any]:
        values = []
        for text in texts:
            try:
                values.append(parse(text))
            except (ValueError, decimal.InvalidOperation):
                raise _mismatch(what, text) from None
        return values

    return read


def _parse_instant(text: str) -> Instant:
    moment = parse_timestamp(text).replace(tzinfo=datetime.UTC)
    return Instant.of_epoch_milli(math.floor(moment.timestamp() * 1000))


def _list_reader(read: ColumnReader, separator: str) -> ColumnReader:
    return lambda texts: [list(read(text.split(separator))) if text else [] for text in texts]


def _list_writer(write: TextWriter, separator: str) -> TextWriter:
    joint = "" if separator == "\0" else separator
    return lambda values: joint.join(["" if value is None else write(value) for value in values])


def _write_string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"declared as String, found {type(value).__name__} {value!r:.80}")


def _write_boolean(value: Any) -> str:
    return "true" if value else "false"


def _write_any(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, decimal.Decimal)):
        return str(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    text = to_json(value)
    if isinstance(text, str):
        return text
    raise TypeError(f"{type(value).__name__} cannot be written into one column of text")


def _mismatch(expected: str, text: str) -> ValueError:
    return ValueError(f"expected {expected}, found {text[:80]!r}")


_BOOLEANS: Final = {"true": True, "false": False}
_COLUMN_READERS: Final[dict[Kind, ColumnReader]] = {
    Kind.ANY: _same,
    Kind.STRING: _same,
    Kind.BOOLEAN: _read_booleans,
    Kind.BIG_INT: _read_big_integers,
    Kind.FLOAT: _read_floats,
    Kind.DOUBLE: _read_floats,
    Kind.DECIMAL: _each("a decimal number", decimal.Decimal),
    Kind.DATE: _each("a date", datetime.date.fromisoformat),
    Kind.TIME: _each("a time", datetime.time.fromisoformat),
    Kind.TIMESTAMP: _each("a timestamp", parse_timestamp),
    Kind.INSTANT: _each("a timestamp", _parse_instant),
    Kind.BYTES: _each("Base64 text", lambda text: base64.b64decode(text, validate=True)),
}
