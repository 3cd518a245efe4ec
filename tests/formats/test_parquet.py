from __future__ import annotations

import datetime
import io
import pickle
from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flott.common import Configuration, Row, Types
from flott.common.errors import TypeMismatchError
from flott.common.serialization import BulkWriterFactory
from flott.common.time import Instant
from flott.formats.arrow_types import schema_type_info
from flott.formats.parquet_read import ParquetColumnarRowInputFormat, ParquetFormat
from flott.formats.parquet_write import ParquetBulkWriters

CLICK = Types.ROW_NAMED(["id", "user"], [Types.LONG(), Types.STRING()])
Point = namedtuple("Point", "x y")


@dataclass
class Click:
    id: int
    user: str | None


def written(factory: BulkWriterFactory, *batches: list[Any]) -> bytes:
    stream = io.BytesIO()
    writer = factory.create(stream)
    for batch in batches:
        writer.add_elements(batch)
    writer.finish()
    return stream.getvalue()


def read(data: bytes, fmt: ParquetFormat | None = None, rows_max: int = 1000) -> list[Any]:
    reader = (fmt or ParquetFormat()).open(io.BytesIO(data), 0, len(data))
    rows = []
    for group in reader.groups:
        reader.open_group(group, 0)
        while found := reader.read(rows_max):
            rows += found
    reader.close()
    return rows


def file_of(**columns: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream, row_group_size=3)
    return stream.getvalue()


def any_records() -> BulkWriterFactory:
    return ParquetBulkWriters.for_records()


def test_rows_come_back() -> None:
    rows = [Row(id=1, user="ada"), Row(id=2, user=None)]
    assert read(written(any_records(), rows)) == rows


@pytest.mark.parametrize(
    ("records", "rows"),
    [
        ([Row(1, "a")], [Row(f0=1, f1="a")]),
        ([(1, "a")], [Row(f0=1, f1="a")]),
        ([Point(1, 2)], [Row(x=1, y=2)]),
        ([Click(1, "ada")], [Row(id=1, user="ada")]),
        ([{"a": 1}, {"b": "x"}], [Row(a=1, b=None), Row(a=None, b="x")]),
        ([Row(a=1, b=2), Row(b=4, a=3)], [Row(a=1, b=2), Row(a=3, b=4)]),
    ],
)
def test_columns_come_from_the_first_records(records: list[Any], rows: list[Row]) -> None:
    assert read(written(any_records(), records)) == rows


def test_later_files_have_the_columns_of_the_first() -> None:
    factory = ParquetBulkWriters.for_records()
    written(factory, [{"a": 1.5}])
    assert pq.read_schema(io.BytesIO(written(factory, [{"a": 1}]))).types == [pa.float64()]


def test_records_of_a_declared_type() -> None:
    factory = ParquetBulkWriters.for_records(CLICK)
    for record in (Row(1, "ada"), Row(user="ada", id=1), (1, "ada"), {"id": 1, "user": "ada"}):
        assert read(written(factory, [record])) == [Row(id=1, user="ada")]
    assert read(written(ParquetBulkWriters.for_records(Click), [Click(1, "ada")]))


def test_a_field_that_came_too_late_is_named() -> None:
    factory = any_records()
    written(factory, [{"a": 1}])
    with pytest.raises(TypeMismatchError, match=r"found field 'b' .*do not have it"):
        written(factory, [{"a": 1, "b": 2}])


def test_a_file_without_records_is_none() -> None:
    assert written(any_records()) == b""


def test_many_records_make_several_batches_and_one_group() -> None:
    data = written(any_records(), *[[Row(id=n)] for n in range(3000)])
    assert pq.ParquetFile(io.BytesIO(data)).metadata.num_row_groups == 1
    assert [row.id for row in read(data)] == list(range(3000))


DAY = datetime.date(2026, 7, 1)
NOON = datetime.datetime(2026, 7, 1, 12, 0, 0, 5)
VALUES: list[tuple[Any, Any]] = [
    (Types.BOOLEAN(), True),
    (Types.BYTE(), -128),
    (Types.SHORT(), 1),
    (Types.INT(), 1),
    (Types.LONG(), 2**62),
    (Types.BIG_INT(), 2**100),
    (Types.FLOAT(), 0.5),
    (Types.DOUBLE(), 0.1),
    (Types.BIG_DEC(), Decimal("1.100000000000000000")),
    (Types.STRING(), "naïve"),
    (Types.PRIMITIVE_ARRAY(Types.BYTE()), b"\x00\xff"),
    (Types.SQL_DATE(), DAY),
    (Types.SQL_TIME(), datetime.time(12, 30, 0, 5)),
    (Types.SQL_TIMESTAMP(), NOON),
    (Types.INSTANT(), Instant(-1, 500_000_000)),
    (Types.LIST(Types.INT()), [1, None]),
    (Types.MAP(Types.STRING(), Types.INT()), {"a": 1}),
    (Types.TUPLE([Types.INT(), Types.STRING()]), (1, "a")),
    (CLICK, Row(id=1, user="ada")),
    (Types.LIST(CLICK), [Row(id=1, user="ada")]),
    (Types.MAP(Types.STRING(), Types.INSTANT()), {"a": Instant(1, 0), "b": None}),
]


