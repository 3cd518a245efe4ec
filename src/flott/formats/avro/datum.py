"""Single values in Avro's encodings: JSON into binary, and binary into JSON.

Defaults in schemas are JSON, and whole messages may be; the kernel knows binary only.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, Final

from flott.formats.avro.schema import Schema

_FLOAT: Final = struct.Struct("<f")
_DOUBLE: Final = struct.Struct("<d")
#: JSON has no numbers for these.
_NO_NUMBERS: Final = ("NaN", "Infinity", "-Infinity")


def encode_long(value: int) -> bytes:
    """A number as Avro writes it.

    >>> encode_long(-1), encode_long(64)
    (b'\\x01', b'\\x80\\x01')
    """
    bits = value << 1 if value >= 0 else (-value << 1) - 1
    out = bytearray()
    while bits > 0x7F:
        out.append(bits & 0x7F | 0x80)
        bits >>= 7
    out.append(bits)
    return bytes(out)


def encode_datum(schema: Schema, value: Any, tagged: bool = False) -> bytes:
    """A JSON value in binary.

    Args:
        schema: What it is.
        value: The parsed JSON; bytes are texts of code points up to 255.
        tagged: Whether values of unions are objects that name their branch, as in messages, or bare
            values of a branch, as in defaults.

    Raises:
        ValueError: It does not fit the schema.
    """
    try:
        return _encode(schema, value, tagged)
    except (
        AttributeError,
        TypeError,
        KeyError,
        OverflowError,
        struct.error,
        UnicodeError,
    ) as error:
        raise ValueError(f"{str(value)[:80]!r} is not {schema}: {error}") from None


def _encode(schema: Schema, value: Any, tagged: bool) -> bytes:
    match schema.kind:
        case "null":
            return _check(value is None, schema, value, b"")
        case "boolean":
            return _check(isinstance(value, bool), schema, value, b"\1" if value else b"\0")
        case "int" | "long":
            is_whole = isinstance(value, int) and not isinstance(value, bool)
            bits = 31 if schema.kind == "int" else 63
            return _check(
                is_whole and -(1 << bits) <= value < 1 << bits, schema, value, b""
            ) or encode_long(value)
        case "float":
            return _FLOAT.pack(_real(schema, value))
        case "double":
            return _DOUBLE.pack(_real(schema, value))
        case "string":
            return _sized(value.encode())
        case "bytes":
            return _sized(value.encode("latin-1"))
        case "fixed":
            data: bytes = value.encode("latin-1")
            return _check(len(data) == schema.size, schema, value, data)
        case "enum":
            return _check(value in schema.symbols, schema, value, b"") or encode_long(
                schema.symbols.index(value)
            )
        case "array":
            _check(isinstance(value, list), schema, value, b"")
            return _block([_encode(schema.parts[0], each, tagged) for each in value])
        case "map":
            part = schema.parts[0]
            return _block(
                [_sized(key.encode()) + _encode(part, each, tagged) for key, each in value.items()]
            )
        case "union":
            return _encode_union(schema, value, tagged)
    return b"".join([_encode_field(field, value, tagged) for field in schema.fields])


def _encode_field(field: Any, record: dict[str, Any], tagged: bool) -> bytes:
    if field.name in record:
        return _encode(field.schema, record[field.name], tagged)
    if not field.has_default:
        raise ValueError(f"it has no field {field.name!r}")
    return _encode(field.schema, field.default, False)


def _encode_union(schema: Schema, value: Any, tagged: bool) -> bytes:
    if not tagged or value is None:
        for index, part in enumerate(schema.parts):
            try:
                return encode_long(index) + encode_datum(part, value, tagged)
            except ValueError:
                continue
        raise ValueError(f"{str(value)[:80]!r} is not {schema}")
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(f"{str(value)[:80]!r} does not name a branch of {schema}")
    name, inner = next(iter(value.items()))
    for index, part in enumerate(schema.parts):
        if name in (branch_name(part), branch_name(part).rpartition(".")[2]):
            return encode_long(index) + _encode(part, inner, tagged)
    raise ValueError(f"{name!r} is not a branch of {schema}")


def branch_name(schema: Schema) -> str:
    """How a value of a union names its branch."""
    return schema.name or schema.kind


def _check(holds: bool, schema: Schema, value: Any, data: bytes) -> bytes:
    if not holds:
        raise ValueError(f"{str(value)[:80]!r} is not {schema}")
    return data


def _real(schema: Schema, value: Any) -> float:
    if value in _NO_NUMBERS:
        return float(value)
    _check(isinstance(value, int | float) and not isinstance(value, bool), schema, value, b"")
    return float(value)


def _sized(data: bytes) -> bytes:
    return encode_long(len(data)) + data


def _block(items: list[bytes]) -> bytes:
    return encode_long(len(items)) + b"".join(items) + b"\0" if items else b"\0"


class DatumReader:
    """Reads binary values that Flott itself wrote, as JSON with named branches.

    >>> DatumReader(encode_long(3)).read(Schema("long"))
    3
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, schema: Schema) -> Any:
        """The next value."""
        read = _READERS.get(schema.kind)
        if read is not None:
            return read(self)
        match schema.kind:
            case "fixed":
                return self._take(schema.size).decode("latin-1")
            case "enum":
                return schema.symbols[self.long()]
            case "array":
                return [self.read(schema.parts[0]) for _ in self._counts()]
            case "map":
                return {self._text(): self.read(schema.parts[0]) for _ in self._counts()}
            case "union":
                part = schema.parts[self.long()]
                value = self.read(part)
                return None if part.kind == "null" else {branch_name(part): value}
        return {field.name: self.read(field.schema) for field in schema.fields}

    def long(self) -> int:
        """The next number."""
        bits = shift = 0
        while True:
            byte = self._data[self._at]
            self._at += 1
            bits |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return bits >> 1 if not bits & 1 else -(bits >> 1) - 1

    def _counts(self) -> Any:
        while count := self.long():
            yield from range(count)

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _text(self) -> str:
        return self._take(self.long()).decode()


def _json_real(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


_READERS: Final[dict[str, Callable[[DatumReader], Any]]] = {
    "null": lambda reader: None,
    "boolean": lambda reader: reader._take(1) == b"\1",
    "int": DatumReader.long,
    "long": DatumReader.long,
    "float": lambda reader: _json_real(_FLOAT.unpack(reader._take(4))[0]),
    "double": lambda reader: _json_real(_DOUBLE.unpack(reader._take(8))[0]),
    "string": DatumReader._text,
    "bytes": lambda reader: reader._take(reader.long()).decode("latin-1"),
}
