"""Many fields read at once are what a few are read one by one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.formats.columns.csv.values import CsvValues, read_column
from tests.formats.columns.decoding import decode_messages, origins

TYPES = (
    t.BooleanType(), t.TinyIntType(), t.IntType(), t.BigIntType(), t.FloatType(), t.DoubleType(),
    t.DecimalType(6, 2), t.STRING, t.DateType(), t.TimeType(3), t.TimestampType(3),
    t.TimestampType(9), t.LocalZonedTimestampType(3), t.ArrayType(t.IntType()),
)  # fmt: skip
texts = st.one_of(
    st.text(" 0123456789+-.eE_xinfaNT:", max_size=8),
    st.integers(-(2**64), 2**64).map(str),
    st.floats().map(repr),
    st.dates().map(str),
    st.datetimes().map(str),
    st.times().map(str),
    st.sampled_from(["", "n/a", "true", "TRUE ", "1;2", "2024-2-9", "0000-01-01", "1e400", "٣"]),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.none() | texts, min_size=1, max_size=3),
    st.sampled_from(TYPES),
    st.booleans(),
    st.sampled_from([None, "n/a", ""]),
)
def test_a_column_is_the_same_at_once(
    found: list[str | None], data_type: t.DataType, ignores: bool, null: str | None
) -> None:
    values = CsvValues(null_literal=null, ignores_errors=ignores)
    field = t.RowField("v", data_type)

    def read(fields: list[str | None]) -> pl.Series | str:
        try:
            return read_column(fields, field, values)
        except ValueError as error:
            return str(error)

    few, many = read(found), read(found * 40)
    if isinstance(few, str) or isinstance(many, str):
        assert isinstance(many, str)
        assert many == few
    else:
        assert many.equals(pl.concat([few] * 40), check_names=False, check_dtypes=True)


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("count", [1, 5, 200])
def test_messages_of_any_number_are_the_same(count: int, quoted: bool) -> None:
    columns = {"id": t.IntType(), "at": t.TimestampType(3), "name": t.STRING}
    name = b'"a,b"' if quoted else b"ab"
    messages = [b"%d,2024-02-29 12:34:56.5,%s" % (number, name) for number in range(count)]
    decoded = decode_messages("csv", columns, [None, *messages])
    assert origins(decoded) == list(range(1, count + 1))
    assert decoded.frame["f0"].to_list() == list(range(count))
    assert set(decoded.frame["f2"]) == {name.decode().strip('"')}
