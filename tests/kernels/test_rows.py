"""Rows made, converted and written by kernels, compared with what Python does."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import Row, RowKind, Types
from flott.common.errors import TypeMismatchError
from flott.common.type_conversion import conversion_for
from flott.kernels.rows import BOOLEAN, REAL, TEXT, WHOLE, RowClass, RowTexts
from flott.operators.rows.conversions import conversion_of

ROWS = RowClass(Row, RowKind.INSERT)
NAMES = ("id", "name", "size")
TYPE = Types.ROW_NAMED(
    [*NAMES, "inner"],
    [Types.INT(), Types.STRING(), Types.FLOAT(), Types.ROW_NAMED(["x"], [Types.LONG()])],
)


def test_columns_become_rows() -> None:
    frame = pl.DataFrame(
        {
            "a": pl.Series([1, None], dtype=pl.Int16),
            "b": ["é", "a text that is longer than twelve bytes"],
            "c": [True, None],
            "d": [None, 1.5],
        }
    )
    rows = ROWS.make(("a", "b", "c", "d"), frame)
    assert rows == [
        Row(a=1, b="é", c=True, d=None),
        Row(a=None, b="a text that is longer than twelve bytes", c=None, d=1.5),
    ]
    assert rows[0].get_row_kind() is RowKind.INSERT


def test_a_class_without_the_slots_of_rows_is_refused() -> None:
    with pytest.raises((AttributeError, ValueError)):
        RowClass(int, RowKind.INSERT)


inner = st.none() | st.builds(Row, st.integers(0, 3) | st.just("x"))
values = st.tuples(
    st.none() | st.integers(-(2**31) - 1, 2**31) | st.booleans(),
    st.none() | st.text(max_size=2) | st.just(b"x"),
    st.none() | st.floats(width=32) | st.floats() | st.integers(0, 3),
    inner,
)
named = st.permutations([*NAMES, "inner"])


@st.composite
def rows(draw: st.DrawFn) -> Any:
    fields = draw(values)
    match draw(st.sampled_from(["positional", "named", "short", "other", "tuple", "kind", "none"])):
        case "positional":
            return Row(*fields)
        case "named":
            pairs = dict(zip([*NAMES, "inner"], fields, strict=True))
            return Row(**{name: pairs[name] for name in draw(named)}, extra=1)
        case "short":
            return Row(*fields[:3])
        case "other":
            return Row(id=1, other=2, size=3.0, inner=None)
        case "tuple":
            return fields
        case "kind":
            return Row.of_kind(RowKind.DELETE, *fields)
    return None


def outcome(convert: Any, given: list[Any]) -> Any:
    try:
        found = convert(given)
    except TypeMismatchError as error:
        return error.record_index, str(error)
    return [(repr(row), row.get_row_kind() if isinstance(row, Row) else None) for row in found]


@settings(max_examples=300, deadline=None)
@given(st.lists(rows(), max_size=4))
def test_rows_are_converted_as_by_python(given: list[Any]) -> None:
    slow, fast = conversion_for(TYPE), conversion_of(TYPE)
    assert slow is not None
    assert fast is not None
    expected = outcome(slow.convert_batch, list(given))
    held, before = list(given), list(map(repr, given))
    assert outcome(fast.convert_batch, given) == expected
    assert list(map(repr, held)) == before, "rows that others hold stay as they are"


def test_a_row_that_only_the_batch_holds_is_named_in_place() -> None:
    conversion = conversion_of(Types.ROW_NAMED(["id"], [Types.INT()]))
    assert conversion is not None
    batch = [Row(1), Row(2)]
    places = list(map(id, batch))
    converted = conversion.convert_batch(batch)
    assert converted == [Row(id=1), Row(id=2)]
    assert list(map(id, converted)) == places


def test_values_that_others_hold_are_copied() -> None:
    conversion = conversion_of(Types.ROW_NAMED(["id"], [Types.INT()]))
    assert conversion is not None
    row = Row(1)
    listed = row._values
    batch = [row]
    del row
    converted = conversion.convert_batch(batch)
    listed[0] = 2
    assert converted == [Row(id=1)]


def test_what_is_not_plain_is_written_by_the_function_given() -> None:
    texts = RowTexts(
        ROWS,
        ("a", "b", "c", "d"),
        [(WHOLE, 0, 9), (REAL, 0, 0), (TEXT, 0, 0), (BOOLEAN, 0, 0)],
        lambda value: repr(value).encode(),
    )
    rows = [
        Row(1, 0.5, 'é"\n', True),
        Row(10, 1.0, "", None),
        "x",
        Row(d=None, c=None, b=1e20, a=1),
    ]
    written = pl.DataFrame(texts.write(rows)).to_series().to_list()
    assert written == [
        '{"a":1,"b":0.5,"c":"é\\"\\n","d":true}'.encode(),
        b"<Row(10, 1.0, '', None)>",
        b"'x'",
        b"Row(d=None, c=None, b=1e+20, a=1)",
    ]


def test_an_error_of_the_function_is_that_of_the_batch() -> None:
    def refuse(value: Any) -> bytes:
        raise LookupError(value)

    texts = RowTexts(ROWS, ("a",), [(WHOLE, 0, 9)], refuse)
    with pytest.raises(LookupError, match="77"):
        texts.write([Row(1), 77])
