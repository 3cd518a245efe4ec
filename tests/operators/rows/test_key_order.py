"""The order of keys in BATCH mode."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.types import Row
from flott.operators.rows.key_order import in_key_order


@pytest.mark.parametrize(
    "ordered",
    [
        [-5, -1, 0, 3, 70_000],
        ["a", "b", "aa", "fig", "kiwi", "pear", "apple"],
        [b"z", b"aa"],
        [(1, "b"), (1, "aa"), (2, "a")],
        [Row(1, "b"), Row(1, "aa")],
        [False, True],
        [-1.5, 0.0, 2.5],
    ],
)
def test_small_keys_and_short_text_come_first(ordered: list[Any]) -> None:
    assert in_key_order(reversed(ordered)) == ordered


@given(st.lists(st.integers() | st.text() | st.none(), unique=True))
def test_no_key_is_lost_whatever_it_is(keys: list[Any]) -> None:
    assert set(in_key_order(keys)) == set(keys)


@given(st.permutations(["a", "bb", "c", "", "dd"]))
def test_the_order_does_not_depend_on_that_of_the_input(keys: list[str]) -> None:
    assert in_key_order(keys) == ["", "a", "c", "bb", "dd"]