@pytest.mark.parametrize(("type_info", "value"), VALUES)
def test_values_of_each_type_come_back(type_info: Any, value: Any) -> None:
    row_type = Types.ROW_NAMED(["v"], [type_info])
    data = written(ParquetBulkWriters.for_row_type(row_type), [Row(value), Row(None)])
    assert read(data, ParquetFormat(row_type)) == [Row(v=value), Row(v=None)]


def test_dataclasses_come_back() -> None:
    assert read(written(any_records(), [Click(1, None)]), ParquetFormat(Click)) == [Click(1, None)]


def test_types_of_a_schema() -> None:
    schema = pa.schema(
        [
            ("a", pa.int16()),
            ("b", pa.uint32()),
            ("c", pa.timestamp("ms")),
            ("d", pa.timestamp("ns", "UTC")),
            ("e", pa.list_(pa.string())),
            ("f", pa.struct([("x", pa.float32())])),
            ("g", pa.map_(pa.string(), pa.binary())),
            ("h", pa.null()),
        ]
    )
    assert str(schema_type_info(schema)) == (
        "RowTypeInfo(a: Short, b: Long, c: TimestampTypeInfo, d: Instant, "
        "e: ListTypeInfo<String>, f: RowTypeInfo(x: Float), "
        "g: MapTypeInfo<String, PrimitiveArrayTypeInfo<Byte>>, h: PickledByteArrayTypeInfo)"
    )


def test_nanoseconds_are_cut_and_dictionaries_resolved() -> None:
    data = file_of(t=pa.array([1_500], pa.timestamp("ns")), d=pa.array(["a"]).dictionary_encode())
    assert read(data) == [Row(t=datetime.datetime(1970, 1, 1, 0, 0, 0, 1), d="a")]


def test_only_the_declared_columns_are_read_in_their_order() -> None:
    data = file_of(b=["x"], more=[1], a=[pa.scalar(1, pa.int32()).as_py()])
    row_type = Types.ROW_NAMED(["a", "b"], [Types.INT(), Types.STRING()])
    assert read(data, ParquetColumnarRowInputFormat(row_type)) == [Row(a=1, b="x")]


def test_columns_of_other_types_are_cast_if_every_value_fits() -> None:
    row_type = Types.ROW_NAMED(["a"], [Types.BYTE()])
    assert read(file_of(a=[1]), ParquetFormat(row_type)) == [Row(a=1)]
    with pytest.raises(ValueError, match="column 'a'"):
        read(file_of(a=[1000]), ParquetFormat(row_type))


def test_zones_are_added_and_removed() -> None:
    zoned = file_of(a=pa.array([0], pa.timestamp("ms", "Europe/Berlin")))
    plain = file_of(a=pa.array([0], pa.timestamp("ms")))
    epoch = datetime.datetime(1970, 1, 1)
    for data in (zoned, plain):
        stamps = ParquetFormat(Types.ROW_NAMED(["a"], [Types.SQL_TIMESTAMP()]))
        instants = ParquetFormat(Types.ROW_NAMED(["a"], [Types.INSTANT()]))
        assert read(data, stamps) == [Row(a=epoch)]
        assert read(data, instants) == [Row(a=Instant(0, 0))]


def test_names_in_any_case_on_demand() -> None:
    row_type = Types.ROW_NAMED(["ID"], [Types.LONG()])
    assert read(file_of(id=[1]), ParquetFormat(row_type, is_case_sensitive=False)) == [Row(ID=1)]
    with pytest.raises(ValueError, match=r"it has no columns \['ID'\]; it has \['id'\]"):
        read(file_of(id=[1]), ParquetFormat(row_type))


