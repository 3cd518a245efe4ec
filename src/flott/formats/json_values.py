"""JSON values to Python values of declared types, and back.

Dates, times and timestamps are ISO 8601 text, bytes are Base64 text, decimals and whole numbers
beyond 64 bits may be text or numbers. A reader is put together once from a type; ``None`` in place
of a reader means that values stay as they are.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
from collections.abc import Callable
from typing import Any, Final

import orjson

from flott.common.time import Instant
from flott.common.types import Row
from flott.formats.kinds import INT_BOUNDS, Kind, Shape

Reader = Callable[[Any], Any]

#: How JSON is written: maps may have keys that are not strings.
WRITE_OPTIONS: Final = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def reader_of(shape: Shape, fail_on_missing: bool = False) -> Reader | None:
    """A function from JSON values to values of a type.

    Args:
        shape: The type.
        fail_on_missing: Whether fields that a JSON object lacks are an error; else they are None.

    >>> from flott.common import Types
    >>> from flott.formats.kinds import shape_of
    >>> reader_of(shape_of(Types.ROW_NAMED(["id"], [Types.INT()])))({"id": 7})
    Row(id=7)
    """
    match shape.kind:
        case Kind.ANY:
            return None
        case Kind.LIST:
            return _list_reader(reader_of(shape.children[0], fail_on_missing))
        case Kind.MAP:
            key, value = (reader_of(child, fail_on_missing) for child in shape.children)
            return _map_reader(key, value)
        case Kind.ROW | Kind.RECORD:
            return _object_reader(shape, fail_on_missing)
        case Kind.TUPLE:
            return _tuple_reader([reader_of(child, fail_on_missing) for child in shape.children])
        case kind if kind in INT_BOUNDS:
            least, most = INT_BOUNDS[kind]
            return _integer_reader(least, most)
        case kind:
            return _READERS[kind]


def to_json(value: Any) -> Any:
    """What stands for a value that JSON has no notation for; for ``orjson.dumps``.

    Raises:
        TypeError: If nothing does.
    """
    if isinstance(value, Row):
        return value.as_dict() if value._names is not None else list(value)
    if isinstance(value, datetime.datetime):
        return _timestamp_text(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, decimal.Decimal):
        return orjson.Fragment(f"{value:f}") if value.is_finite() else None
    if isinstance(value, Instant):
        return _instant_text(value)
    if isinstance(value, tuple):
        as_dict = getattr(value, "_asdict", None)
        return list(value) if as_dict is None else as_dict()
    if isinstance(value, (set, frozenset)):
        return list(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def dumps(value: Any) -> bytes:
    """A value as JSON, in one line.

    Raises:
        TypeError: If something in it cannot be written.

    >>> dumps({"id": 1, "day": datetime.date(2026, 7, 1)})
    b'{"id":1,"day":"2026-07-01"}'
    """
    try:
        return orjson.dumps(value, to_json, WRITE_OPTIONS)
    except orjson.JSONEncodeError as error:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value).encode("ascii")
        raise TypeError(str(error.__cause__ or error)) from None


def mismatch(expected: str, value: Any) -> ValueError:
    """The error about a JSON value that is not such a thing."""
    text = repr(value)
    return ValueError(f"expected {expected}, found {text[:80]}")


def _object_reader(shape: Shape, fail_on_missing: bool) -> Reader:
    names = shape.names
    fields = [
        (name, reader_of(child, fail_on_missing))
        for name, child in zip(names, shape.children, strict=True)
    ]
    of_values = Row.of_values
    record_class = shape.record_class

    def read(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is list and len(value) == len(names):
            value = dict(zip(names, value, strict=True))
        if type(value) is not dict:
            raise mismatch("an object", value)
        values = []
        for name, reader in fields:
            field = value.get(name)
            if field is None:
                if fail_on_missing and name not in value:
                    raise ValueError(f"field {name!r} is missing")
            elif reader is not None:
                try:
                    field = reader(field)
                except ValueError as error:
                    raise ValueError(f"field {name!r}: {error}") from None
            values.append(field)
        if record_class is None:
            return of_values(values, names)
        return record_class(**dict(zip(names, values, strict=True)))

    return read


def _list_reader(element: Reader | None) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise mismatch("an array", value)
        if element is None:
            return value
        return [None if each is None else element(each) for each in value]

    return read


def _tuple_reader(readers: list[Reader | None]) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list or len(value) != len(readers):
            raise mismatch(f"an array of {len(readers)} values", value)
        return tuple(
            each if each is None or reader is None else reader(each)
            for each, reader in zip(value, readers, strict=True)
        )

    return read


def _map_reader(key: Reader | None, element: Reader | None) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict:
            raise mismatch("an object", value)
        return {
            (name if key is None else key(name)): (
                each if each is None or element is None else element(each)
            )
            for name, each in value.items()
        }

    return read


def _integer_reader(least: int | None, most: int | None) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not int:
            if value is None:
                return None
            value = _to_integer(value)
        if least is not None and most is not None and not least <= value <= most:
            raise ValueError(f"{value} is not between {least} and {most}")
        return value

    return read


def _to_integer(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and "_" not in value:
        try:
            return int(value)
        except ValueError:
            pass
    raise mismatch("a whole number", value)


def _read_float(value: Any) -> Any:
    if type(value) is float or value is None:
        return value
    if isinstance(value, (int, str)) and not isinstance(value, bool) and "_" not in str(value):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise mismatch("a number", value)


def _read_decimal(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return decimal.Decimal(str(value))
        except decimal.InvalidOperation:
            pass
    raise mismatch("a decimal number", value)


def _read_string(value: Any) -> Any:
    if isinstance(value, str) or value is None:
        return value
    return orjson.dumps(value).decode()


def _read_boolean(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise mismatch("true or false", value)


def _read_bytes(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except ValueError:
            pass
    raise mismatch("Base64 text", value)


def _iso_reader(what: str, parse: Callable[[str], Any]) -> Reader:
    def read(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, str):
            try:
                return parse(value)
            except ValueError:
                pass
        raise mismatch(what, value)

    return read


def parse_timestamp(text: str) -> datetime.datetime:
    """A timestamp without zone; one with a zone is brought to UTC first.

    >>> parse_timestamp("2026-07-01T12:00:00+02:00")
    datetime.datetime(2026, 7, 1, 10, 0)
    """
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment


def _read_instant(value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return Instant.of_epoch_milli(value)
    if isinstance(value, str):
        try:
            moment = parse_timestamp(value).replace(tzinfo=datetime.UTC)
        except ValueError:
            raise mismatch("a timestamp", value) from None
        since = moment - _EPOCH
        return Instant(since.days * 86_400 + since.seconds, since.microseconds * 1000)
    raise mismatch("a timestamp", value)


def _timestamp_text(value: datetime.datetime) -> str:
    """Naive values are taken for UTC, as Flink's JSON format does."""
    if value.tzinfo is not None:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value.isoformat() + "Z"


def _instant_text(value: Instant) -> str:
    moment = _EPOCH + datetime.timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
    return _timestamp_text(moment)


_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_READERS: Final[dict[Kind, Reader]] = {
    Kind.STRING: _read_string,
    Kind.BOOLEAN: _read_boolean,
    Kind.BIG_INT: _integer_reader(None, None),
    Kind.FLOAT: _read_float,
    Kind.DOUBLE: _read_float,
    Kind.DECIMAL: _read_decimal,
    Kind.DATE: _iso_reader("a date", datetime.date.fromisoformat),
    Kind.TIME: _iso_reader("a time", lambda text: datetime.time.fromisoformat(text.rstrip("Z"))),
    Kind.TIMESTAMP: _iso_reader("a timestamp", parse_timestamp),
    Kind.INSTANT: _read_instant,
    Kind.BYTES: _read_bytes,
}
