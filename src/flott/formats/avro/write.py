"""How columns are written as data of a schema: the one derived from the table, or a given one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from flott.common import logical_types as t
from flott.formats.avro.columns import column_nanos, unit_nanos
from flott.formats.avro.datum import encode_datum
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.program import Program, Write
from flott.formats.avro.schema import Schema
from flott.kernels import _native

Path = tuple[str, ...]
_Branches = tuple[int, int]
_PLAIN: Final[_Branches] = (-1, -1)


def make_writer(schema: Schema, columns: Sequence[t.RowField]) -> _native.AvroWriter:
    """The kernel that writes columns, found in the schema by their names.

    Raises:
        SchemaMismatch: The schema has no place for a column, or a field without default that is no
            column.
    """
    if schema.kind != "record":
        raise SchemaMismatch((), f"messages are records, and the schema is a {schema.kind}")
    builder = _Builder()
    builder.record(schema, columns, (), _PLAIN)
    return _native.AvroWriter(builder.program.finished())


class _Builder:
    def __init__(self) -> None:
        self.program = Program()

    def write(self, schema: Schema, data_type: t.DataType, path: Path) -> int:
        if schema.kind != "union":
            return self._write_one(schema, data_type, path, _PLAIN)
        kinds = [part.kind for part in schema.parts]
        null_branch = kinds.index("null") if "null" in kinds else -1
        error = SchemaMismatch(path, f"is {schema} in the schema and {data_type} in the table")
        for index, part in enumerate(schema.parts):
            try:
                return self._write_one(part, data_type, path, (null_branch, index))
            except SchemaMismatch as mismatch:
                if part.kind != "null":
                    error = mismatch
        raise error

    def record(
        self, schema: Schema, columns: Sequence[t.RowField], path: Path, branches: _Branches
    ) -> int:
        places = {column.name: index for index, column in enumerate(columns)}
        numbers, children = [], []
        for field in schema.fields:
            place = places.pop(field.name, -1)
            numbers.append(place)
            if place >= 0:
                inner = (*path, field.name)
                children.append(self.write(field.schema, columns[place].data_type, inner))
            elif field.has_default:
                datum = encode_datum(field.schema, field.default)
                children.append(self.program.add(Write.CONSTANT, texts=[datum]))
            else:
                raise SchemaMismatch(
                    (*path, field.name), "is in the schema without default, and not in the table"
                )
        if places:
            raise SchemaMismatch((*path, next(iter(places))), "is not in the schema")
        names = [field.name for field in schema.fields]
        return self.program.add(Write.RECORD, numbers, names, children, branches)

    def _write_one(
        self, schema: Schema, data_type: t.DataType, path: Path, branches: _Branches
    ) -> int:
        write = _WRITERS.get(type(data_type))
        node = None if write is None else write(self, schema, data_type, path, branches)
        if node is None:
            raise SchemaMismatch(path, f"is {schema} in the schema and {data_type} in the table")
        return node


def _null(self: _Builder, schema: Schema, _t: t.DataType, _p: Path, branches: _Branches) -> Any:
    return self.program.add(Write.NULL, branches=branches) if schema.kind == "null" else None


def _boolean(self: _Builder, schema: Schema, _t: t.DataType, _p: Path, branches: _Branches) -> Any:
    return self.program.add(Write.BOOL, branches=branches) if schema.kind == "boolean" else None


def _whole(self: _Builder, schema: Schema, kind: Any, _p: Path, branches: _Branches) -> int | None:
    is_int = schema.kind == "int"
    if not is_int and schema.kind != "long":
        return None
    return self.program.add(Write.WHOLE, [1, 1, is_int], branches=branches)


def _real(self: _Builder, schema: Schema, kind: Any, _p: Path, branches: _Branches) -> int | None:
    if schema.kind != "double" and (schema.kind != "float" or isinstance(kind, t.DoubleType)):
        return None
    size = 4 if schema.kind == "float" else 8
    return self.program.add(Write.REAL, [size], branches=branches)


def _text(self: _Builder, schema: Schema, _t: t.DataType, _p: Path, branches: _Branches) -> Any:
    if schema.kind == "enum":
        return self.program.add(Write.ENUM, texts=schema.symbols, branches=branches)
    return self.program.add(Write.BYTES, branches=branches) if schema.kind == "string" else None


def _bytes(self: _Builder, schema: Schema, _t: t.DataType, _p: Path, branches: _Branches) -> Any:
    if schema.kind == "fixed":
        return self.program.add(Write.FIXED, [schema.size], branches=branches)
    return self.program.add(Write.BYTES, branches=branches) if schema.kind == "bytes" else None


def _decimal(
    self: _Builder, schema: Schema, kind: Any, path: Path, branches: _Branches
) -> int | None:
    if schema.logical != "decimal":
        return None
    if schema.scale < kind.scale or schema.precision - schema.scale < kind.precision - kind.scale:
        raise SchemaMismatch(
            path, f"is DECIMAL({schema.precision}, {schema.scale}) in the schema and {kind}"
        )
    size = schema.size if schema.kind == "fixed" else -1
    numbers = [size, schema.scale - kind.scale]
    return self.program.add(Write.DECIMAL, numbers, branches=branches)


def _date(self: _Builder, schema: Schema, _t: t.DataType, _p: Path, branches: _Branches) -> Any:
    if schema.kind != "int" or schema.logical not in (None, "date"):
        return None
    return self.program.add(Write.WHOLE, [1, 1, 1], branches=branches)


def _time(self: _Builder, schema: Schema, kind: Any, _p: Path, branches: _Branches) -> int | None:
    is_time = isinstance(kind, t.TimeType)
    nanos = unit_nanos(schema.logical)
    if nanos is None or (schema.logical or "").startswith("time-") != is_time:
        return None
    here = column_nanos(kind)
    numbers = [max(nanos // here, 1), max(here // nanos, 1), schema.kind == "int"]
    return self.program.add(Write.WHOLE, numbers, branches=branches)


def _array(self: _Builder, schema: Schema, kind: Any, path: Path, branches: _Branches) -> Any:
    if schema.kind != "array":
        return None
    child = self.write(schema.parts[0], kind.element_type, path)
    return self.program.add(Write.ARRAY, children=[child], branches=branches)


def _map(self: _Builder, schema: Schema, kind: Any, path: Path, branches: _Branches) -> Any:
    if schema.kind != "map":
        return None
    value_type = kind.value_type if isinstance(kind, t.MapType) else t.IntType()
    child = self.write(schema.parts[0], value_type, path)
    return self.program.add(Write.MAP, children=[child], branches=branches)


def _row(self: _Builder, schema: Schema, kind: Any, path: Path, branches: _Branches) -> Any:
    if schema.kind != "record":
        return None
    return self.record(schema, kind.fields, path, branches)


_WRITERS: Final[dict[type[t.DataType], Callable[..., int | None]]] = {
    t.NullType: _null,
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
