"""Functions in Python: called once for each distinct combination of values."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.sql.functions.casting.conversion import by_distinct
from flott.sql.functions.rows import of_rows


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text("abc", max_size=2)), max_size=100))
def test_distinct_values_give_what_each_gives(texts: list[str | None]) -> None:
    found = by_distinct(pl.Series("t", texts, dtype=pl.String), lambda text: text * 2, pl.String())
    assert found.to_list() == [None if text is None else text * 2 for text in texts]
    assert found.name == "t"


def test_a_function_is_called_once_for_equal_values() -> None:
    calls: list[str] = []
    by_distinct(pl.Series(["a", "b"] * 50), lambda text: calls.append(text), pl.String())
    assert sorted(calls) == ["a", "b"]


@pytest.mark.parametrize(
    "value", [[1, 2], {"a": 1}, [{"key": "a", "value": 1}], [[1], [2, None]], [None]]
)
def test_nested_values_are_taken_one_by_one(value: Any) -> None:
    found = by_distinct(pl.Series([value, None] * 50), lambda each: str(each), pl.String())
    assert found.to_list() == [str(value), None] * 50


def test_rows_with_null_are_null_unless_null_is_wanted() -> None:
    frame = pl.DataFrame({"a": [1, None, 3], "b": [4, 5, 6]})
    columns = [pl.col("a"), pl.col("b")]
    added = of_rows(columns, lambda a, b: a + b, pl.Int64())
    assert frame.select(added).to_series().to_list() == [5, None, 9]
    filled = of_rows(columns, lambda a, b: (a or 0) + b, pl.Int64(), keeps_null=True)
    assert frame.select(filled).to_series().to_list() == [5, 5, 9]


def test_rows_of_lists_are_computed_row_by_row() -> None:
    frame = pl.DataFrame({"a": [[1], [1], [2, 3]], "b": [1, 1, 2]})
    held = of_rows([pl.col("a"), pl.col("b")], lambda a, b: b in a, pl.Boolean())
    assert frame.select(held).to_series().to_list() == [True, True, True]


def test_no_rows_give_no_values() -> None:
    frame = pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})
    computed = of_rows([pl.col("a"), pl.col("a")], lambda a, b: a, pl.Int64())
    assert frame.select(computed).height == 0
    assert by_distinct(pl.Series([], dtype=pl.String), str.upper, pl.String()).len() == 0
