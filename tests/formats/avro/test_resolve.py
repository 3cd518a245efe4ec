"""Data of one schema read as a table of another; fastavro says what must come out."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import fastavro
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.formats.avro.derive import RECORD_NAME, derive_schema
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.resolve import make_reader
from flott.formats.avro.schema import build_schema
from tests.formats.columns.decoding import fields_of
from tests.formats.columns.messaging import Columns

EPOCH = datetime.datetime(1970, 1, 1)


def record(*fields: Any, name: str = "writer") -> dict[str, Any]:
    made = [{"name": f[0], "type": f[1], **(f[2] if len(f) > 2 else {})} for f in fields]
    return {"type": "record", "name": name, "fields": made}


def message(schema: Any, value: Any) -> bytes:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), value)
    return stream.getvalue()


def read(
    writer: Any, columns: Columns, messages: Sequence[bytes], expected: Any = None
) -> list[tuple[Any, ...]]:
    """The rows of data of ``writer``; any broken message is an error."""
    fields = fields_of(columns)
    declared = build_schema(expected or derive_schema(fields, False))
    reader = make_reader(build_schema(writer), declared, fields)
    series = pl.Series(messages, dtype=pl.Binary)
    native, _, faults = reader.read_messages(series, 0)
    if faults:
        raise ValueError(faults[0][1])
    return pl.DataFrame(native).rows()


def read_one(schema: Any, value: Any, data_type: t.DataType) -> Any:
    """What a field ``a`` of the data is as a column."""
    writer = record(("a", schema))
    return read(writer, {"a": data_type}, [message(writer, {"a": value})])[0][0]


def test_fields_are_found_by_name_and_others_passed_over() -> None:
    loop = record(("value", "int"), ("next", ["null", "loop"]), name="loop")
    writer = record(
        ("gone", loop),
        ("b", "string"),
        ("fixed", {"type": "fixed", "name": "f", "size": 3}),
        ("enum", {"type": "enum", "name": "e", "symbols": ["X", "Y"]}),
        ("map", {"type": "map", "values": ["null", "double", {"type": "array", "items": "loop"}]}),
        ("flag", "boolean"),
        ("real", "float"),
        ("nothing", "null"),
        ("a", "long"),
    )
    chain = {"value": 1, "next": {"value": 2, "next": None}}
    value = {
        "gone": chain, "b": "x", "fixed": b"abc", "enum": "Y", "flag": True, "real": 0.5,
        "map": {"k": [chain, chain], "l": 0.5, "m": None}, "nothing": None, "a": 7,
    }  # fmt: skip
    columns: Columns = {"a": t.BigIntType(), "later": t.STRING, "b": t.STRING}
    assert read(writer, columns, [message(writer, value)] * 2) == [(7, None, "x")] * 2


def test_missing_fields_have_the_default_of_what_is_expected() -> None:
    inner = record(("x", "int"), name="inner")
    expected = record(
        ("a", "long", {"default": -5}),
        ("b", ["string", "null"], {"default": "x"}),
        ("c", {"type": "array", "items": "int"}, {"default": [1, 2]}),
        ("d", {"type": "map", "values": "int"}, {"default": {"k": 1}}),
        ("e", inner, {"default": {"x": 3}}),
        ("f", "bytes", {"default": "\u00ff"}),
        ("g", "double", {"default": 0.5}),
        ("h", "boolean", {"default": True}),
        name="expected",
    )
    columns: Columns = {
        "a": t.BigIntType(), "b": t.STRING, "c": t.ArrayType(t.IntType()),
        "d": t.MapType(t.STRING, t.IntType()), "e": t.RowType.of(("x", t.IntType())),
        "f": t.BYTES, "g": t.DoubleType(), "h": t.BooleanType(),
    }  # fmt: skip
    assert (
        read(record(), columns, [b"", b""], expected)
        == [(-5, "x", [1, 2], [{"key": "k", "value": 1}], {"x": 3}, b"\xff", 0.5, True)] * 2
    )


def test_renamed_fields_are_found_by_aliases() -> None:
    writer = record(("old", "long"))
    expected = record(("new", "long", {"aliases": ["old"]}))
    assert read(writer, {"new": t.BigIntType()}, [message(writer, {"old": 3})], expected) == [(3,)]


def test_a_missing_field_of_a_column_without_null_is_a_mismatch() -> None:
    with pytest.raises(SchemaMismatch, match="field 'a': is not in the data"):
        read(record(), {"a": t.IntType(nullable=False)}, [])


PROMOTIONS = [
    ("int", 5, t.BigIntType(), 5),
    ("int", 5, t.FloatType(), 5.0),
    ("int", 5, t.DoubleType(), 5.0),
    ("long", 5, t.FloatType(), 5.0),
    ("long", 5, t.DoubleType(), 5.0),
    ("float", 0.5, t.DoubleType(), 0.5),
    ("string", "x", t.BYTES, b"x"),
    ("bytes", b"x", t.STRING, "x"),
    ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, "B", t.STRING, "B"),
    ({"type": "fixed", "name": "f", "size": 2}, b"ab", t.BYTES, b"ab"),
    ("int", -128, t.TinyIntType(), -128),
]


@pytest.mark.parametrize(("schema", "value", "data_type", "expected"), PROMOTIONS)
def test_values_become_wider(schema: Any, value: Any, data_type: t.DataType, expected: Any) -> None:
    assert read_one(schema, value, data_type) == expected
    assert read_one(["null", schema], value, data_type) == expected
    assert read_one(["null", schema], None, data_type) is None


@pytest.mark.parametrize(
    ("schema", "data_type"),
    [
        ("long", t.IntType()),
        ("double", t.FloatType()),
        ("double", t.BigIntType()),
        ("boolean", t.IntType()),
        ("string", t.IntType()),
        ("int", t.STRING),
        ("long", t.DateType()),
        ("int", t.TimestampType(3)),
        ({"type": "array", "items": "int"}, t.MapType(t.STRING, t.IntType())),
        ({"type": "map", "values": "int"}, t.ArrayType(t.IntType())),
        (["null", "string", "boolean"], t.IntType()),
        ("null", t.IntType(nullable=False)),
    ],
)
def test_values_never_become_narrower_or_others(schema: Any, data_type: t.DataType) -> None:
    with pytest.raises(SchemaMismatch, match="field 'a'"):
        read(record(("a", schema)), {"a": data_type}, [])


def test_branches_that_do_not_fit_are_errors_of_their_messages() -> None:
    writer = record(("a", ["int", "string", "null"]))
    columns: Columns = {"a": t.BigIntType(nullable=False)}
    assert read(writer, columns, [message(writer, {"a": 3})]) == [(3,)]
    with pytest.raises(ValueError, match="field 'a': is string in the data and BIGINT NOT NULL"):
        read(writer, columns, [message(writer, {"a": "x"})])
    with pytest.raises(ValueError, match="field 'a': is null, and the column is BIGINT NOT NULL"):
        read(writer, columns, [message(writer, {"a": None})])


def long(logical: str) -> dict[str, str]:
    return {"type": "long", "logicalType": logical}


@pytest.mark.parametrize(
    ("unit", "value", "precision", "expected"),
    [
        ("timestamp-millis", 1_500, 3, 1_500_000),
        ("timestamp-micros", -1, 3, -1),
        ("timestamp-micros", 7, 6, 7),
        ("local-timestamp-millis", -5, 6, -5_000),
        ("timestamp-nanos", -1_001, 6, -2),
    ],
)
def test_times_are_read_by_the_unit_of_the_data(
    unit: str, value: int, precision: int, expected: int
) -> None:
    writer = record(("a", long(unit)))
    data = message(record(("a", "long")), {"a": value})
    moment = EPOCH + datetime.timedelta(microseconds=expected)
    for data_type in (t.TimestampType(precision), t.LocalZonedTimestampType(precision)):
        assert read(writer, {"a": data_type}, [data]) == [(moment,)]
    nanos = t.TimestampType(9)
    legacy = record(("a", long("timestamp-nanos")))
    (found,) = read(writer, {"a": nanos}, [data], legacy)[0]
    assert abs(found - moment) <= datetime.timedelta(microseconds=1)


def test_times_of_day_are_read_by_the_unit_of_the_data() -> None:
    data = message(record(("a", "long")), {"a": 1_500})
    writer = record(("a", long("time-micros")))
    assert read(writer, {"a": t.TimeType(3)}, [data]) == [(datetime.time(0, 0, 0, 1500),)]
    millis = record(("a", {"type": "int", "logicalType": "time-millis"}))
    late = message(record(("a", "int")), {"a": 86_400_000})
    with pytest.raises(ValueError, match="86400000 does not fit the column"):
        read(millis, {"a": t.TimeType(3)}, [late])


def decimal(precision: int, scale: int, size: int | None = None) -> dict[str, Any]:
    kind = {"type": "bytes"} if size is None else {"type": "fixed", "name": "d", "size": size}
    return {**kind, "logicalType": "decimal", "precision": precision, "scale": scale}


def test_decimals_can_have_fewer_digits_in_the_data() -> None:
    value = Decimal("-12.5")
    for schema in (decimal(5, 1), decimal(5, 1, 4), decimal(5, 1, 20)):
        assert read_one(schema, value, t.DecimalType(10, 3)) == value
    with pytest.raises(SchemaMismatch, match="has 4 digits after the point"):
        read(record(("a", decimal(8, 4))), {"a": t.DecimalType(10, 2)}, [])
    with pytest.raises(ValueError, match="a decimal does not fit"):
        read_one(decimal(10, 1), Decimal("12345.5"), t.DecimalType(5, 1))


def test_rows_in_arrays_and_maps_are_resolved_too() -> None:
    inner = record(("gone", "string"), ("x", "int"), name="inner")
    writer = record(
        ("list", {"type": "array", "items": inner}), ("map", {"type": "map", "values": "inner"})
    )
    row = t.RowType.of(("x", t.BigIntType()), ("y", t.STRING))
    columns: Columns = {"list": t.ArrayType(row), "map": t.MapType(t.STRING, row)}
    part = {"gone": "?", "x": 1}
    data = message(writer, {"list": [part, part], "map": {"k": part}})
    resolved = {"x": 1, "y": None}
    assert read(writer, columns, [data]) == [
        ([resolved, resolved], [{"key": "k", "value": resolved}])
    ]


def test_arrays_may_come_in_blocks_with_their_sizes() -> None:
    writer = record(("a", {"type": "array", "items": "int"}))
    blocks = b"\x02\x02" + b"\x03\x04\x04\x06" + b"\x00"  # [1], then -2 elements in 2 bytes: 2, 3
    assert read(writer, {"a": t.ArrayType(t.IntType())}, [blocks]) == [([1, 2, 3],)]


def test_endless_arrays_of_nothing_end() -> None:
    writer = record(("a", {"type": "array", "items": "null"}))
    count = b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
    with pytest.raises(ValueError, match="too many elements without bytes"):
        read(writer, {"a": t.ArrayType(t.IntType())}, [count])


def test_data_that_is_nested_without_end_is_refused() -> None:
    loop = record(("next", ["null", "loop"]), name="loop")
    writer = record(("gone", loop), ("a", "int"))
    with pytest.raises(ValueError, match="nested too deeply"):
        read(writer, {"a": t.IntType()}, [b"\x02" * 10_000])


#: Names, kinds in the data, types of columns; all pairs of a row go together.
EVOLVING = {
    "number": (["int", "long"], [t.BigIntType(), t.DoubleType()]),
    "real": (["int", "float", "double"], [t.DoubleType()]),
    "text": (["string", "bytes"], [t.STRING]),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-1000, 1000),
    "long": st.integers(-(1 << 40), 1 << 40),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "string": st.text("abä", max_size=5),
    "bytes": st.text("abä", max_size=5).map(str.encode),
}


def values_of(kind: str, is_optional: bool) -> st.SearchStrategy[Any]:
    return st.none() | VALUES[kind] if is_optional else VALUES[kind]


@given(st.data())
def test_evolved_data_is_read_as_the_oracle_reads_it(data: st.DataObject) -> None:
    written = data.draw(st.lists(st.sampled_from(list(EVOLVING)), unique=True))
    wanted = data.draw(st.lists(st.sampled_from(list(EVOLVING)), unique=True, min_size=1))
    kinds = {name: data.draw(st.sampled_from(EVOLVING[name][0])) for name in written}
    optional = {name: data.draw(st.booleans()) for name in written}
    fields = [(name, ["null", kinds[name]] if optional[name] else kinds[name]) for name in written]
    writer = record(*fields, name=RECORD_NAME)  # the oracle wants the same name
    columns = {name: data.draw(st.sampled_from(EVOLVING[name][1])) for name in wanted}
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {name: values_of(kinds[name], optional[name]) for name in written}
            ),
            max_size=3,
        )
    )
    messages = [message(writer, row) for row in rows]
    expected = fastavro.parse_schema(derive_schema(fields_of(columns)))
    parsed = fastavro.parse_schema(writer)
    oracle = [fastavro.schemaless_reader(io.BytesIO(m), parsed, expected) for m in messages]
    assert read(writer, columns, messages) == [
        tuple(row[name] for name in columns) for row in oracle
    ]
