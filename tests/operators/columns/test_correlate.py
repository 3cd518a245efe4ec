"""UNNEST and table functions."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.logical_types import (
    STRING,
    ArrayType,
    BigIntType,
    DataType,
    MapType,
    MultisetType,
    RowType,
)
from flott.core.expression import Predicate
from flott.operators.columns.correlate import CorrelateSpec
from tests.operators.columns.harness import ColumnHarness

LONG = BigIntType()
LONGS = ArrayType(LONG)
ROW = RowType.of(("x", LONG), ("y", STRING))


def results(
    kind: str, types: tuple[DataType, ...], made: tuple[DataType, ...], *changes: Any, **more: Any
) -> list[Any]:
    """The columns after the first two of what UNNEST of the second makes."""
    columns = ColumnHarness(CorrelateSpec(kind, "UNNEST", (1,), types, made, **more), types)
    columns.push(*changes)
    return [(change[0], change[1], *change[3:]) for change in columns.changes]


def test_elements_follow_their_row_and_its_kind() -> None:
    changes = [("+I", 1, [7, 8]), ("-D", 2, [9]), ("+U", 3, [])]
    expected = [("+I", 1, 7), ("+I", 1, 8), ("-D", 2, 9)]
    assert results("INNER", (LONG, LONGS), (LONG,), *changes) == expected


def test_an_element_that_is_null_is_an_element() -> None:
    assert results("INNER", (LONG, LONGS), (LONG,), ("+I", 1, [None])) == [("+I", 1, None)]


@pytest.mark.parametrize("nothing", [[], None])
def test_a_left_join_keeps_rows_without_elements(nothing: Any) -> None:
    found = results("LEFT", (LONG, LONGS), (LONG,), ("+I", 1, nothing), ("+I", 2, [5]))
    assert found == [("+I", 1, None), ("+I", 2, 5)]


def test_the_ordinality_counts_from_one_and_is_null_without_elements() -> None:
    changes = [("+I", 1, [7, 8]), ("+I", 2, [])]
    found = results("LEFT", (LONG, LONGS), (LONG,), *changes, with_ordinality=True)
    assert found == [("+I", 1, 7, 1), ("+I", 1, 8, 2), ("+I", 2, None, None)]


def test_rows_in_an_array_become_columns() -> None:
    change = ("+I", 1, [{"x": 1, "y": "a"}, None])
    found = results("INNER", (LONG, ArrayType(ROW)), (LONG, STRING), change)
    assert found == [("+I", 1, 1, "a")]  # a row that is NULL as a whole is none


def test_a_map_gives_keys_and_values() -> None:
    change = ("+I", 1, [{"key": "a", "value": 1}, {"key": "b", "value": None}])
    found = results("INNER", (LONG, MapType(STRING, LONG)), (STRING, LONG), change)
    assert found == [("+I", 1, "a", 1), ("+I", 1, "b", None)]


def test_a_multiset_gives_each_element_as_often_as_it_is_there() -> None:
    change = ("+I", 1, [{"key": "a", "value": 2}, {"key": "b", "value": 1}])
    types = (LONG, MultisetType(STRING))
    found = results("INNER", types, (STRING,), change, with_ordinality=True)
    assert found == [("+I", 1, "a", 1), ("+I", 1, "a", 2), ("+I", 1, "b", 3)]


class AtMost(Predicate):
    def __init__(self, limit: int) -> None:
        self._limit = limit

    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        return (frame["f2"] <= self._limit).fill_null(False)


def test_a_condition_takes_rows_out_and_a_left_join_pads_then() -> None:
    changes = [("+I", 1, [7, 2]), ("+I", 2, [9]), ("+I", 3, [1])]
    found = results("LEFT", (LONG, LONGS), (LONG,), *changes, condition=AtMost(5))
    assert found == [("+I", 1, 2), ("+I", 2, None), ("+I", 3, 1)]


def test_rows_are_replicated() -> None:
    types = (LONG, STRING)
    columns = ColumnHarness(
        CorrelateSpec("INNER", "REPLICATE_ROWS", (0, 1), types, (STRING,)), types
    )
    columns.push(("+I", 2, "a"), ("+I", 0, "b"), ("-D", 1, "c"))
    assert columns.changes == [("+I", 2, "a", "a"), ("+I", 2, "a", "a"), ("-D", 1, "c", "c")]


class Words:
    """Splits a text."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def open(self, context: Any) -> None:
        self.calls.append("open")

    def eval(self, text: str) -> Any:
        for word in text.split():
            yield word, len(word)

    def close(self) -> None:
        self.calls.append("close")


def test_a_python_function_makes_rows() -> None:
    function = Words()
    spec = CorrelateSpec("LEFT", function, (0,), (STRING,), (STRING, LONG))
    columns = ColumnHarness(spec, (STRING,))
    columns.push(("+I", "a bb"), ("+I", ""))
    columns.plain.close()
    assert columns.changes == [
        ("+I", "a bb", "a", 1),
        ("+I", "a bb", "bb", 2),
        ("+I", "", None, None),
    ]
    assert function.calls == ["open", "close"]


def test_a_python_function_of_one_column_may_give_bare_values_or_nothing() -> None:
    def halves(value: int) -> list[int] | None:
        return [value // 2, value - value // 2] if value else None

    columns = ColumnHarness(CorrelateSpec("INNER", halves, (0,), (LONG,), (LONG,)), (LONG,))
    columns.push(("+I", 5), ("+I", 0))
    assert columns.changes == [("+I", 5, 2), ("+I", 5, 3)]


@given(st.lists(st.lists(st.integers(0, 9) | st.none()) | st.none(), max_size=20), st.booleans())
def test_unnest_agrees_with_a_loop(rows: list[Any], is_left: bool) -> None:
    changes = [("+I", i, row) for i, row in enumerate(rows)]
    expected = [
        ("+I", i, element)
        for i, row in enumerate(rows)
        for element in (row or ([None] if is_left else []))
    ]
    assert results("LEFT" if is_left else "INNER", (LONG, LONGS), (LONG,), *changes) == expected