@given(
    count=st.integers(0, 20), start=st.integers(0, 20), sizes=st.tuples(*[st.integers(1, 5)] * 2)
)
def test_a_group_can_be_read_from_any_row(count: int, start: int, sizes: tuple[int, int]) -> None:
    rows_max, batch = sizes
    assume(start <= count)
    data = file_of(a=list(range(count)))
    reader = ParquetFormat(batch_size=batch).open(io.BytesIO(data), 0, len(data))
    found = []
    for group in reader.groups:
        if group >= start // 3:
            reader.open_group(group, start % 3 if group == start // 3 else 0)
            while rows := reader.read(rows_max):
                found += [row.a for row in rows]
    assert found == list(range(count))[start:]


@given(st.lists(st.integers(0, 2000), max_size=5))
def test_each_group_is_in_exactly_one_range(cuts: list[int]) -> None:
    data = file_of(a=list(range(20)), b=["x"] * 20)
    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    groups = []
    for start, stop in pairwise(bounds):
        groups += ParquetFormat().open(io.BytesIO(data), start, stop).groups
    assert groups == list(range(7))


@pytest.mark.parametrize("data", [b"", b"no parquet at all", file_of(a=[1])[:-10]])
def test_what_is_no_parquet_file(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a complete Parquet file"):
        ParquetFormat().open(io.BytesIO(data), 0, len(data))


def test_a_group_shorter_than_the_position_is_noticed() -> None:
    data = file_of(a=[1, 2])
    reader = ParquetFormat().open(io.BytesIO(data), 0, len(data))
    with pytest.raises(ValueError, match="fewer rows than were read before"):
        reader.open_group(0, 3)


def test_a_value_that_does_not_fit_its_column_is_named() -> None:
    factory = ParquetBulkWriters.for_records(CLICK)
    with pytest.raises(TypeMismatchError, match="field 'id': declared as int64, found str 'x'"):
        written(factory, [Row(1, "a"), Row("x", "b")])
    with pytest.raises(TypeMismatchError, match="field 'id'"):
        written(factory, [Row(2**70, "a")])


def test_records_that_have_no_columns_are_named() -> None:
    with pytest.raises(TypeMismatchError, match="records need fields"):
        written(any_records(), [1])
    with pytest.raises(TypeMismatchError, match="Row with a field 'id'"):
        written(ParquetBulkWriters.for_records(CLICK), [Row(id=1, user="a"), Row(other=1)])
    with pytest.raises(TypeMismatchError, match="record with a field 'id'"):
        written(ParquetBulkWriters.for_records(Click), [object()])
    with pytest.raises(TypeMismatchError, match=r"Row\(id, user\)"):
        written(ParquetBulkWriters.for_records(CLICK), [(1, "a", 3)])
    with pytest.raises(TypeMismatchError, match=r"field 'a': .*declare a type"):
        written(ParquetBulkWriters.for_records(), [{"a": 1}, {"a": "x"}])


def test_types_without_columns_are_refused() -> None:
    for make in (ParquetBulkWriters.for_row_type, ParquetBulkWriters.for_records, ParquetFormat):
        with pytest.raises(TypeError, match="Expected the type of a row"):
            make(Types.INT())
    with pytest.raises(TypeError, match="Field 'a' has no declared type"):
        ParquetBulkWriters.for_row_type(Types.ROW_NAMED(["a"], [Types.PICKLED_BYTE_ARRAY()]))


def test_timestamps_marked_as_utc_on_demand() -> None:
    row_type = Types.ROW_NAMED(["t"], [Types.SQL_TIMESTAMP()])
    factory = ParquetBulkWriters.for_row_type(row_type, utc_timestamp=True)
    data = written(factory, [Row(NOON)])
    assert pq.read_schema(io.BytesIO(data)).types == [pa.timestamp("us", "UTC")]
    assert read(data, ParquetFormat(row_type)) == [Row(t=NOON)]


def test_the_codec_is_followed() -> None:
    config = Configuration.from_dict({"parquet.compression": "GZIP"})
    data = written(ParquetBulkWriters.for_row_type(CLICK, config), [Row(1, "a")])
    column = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0)
    assert column.compression == "GZIP"


def test_factories_and_formats_travel_to_workers() -> None:
    factory = pickle.loads(pickle.dumps(ParquetBulkWriters.for_row_type(CLICK)))
    fmt = pickle.loads(pickle.dumps(ParquetFormat(CLICK)))
    assert read(written(factory, [Row(1, "a")]), fmt) == [Row(id=1, user="a")]
    assert fmt.get_produced_type() == CLICK


def test_many_small_batches_become_one_row_group() -> None:
    clicks = [Row(id=number, user=str(number)) for number in range(2500)]
    batches = [clicks[start : start + 7] for start in range(0, 2500, 7)]
    data = written(ParquetBulkWriters.for_row_type(CLICK), *batches)
    assert pq.ParquetFile(io.BytesIO(data)).num_row_groups == 1
    assert [row["id"] for row in read(data)] == list(range(2500))


def test_flush_writes_the_records_so_far_as_a_row_group() -> None:
    stream = io.BytesIO()
    writer = ParquetBulkWriters.for_row_type(CLICK).create(stream)
    for number in (1, 2):
        writer.add_elements([Row(id=number, user="ada")])
        writer.flush()
    writer.finish()
    assert pq.ParquetFile(io.BytesIO(stream.getvalue())).num_row_groups == 2
