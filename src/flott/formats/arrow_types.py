"""Types as Arrow schemas, and values between rows and Arrow columns."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any, Final

from flott.common.composite_types import RecordClassTypeInfo, RowTypeInfo, TupleTypeInfo
from flott.common.errors import TypeMismatchError
from flott.common.redaction import shorten_record
from flott.common.time import Instant
from flott.common.typeinfo import TypeInformation, Types
from flott.common.types import Row
from flott.formats.arrow import load_arrow
from flott.formats.kinds import Kind, Shape

Convert = Callable[[Any], Any]

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NAMES: Final = {
    Kind.STRING: "string",
    Kind.BOOLEAN: "bool_",
    Kind.INT8: "int8",
    Kind.INT16: "int16",
    Kind.INT32: "int32",
    Kind.INT64: "int64",
    Kind.FLOAT: "float32",
    Kind.DOUBLE: "float64",
    Kind.DATE: "date32",
    Kind.BYTES: "binary",
}


def to_arrow_type(shape: Shape, path: str) -> Any:
    """The Arrow type of a field.

    Raises:
        TypeError: If Arrow has none; names the field.
    """
    pa = load_arrow()
    match shape.kind:
        case kind if kind in _NAMES:
            return getattr(pa, _NAMES[kind])()
        case Kind.BIG_INT:
            return pa.decimal128(38, 0)
        case Kind.DECIMAL:
            return pa.decimal128(38, 18)
        case Kind.TIME:
            return pa.time64("us")
        case Kind.TIMESTAMP:
            return pa.timestamp("us")
        case Kind.INSTANT:
            return pa.timestamp("us", "UTC")
        case Kind.LIST:
            return pa.list_(to_arrow_type(shape.children[0], f"{path}[]"))
        case Kind.MAP:
            key, value = (to_arrow_type(child, f"{path}[]") for child in shape.children)
            return pa.map_(key, value)
        case Kind.ROW | Kind.RECORD | Kind.TUPLE:
            return pa.struct(list(to_arrow_schema(shape, f"{path}.")))
        case _:
            raise TypeError(f"Field {path!r} has no declared type; columns need one")


def to_arrow_schema(shape: Shape, path: str = "") -> Any:
    """The Arrow schema of a row, tuple or dataclass.

    Raises:
        TypeError: If a field has no Arrow type.
    """
    fields = zip(shape.names, shape.children, strict=True)
    return load_arrow().schema(
        [(name, to_arrow_type(child, path + name)) for name, child in fields]
    )


def to_type_info(arrow_type: Any) -> TypeInformation:
    """The type of the values that ``row_values`` makes of an Arrow column."""
    types = load_arrow().types
    for test, make in _TYPE_TESTS:
        if getattr(types, test)(arrow_type):
            return make()
    if types.is_timestamp(arrow_type):
        return Types.SQL_TIMESTAMP() if arrow_type.tz is None else Types.INSTANT()
    if types.is_list(arrow_type) or types.is_large_list(arrow_type):
        return Types.LIST(to_type_info(arrow_type.value_type))
    if types.is_map(arrow_type):
        return Types.MAP(to_type_info(arrow_type.key_type), to_type_info(arrow_type.item_type))
    if types.is_struct(arrow_type):
        return schema_type_info(arrow_type)
    return Types.PICKLED_BYTE_ARRAY()


def schema_type_info(fields: Any) -> TypeInformation:
    """The row type of an Arrow schema or struct."""
    return Types.ROW_NAMED(
        [field.name for field in fields], [to_type_info(field.type) for field in fields]
    )


_TYPE_TESTS: Final[tuple[tuple[str, Callable[[], TypeInformation]], ...]] = (
    ("is_boolean", Types.BOOLEAN),
    ("is_int8", Types.BYTE),
    ("is_int16", Types.SHORT),
    ("is_int32", Types.INT),
    ("is_integer", Types.LONG),
    ("is_float32", Types.FLOAT),
    ("is_floating", Types.DOUBLE),
    ("is_decimal", Types.BIG_DEC),
    ("is_string", Types.STRING),
    ("is_large_string", Types.STRING),
    ("is_date", Types.SQL_DATE),
    ("is_time", Types.SQL_TIME),
    ("is_binary", lambda: Types.PRIMITIVE_ARRAY(Types.BYTE())),
    ("is_large_binary", lambda: Types.PRIMITIVE_ARRAY(Types.BYTE())),
)


def column_values(column: Any) -> list[Any]:
    """The Python values of an Arrow column: structs are rows, maps dicts, zoned times instants."""
    pa = load_arrow()
    arrow_type = column.type
    if pa.types.is_timestamp(arrow_type) and arrow_type.unit == "ns":
        # datetime ends at microseconds.
        column = column.cast(pa.timestamp("us", arrow_type.tz), safe=False)
    if pa.types.is_dictionary(arrow_type):
        column = column.dictionary_decode()
    values: list[Any] = column.to_pylist()
    convert = _convert_from_arrow(column.type)
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


def declared_values(column: Any, shape: Shape, name: str) -> list[Any]:
    """The Python values of an Arrow column as a declared type.

    Raises:
        ValueError: If a value does not fit.
    """
    values = column_values(_cast(column, shape, name))
    build = _builder(shape)
    return values if build is None else [_or_none(build, value) for value in values]


def record_maker(shape: Shape) -> Convert:
    """A function from the values of all fields to a row, tuple or dataclass."""
    names = shape.names
    if shape.kind is Kind.TUPLE:
        return tuple
    if shape.kind is Kind.ROW:
        return lambda values: Row.of_values(list(values), names)
    record_class = shape.record_class
    assert record_class is not None
    return lambda values: record_class(**dict(zip(names, values, strict=True)))


def _builder(shape: Shape) -> Convert | None:
    """What turns rows within values into tuples and dataclasses, and decimals into integers."""
    match shape.kind:
        case Kind.BIG_INT:
            return int
        case Kind.LIST:
            element = _builder(shape.children[0])
            return None if element is None else lambda values: _convert_all(element, values)
        case Kind.MAP:
            each = _builder(shape.children[1])
            return each and (lambda pairs: {k: _or_none(each, v) for k, v in pairs.items()})
        case Kind.ROW | Kind.RECORD | Kind.TUPLE:
            make = record_maker(shape)
            fields = [_builder(child) for child in shape.children]
            return lambda row: make(
                [v if f is None else _or_none(f, v) for f, v in zip(fields, row, strict=True)]
            )
        case _:
            return None


def _cast(column: Any, shape: Shape, name: str) -> Any:
    """A column in the Arrow type of a declared plain type; nested ones as they are."""
    pa = load_arrow()
    if shape.kind in (Kind.ANY, Kind.LIST, Kind.MAP, Kind.TUPLE, Kind.ROW, Kind.RECORD):
        return column
    wanted = to_arrow_type(shape, name)
    if column.type == wanted or (shape.kind is Kind.DECIMAL and pa.types.is_decimal(column.type)):
        return column
    try:
        return column.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"column {name!r}: {error}") from error


def _convert_from_arrow(arrow_type: Any) -> Convert | None:
    types = load_arrow().types
    if types.is_timestamp(arrow_type) and arrow_type.tz is not None:
        return _to_instant
    if types.is_list(arrow_type) or types.is_large_list(arrow_type):
        element = _convert_from_arrow(arrow_type.value_type)
        return None if element is None else lambda values: _convert_all(element, values)
    if types.is_map(arrow_type):
        value = _convert_from_arrow(arrow_type.item_type)
        return dict if value is None else lambda pairs: {k: _or_none(value, v) for k, v in pairs}
    if types.is_struct(arrow_type):
        return _struct_reader(arrow_type)
    return None


def _struct_reader(arrow_type: Any) -> Convert:
    names = tuple(field.name for field in arrow_type)
    converts = [_convert_from_arrow(field.type) for field in arrow_type]

    def convert(value: dict[str, Any]) -> Row:
        fields = zip(value.values(), converts, strict=True)
        return Row.of_values([v if c is None else _or_none(c, v) for v, c in fields], names)

    return convert


def _convert_all(convert: Convert, values: Sequence[Any]) -> list[Any]:
    return [_or_none(convert, value) for value in values]


def _or_none(convert: Convert, value: Any) -> Any:
    return None if value is None else convert(value)


def _to_instant(moment: datetime.datetime) -> Instant:
    since = moment - _EPOCH
    return Instant(since.days * 86_400 + since.seconds, since.microseconds * 1000)


def infer_names(value: Any) -> tuple[str, ...]:
    """The columns of a record of undeclared type, by the record itself.

    Raises:
        TypeMismatchError: If it has no fields.
    """
    if isinstance(value, Row):
        return value._names or tuple(f"f{i}" for i in range(len(value)))
    if isinstance(value, dict):
        return tuple(map(str, value))
    if isinstance(value, tuple):
        fields = getattr(value, "_fields", None)
        return fields or tuple(f"f{i}" for i in range(len(value)))
    if dataclasses.is_dataclass(value):
        return tuple(field.name for field in dataclasses.fields(value))
    raise TypeMismatchError(
        "Row", f"{type(value).__name__} {shorten_record(value, 80)}", reason="records need fields"
    )


def to_columns(values: list[Any], names: tuple[str, ...]) -> list[Sequence[Any]]:
    """The fields of records, column by column.

    Raises:
        TypeMismatchError: If a record lacks fields, or has others.
    """
    first = type(values[0])
    columns: list[Sequence[Any]]
    if first is Row and all(type(v) is Row and v._names in (names, None) for v in values):
        columns = list(zip(*[value._values for value in values], strict=True))
    elif first is dict:
        unknown = set().union(*values).difference(names)
        if unknown:
            raise TypeMismatchError(
                f"record of {', '.join(names)}",
                f"field {min(map(str, unknown))!r}",
                reason="the first records do not have it; declare a type with all fields",
            )
        columns = [[value.get(name) for value in values] for name in names]
    elif issubclass(first, tuple):
        columns = list(zip(*values, strict=True))
    else:
        return [[_field(value, name) for value in values] for name in names]
    if len(columns) != len(names):
        raise TypeMismatchError(f"Row({', '.join(names)})", shorten_record(values[0], 80))
    return columns


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Row):
        if value._names is None or name not in value._names:
            raise TypeMismatchError(f"Row with a field {name!r}", shorten_record(value, 80))
        return value[name]
    if isinstance(value, dict):
        return value.get(name)
    try:
        return getattr(value, name)
    except AttributeError:
        raise TypeMismatchError(
            f"record with a field {name!r}", f"{type(value).__name__} {shorten_record(value, 80)}"
        ) from None


def to_arrow_value(value: Any) -> Any:
    """What pyarrow takes for a value of ours: dicts for rows and dataclasses, pairs for maps."""
    if isinstance(value, Instant):
        seconds, micros = value.seconds, value.nanos // 1000
        return _EPOCH + datetime.timedelta(seconds=seconds, microseconds=micros)
    if isinstance(value, Row):
        names = infer_names(value)
        return {name: to_arrow_value(each) for name, each in zip(names, value, strict=True)}
    if isinstance(value, dict):
        return {key: to_arrow_value(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return dict(zip(infer_names(value), map(to_arrow_value, value), strict=True))
    if isinstance(value, list):
        return [to_arrow_value(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_arrow_value(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value


def is_record_type(type_info: TypeInformation) -> bool:
    """Whether values of this type have fields."""
    return isinstance(type_info, (RowTypeInfo, TupleTypeInfo, RecordClassTypeInfo))
