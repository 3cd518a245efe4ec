"""Partitioning a batch: every row goes to the owner of its key, in order, and nothing is lost."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.core.key_group import subtask_of_key_group
from flott.kernels.key_hash import key_hash
from flott.kernels.partition import hash_partition, key_groups, partition, scatter

keys = st.lists(st.integers() | st.text() | st.tuples(st.text(), st.integers()))
spreads = st.integers(1, 32768).flatmap(lambda m: st.tuples(st.just(m), st.integers(1, m)))


@given(keys, st.integers(1, 32768))
def test_key_group_is_the_hash_modulo_the_number_of_groups(some: list[Any], groups: int) -> None:
    assert key_groups(some, groups) == [key_hash(key) % groups for key in some]


@given(keys, spreads)
def test_subtask_is_the_owner_of_the_key_group(some: list[Any], spread: tuple[int, int]) -> None:
    groups = key_groups(some, spread[0])
    assert partition(some, *spread) == [subtask_of_key_group(*spread, group) for group in groups]


@given(st.lists(st.tuples(st.text(), st.integers(0, 6))))
def test_scatter_keeps_every_value_in_order(rows: list[tuple[str, int]]) -> None:
    values, targets = [row[0] for row in rows], [row[1] for row in rows]
    parts = scatter(values, targets, 7)
    assert parts == [[v for v, t in rows if t == target] for target in range(7)]


@given(keys, st.integers(1, 8))
def test_hash_partition_scatters_values_and_timestamps_alike(some: list[Any], n: int) -> None:
    values, times = [[key] for key in some], list(range(len(some)))
    targets = partition(some, 128, n)
    expected = list(zip(scatter(values, targets, n), scatter(times, targets, n), strict=True))
    assert hash_partition(some, values, times, 128, n) == expected


def test_without_timestamps_each_part_has_none() -> None:
    assert hash_partition([1], ["a"], None, 1, 1) == [(["a"], None)]
    assert hash_partition([], [], None, 2, 2) == [([], None), ([], None)]


def test_values_are_the_same_objects_and_none_is_leaked() -> None:
    value = object()
    before = sys.getrefcount(value)
    parts = hash_partition(["k"] * 3, [value] * 3, None, 128, 2)
    assert [v for part, _ in parts for v in part] == [value] * 3
    assert sys.getrefcount(value) == before + 3
    del parts
    assert sys.getrefcount(value) == before


@pytest.mark.parametrize(
    ("max_parallelism", "parallelism", "text"),
    [
        (0, 1, "max_parallelism must be between 1 and 32768, not 0"),
        (32769, 1, "max_parallelism must be between 1 and 32768, not 32769"),
        (128, 0, r"parallelism must be between 1 and max_parallelism \(128\), not 0"),
        (128, 129, r"parallelism must be between 1 and max_parallelism \(128\), not 129"),
    ],
)
def test_wrong_parallelism_is_refused(max_parallelism: int, parallelism: int, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        partition(["a"], max_parallelism, parallelism)


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 keys or targets for 1 values or timestamps"):
        hash_partition(["a", "b"], [1], None, 128, 2)
    with pytest.raises(ValueError, match="1 keys or targets for 2 values or timestamps"):
        hash_partition(["a"], [1], [5, 6], 128, 2)


@pytest.mark.parametrize("target", [-1, 3])
def test_target_out_of_range_is_refused(target: int) -> None:
    with pytest.raises(ValueError, match="between 0 and count - 1"):
        scatter(["a"], [target], 3)


def test_bad_key_in_a_batch_names_its_type() -> None:
    with pytest.raises(TypeError, match="a list cannot be a key"):
        partition(["a", [1]], 128, 2)


def test_list_that_shrinks_while_it_is_hashed_is_an_error_and_no_crash() -> None:
    class Vandal:
        def __eq__(self, other: object) -> bool:
            return self is other

        def __hash__(self) -> int:
            return 1

        def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
            batch.clear()
            return (Vandal, ())

    batch: list[Any] = [Vandal(), "a"]
    with pytest.raises(IndexError):
        key_groups(batch, 128)
