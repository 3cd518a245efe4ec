"""Tests of flott.kernels.columns.key_index."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns.key_index import KeyIndex

LONG = "rather longer than twelve bytes"
TEXTS = st.one_of(
    st.none(), st.sampled_from(["", "a", "b", LONG, LONG + "!", LONG + "?"]), st.text()
)
NUMBERS = st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))
SCHEMAS: list[tuple[dict[str, Any], Any]] = [
    ({"f0": pl.Int64()}, st.tuples(NUMBERS)),
    ({"f0": pl.String()}, st.tuples(TEXTS)),
    ({"f0": pl.Boolean()}, st.tuples(st.sampled_from([None, True, False]))),
    ({"f0": pl.Int64(), "f1": pl.String()}, st.tuples(NUMBERS, TEXTS)),
    (
        {"f0": pl.String(), "f1": pl.Int16(), "f2": pl.String(), "f3": pl.Int64()},
        st.tuples(TEXTS, st.integers(-2, 2), TEXTS, NUMBERS),
    ),
    ({"f0": pl.List(pl.Int64())}, st.tuples(st.one_of(st.none(), st.lists(NUMBERS, max_size=2)))),
]


def frame(schema: dict[str, Any], rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(value) if isinstance(value, list) else value for value in row)


@pytest.mark.parametrize(("schema", "row"), SCHEMAS)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_index_does_what_a_dict_does(schema: dict[str, Any], row: Any, data: Any) -> None:
    index = KeyIndex(schema)
    model: dict[tuple[Any, ...], int] = {}
    for _ in range(data.draw(st.integers(1, 5))):
        rows = data.draw(st.lists(row, max_size=20))
        for key, slot in zip(rows, index.upsert(frame(schema, rows)).to_list()):
            assert model.setdefault(hashable(key), slot) == slot
        assert len(set(model.values())) == len(model) == len(index)
        others = data.draw(st.lists(row, max_size=5))
        found = index.lookup(frame(schema, others)).to_list()
        assert found == [model.get(hashable(key)) for key in others]
        gone = [key for key in list(model) if data.draw(st.booleans())]
        index.erase(pl.Series([model.pop(key) for key in gone], dtype=pl.UInt32))
        kept = index.keys(pl.Series(list(model.values()), dtype=pl.UInt32))
        assert [hashable(key) for key in kept.rows()] == list(model)


def test_many_keys_survive_growth_and_erasure() -> None:
    index = KeyIndex({"f0": pl.Int64()})
    keys = pl.DataFrame({"f0": range(200_000)})
    slots = index.upsert(keys)
    index.erase(slots.gather_every(2))
    assert len(index) == 100_000
    found = index.lookup(keys)
    assert found.null_count() == 100_000
    assert index.keys(found.drop_nulls())["f0"].to_list() == list(range(1, 200_000, 2))
    assert index.upsert(keys).n_unique() == 200_000
    assert index.slot_end == 200_000


def test_a_null_equals_nothing_where_told_so() -> None:
    index = KeyIndex({"f0": pl.Int64(), "f1": pl.Int64()})
    keys = pl.DataFrame({"f0": [1, None, 1], "f1": [1, 1, None]})
    index.upsert(keys)
    assert index.lookup(keys, never_null=(0,)).to_list() == [0, None, 2]
    assert index.lookup(keys, never_null=(0, 1)).to_list() == [0, None, None]


def test_memory_of_erased_long_strings_is_given_back() -> None:
    index = KeyIndex({"f0": pl.String()})
    for turn in range(20):
        index.erase(
            index.upsert(pl.DataFrame({"f0": [f"{turn}-{i}-{LONG}" for i in range(5_000)]}))
        )
    kept = index.upsert(pl.DataFrame({"f0": [LONG]}))
    assert index.keys(kept).item() == LONG
    assert index.memory_bytes < 2_000_000


def test_zeros_are_two_keys_and_all_nans_are_one() -> None:
    index = KeyIndex({"f0": pl.Float64()})
    keys = pl.DataFrame({"f0": [0.0, -0.0, float("nan"), -float("nan")]})
    assert index.upsert(keys).to_list() == [0, 1, 2, 2]


def test_erasing_an_unused_slot_is_refused() -> None:
    with pytest.raises(IndexError, match="not in use"):
        KeyIndex({"f0": pl.Int64()}).erase(pl.Series([0], dtype=pl.UInt32))
