"""How data of one schema is read into columns, by Avro's rules for schemas that differ.

Fields are found by name; those nobody asked for are passed over, those the data lacks have their
defaults. Numbers become wider ones, never narrower. Beyond the specification, the logical types of
the data count: microseconds become milliseconds where the table has these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from flott.common import logical_types as t
from flott.formats.avro.columns import DAY_NANOS, column_nanos, column_specs, unit_nanos
from flott.formats.avro.datum import encode_datum
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.program import Program, Read
from flott.formats.avro.schema import Schema, SchemaField
from flott.kernels import _native

_WHOLE: Final = ("int", "long")
_BYTES: Final = ("bytes", "string")
_INT64: Final = (-(1 << 63), (1 << 63) - 1)
Path = tuple[str, ...]


def make_reader(
    writer: Schema, reader: Schema, columns: Sequence[t.RowField]
) -> _native.AvroReader:
    """The kernel that reads data of ``writer`` into columns.

    Args:
        writer: What the data was written with.
        reader: What the table expects, which says what missing fields are.
        columns: The columns to read, each a field of ``reader``.

    Raises:
        SchemaMismatch: The data does not fit the columns.
    """
    resolver = _Resolver()
    if writer.kind != "record" or reader.kind != "record":
        raise SchemaMismatch((), f"messages are records, and the schema is a {writer.kind}")
    resolver.record(writer, reader, columns, ())
    specs = column_specs([column.data_type for column in columns])
    return _native.AvroReader(resolver.program.finished(), specs)


class _Resolver:
    def __init__(self) -> None:
        self.program = Program()
        self._skips: dict[int, int] = {}

    def read(self, writer: Schema, reader: Schema, data_type: t.DataType, path: Path) -> int:
        if writer.kind == "union":
            return self._read_union(writer, reader, data_type, path)
        if writer.kind == "null":
            if not data_type.nullable:
                raise SchemaMismatch(path, f"is null, and the column is {data_type}")
            return self.program.add(Read.NULL)
        if reader.kind == "union":
            reader = _find_branch(writer, reader)
        read = _READERS.get(type(data_type))
        node = None if read is None else read(self, writer, reader, data_type, path)
        if node is None:
            raise SchemaMismatch(path, f"is {writer} in the data and {data_type} in the table")
        return node

    def record(
        self, writer: Schema, reader: Schema, columns: Sequence[t.RowField], path: Path
    ) -> int:
        wanted = {column.name: index for index, column in enumerate(columns)}
        expected = {field.name: field for field in reader.fields}
        names = {alias: field.name for field in reader.fields for alias in field.aliases}
        steps: list[tuple[str, int, int]] = []
        for field in writer.fields:
            name = field.name if field.name in expected else names.get(field.name, field.name)
            index = wanted.pop(name, -1)
            if index < 0:
                steps.append((field.name, -1, self.skip(field.schema)))
                continue
            schema, data_type = expected[name].schema, columns[index].data_type
            node = self.read(field.schema, schema, data_type, (*path, name))
            steps.append((field.name, index, node))
        for name, index in wanted.items():
            node = self._missing(expected[name], columns[index].data_type, (*path, name))
            steps.append((name, index, node))
        return self.program.add(
            Read.RECORD,
            [index for _, index, _ in steps],
            [name for name, _, _ in steps],
            [node for _, _, node in steps],
        )

    def skip(self, schema: Schema) -> int:
        """The node that passes over values of a schema, which may name itself."""
        known = self._skips.get(id(schema))
        if known is not None:
            return known
        at = self._skips[id(schema)] = self.program.reserve()
        add = self.program.add
        match schema.kind:
            case "int" | "long" | "enum":
                return add(Read.SKIP_WHOLE, at=at)
            case "bytes" | "string":
                return add(Read.SKIP_BYTES, at=at)
            case "array":
                return add(Read.SKIP_ARRAY, children=[self.skip(schema.parts[0])], at=at)
            case "map":
                return add(Read.SKIP_MAP, children=[self.skip(schema.parts[0])], at=at)
            case "union":
                children = [self.skip(part) for part in schema.parts]
                return add(Read.SKIP_UNION, children=children, at=at)
            case "record":
                children = [self.skip(field.schema) for field in schema.fields]
                return add(Read.SKIP_RECORD, children=children, at=at)
        sizes = {"null": 0, "boolean": 1, "float": 4, "double": 8, "fixed": schema.size}
        return add(Read.SKIP_FIXED, [sizes[schema.kind]], at=at)

    def _read_union(self, writer: Schema, reader: Schema, data_type: t.DataType, path: Path) -> int:
        """Branches that do not fit are errors of the messages that have them."""
        children, errors = [], []
        for part in writer.parts:
            try:
                children.append(self.read(part, reader, data_type, path))
            except SchemaMismatch as error:
                if part.kind != "null":
                    errors.append(error)
                children.append(self.program.add(Read.FAIL, texts=[error.reason]))
        if len(errors) and len(errors) == sum(part.kind != "null" for part in writer.parts):
            raise errors[0]
        return self.program.add(Read.UNION, children=children)

    def _missing(self, field: SchemaField, data_type: t.DataType, path: Path) -> int:
        if not field.has_default:
            raise SchemaMismatch(path, "is not in the data, and the column is NOT NULL")
        if field.default is None:
            return self.program.add(Read.NULL)
        datum = encode_datum(field.schema, field.default)
        child = self.read(field.schema, field.schema, data_type, path)
        return self.program.add(Read.CONSTANT, texts=[datum], children=[child])


def _find_branch(writer: Schema, reader: Schema) -> Schema:
    """The branch of what is expected that goes with the data."""
    others = [part for part in reader.parts if part.kind != "null"]
    same = [part for part in others if part.kind == writer.kind]
    return (same or others or [reader])[0]


def _boolean(self: _Resolver, writer: Schema, *_: Any) -> int | None:
    return self.program.add(Read.BOOL) if writer.kind == "boolean" else None


def _whole(self: _Resolver, writer: Schema, _reader: Schema, kind: t.DataType, _p: Path) -> Any:
    assert isinstance(kind, t.IntegralType)
    if writer.kind != "int" and (writer.kind != "long" or kind.bits < 64):
        return None
    return self.program.add(Read.WHOLE, [1, 1, writer.kind == "int", kind.bits, *_INT64])


def _real(self: _Resolver, writer: Schema, _reader: Schema, kind: t.DataType, _p: Path) -> Any:
    bits = 32 if isinstance(kind, t.FloatType) else 64
    if writer.kind in _WHOLE:
        return self.program.add(Read.WHOLE_TO_REAL, [writer.kind == "int", bits])
    if writer.kind == "float" or (writer.kind == "double" and bits == 64):
        return self.program.add(Read.REAL, [4 if writer.kind == "float" else 8, bits])
    return None


def _text(self: _Resolver, writer: Schema, *_: Any) -> int | None:
    if writer.kind == "enum":
        return self.program.add(Read.ENUM, texts=writer.symbols)
    return self.program.add(Read.TEXT) if writer.kind in _BYTES else None


def _bytes(self: _Resolver, writer: Schema, *_: Any) -> int | None:
    if writer.kind == "fixed":
        return self.program.add(Read.FIXED, [writer.size, 0])
    return self.program.add(Read.BYTES) if writer.kind in _BYTES else None


def _decimal(self: _Resolver, writer: Schema, reader: Schema, kind: Any, path: Path) -> int | None:
    assert isinstance(kind, t.DecimalType)
    if writer.kind not in ("bytes", "fixed"):
        return None
    scale = writer.scale if writer.logical == "decimal" else kind.scale
    if scale > kind.scale:
        raise SchemaMismatch(path, f"has {scale} digits after the point, and the column is {kind}")
    size = writer.size if writer.kind == "fixed" else -1
    return self.program.add(Read.DECIMAL, [size, kind.precision, kind.scale - scale])


def _date(self: _Resolver, writer: Schema, *_: Any) -> int | None:
    if writer.kind != "int":
        return None
    return self.program.add(Read.WHOLE, [1, 1, 1, 32, *_INT64])


def _time(self: _Resolver, writer: Schema, reader: Schema, kind: t.DataType, _p: Path) -> Any:
    is_time = isinstance(kind, t.TimeType)
    if writer.kind not in _WHOLE or (writer.kind == "int") != (is_time and _is_int(writer, reader)):
        return None
    from_nanos = unit_nanos(writer.logical) or unit_nanos(reader.logical) or 10**6
    to_nanos = column_nanos(kind)
    bounds = (0, DAY_NANOS - 1) if is_time else _INT64
    multiply, divide = max(from_nanos // to_nanos, 1), max(to_nanos // from_nanos, 1)
    return self.program.add(Read.WHOLE, [multiply, divide, writer.kind == "int", 64, *bounds])


def _is_int(writer: Schema, reader: Schema) -> bool:
    """Whether times of the data are ints: microseconds of a day are longs, and fit as well."""
    return not (writer.kind == "long" and writer.logical == "time-micros")


def _array(self: _Resolver, writer: Schema, reader: Schema, kind: Any, path: Path) -> int | None:
    if writer.kind != "array" or reader.kind != "array":
        return None
    item = self.read(writer.parts[0], reader.parts[0], kind.element_type, path)
    return self.program.add(Read.ARRAY, children=[item])


def _map(self: _Resolver, writer: Schema, reader: Schema, kind: Any, path: Path) -> int | None:
    if writer.kind != "map" or reader.kind != "map":
        return None
    value_type = kind.value_type if isinstance(kind, t.MapType) else t.IntType()
    value = self.read(writer.parts[0], reader.parts[0], value_type, path)
    return self.program.add(Read.MAP, children=[value])


def _row(self: _Resolver, writer: Schema, reader: Schema, kind: Any, path: Path) -> int | None:
    if writer.kind != "record" or reader.kind != "record":
        return None
    return self.record(writer, reader, kind.fields, path)


_READERS: Final[dict[type[t.DataType], Callable[..., int | None]]] = {
    t.BooleanType: _boolean,
    t.TinyIntType: _whole,
    t.SmallIntType: _whole,
    t.IntType: _whole,
    t.BigIntType: _whole,
    t.FloatType: _real,
    t.DoubleType: _real,
    t.CharType: _text,
    t.VarCharType: _text,
    t.BinaryType: _bytes,
    t.VarBinaryType: _bytes,
    t.DecimalType: _decimal,
    t.DateType: _date,
    t.TimeType: _time,
    t.TimestampType: _time,
    t.LocalZonedTimestampType: _time,
    t.ArrayType: _array,
    t.MapType: _map,
    t.MultisetType: _map,
    t.RowType: _row,
}
