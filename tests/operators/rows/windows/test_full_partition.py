"""Operations on whole partitions of bounded data."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.common.typeinfo import Types
from flott.common.types import Row
from flott.operators.rows.windows.full_partition import (
    FullPartitionKind,
    FullPartitionSpec,
    bind_sort_key,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import Sum, key_of

MAP, SORT = FullPartitionKind.MAP_PARTITION, FullPartitionKind.SORT_PARTITION
AGGREGATE, REDUCE = FullPartitionKind.AGGREGATE, FullPartitionKind.REDUCE


def partition(kind: FullPartitionKind, function: Any, keyed: bool = False, **more: Any) -> Any:
    return FullPartitionSpec(
        partition_kind=kind, function=function, key_selector=key_of if keyed else None, **more
    )


def add(a: Any, b: Any) -> Any:
    return a[0], a[1] + b[1]


def spread(values: list[Any]) -> Any:
    numbers = [value for _, value in values]
    yield max(numbers) - min(numbers)


ROWS = [("a", 4), ("b", 9), ("a", 1), ("b", 2)]

CASES = [
    (MAP, spread, False, [8]),
    (MAP, spread, True, [3, 7]),
    (SORT, 1, False, [("a", 1), ("b", 2), ("a", 4), ("b", 9)]),
    (SORT, 1, True, [("a", 1), ("a", 4), ("b", 2), ("b", 9)]),
    (AGGREGATE, Sum(), False, [16]),
    (AGGREGATE, Sum(), True, [5, 11]),
    (REDUCE, add, False, [("a", 16)]),
    (REDUCE, add, True, [("a", 5), ("b", 11)]),
]

each = pytest.mark.parametrize(("kind", "function", "keyed", "expected"), CASES)


@each
def test_results_come_at_the_end(kind: Any, function: Any, keyed: bool, expected: Any) -> None:
    harness = Harness(partition(kind, function, keyed))
    harness.push(*ROWS, at=5)
    harness.watermark(100)
    assert harness.values == []
    harness.end()
    assert harness.records == [(value, None) for value in expected]


@each
def test_partitions_are_restored(kind: Any, function: Any, keyed: bool, expected: Any) -> None:
    spec = partition(kind, function, keyed)
    harness = Harness(spec)
    harness.push(*ROWS[:3])
    harness = Harness(spec, restore=[harness.snapshot(1)])
    harness.push(*ROWS[3:])
    harness.end()
    assert harness.values == expected


@pytest.mark.parametrize(("kind", "function"), [(AGGREGATE, Sum()), (REDUCE, add)])
def test_what_subtasks_had_folded_is_merged_when_they_become_one(kind: Any, function: Any) -> None:
    spec = partition(kind, function)
    halves = [Harness(spec, parallelism=2, subtask=n) for n in range(2)]
    for half, rows in zip(halves, (ROWS[:2], ROWS[2:])):
        half.push(*rows)
    whole = Harness(spec, restore=[half.snapshot(1) for half in halves])
    whole.end()
    assert whole.values == ([16] if kind is AGGREGATE else [("a", 16)])


def test_the_records_of_a_subtask_are_dealt_out_when_it_becomes_two() -> None:
    spec = partition(SORT, 1)
    whole = Harness(spec)
    whole.push(*ROWS)
    snapshot = whole.snapshot(1)
    halves = [Harness(spec, parallelism=2, subtask=n, restore=[snapshot]) for n in range(2)]
    for half in halves:
        half.end()
    assert sorted(halves[0].values + halves[1].values) == sorted(ROWS)
    assert len(halves[0].values) == 2


def test_a_subtask_without_records_maps_an_empty_partition() -> None:
    harness = Harness(partition(MAP, lambda values: [len(list(values))]))
    harness.end()
    assert harness.values == [0]
    for kind, function in ((REDUCE, add), (AGGREGATE, Sum()), (SORT, 0)):
        harness = Harness(partition(kind, function))
        harness.end()
        assert harness.values == []


def test_a_partition_may_be_mapped_to_nothing() -> None:
    harness = Harness(partition(MAP, lambda values: None, keyed=True))
    harness.push(*ROWS)
    harness.end()
    assert harness.values == []


def test_a_partition_is_sorted_the_other_way_round_too() -> None:
    harness = Harness(partition(SORT, lambda row: row[1], is_descending=True))
    harness.push(*ROWS)
    harness.end()
    assert [value for _, value in harness.values] == [9, 4, 2, 1]


def test_equal_records_stay_in_order_of_arrival() -> None:
    for is_descending in (False, True):
        harness = Harness(partition(SORT, 0, is_descending=is_descending))
        harness.push(("a", 2), ("a", 1), ("a", 3))
        harness.end()
        assert [value for _, value in harness.values] == [2, 1, 3]


class Point:
    def __init__(self, x: int | None) -> None:
        self.x = x


@pytest.mark.parametrize(
    ("field", "records"),
    [
        (0, [(None,), (1,), (2,)]),
        ("x", [Row(x=None), Row(x=1), Row(x=2)]),
        ("x", [{"x": None}, {"x": 1}, {"x": 2}]),
        ("x", [Point(None), Point(1), Point(2)]),
        (lambda record: record, [None, 1, 2]),
    ],
)
def test_fields_of_all_kinds_of_records_are_found_and_none_comes_first(
    field: Any, records: Any
) -> None:
    shuffled = [records[2], records[0], records[1]]
    assert sorted(shuffled, key=bind_sort_key(field)) == records


@pytest.mark.parametrize(
    ("kind", "function"),
    [(MAP, 5), (SORT, None), (SORT, True), (SORT, 2.5), (AGGREGATE, add), (REDUCE, 5)],
)
def test_functions_of_the_wrong_kind_are_refused(kind: Any, function: Any) -> None:
    with pytest.raises(ProgramError):
        partition(kind, function)


@pytest.mark.parametrize("keyed", [True, False])
def test_a_result_that_cannot_be_iterated_over_is_explained(keyed: bool) -> None:
    harness = Harness(partition(MAP, lambda values: 5, keyed))
    harness.push(*ROWS)
    with pytest.raises(ProgramError, match=r"map_partition\(\).*gave 5"):
        harness.end()


def test_results_are_converted_to_the_declared_type() -> None:
    harness = Harness(partition(AGGREGATE, Sum(), output_type=Types.DOUBLE()))
    harness.push(*ROWS)
    harness.end()
    assert type(harness.values[0]) is float


def test_functions_are_opened_and_closed() -> None:
    class Life:
        events: list[str]

        def open(self, runtime_context: Any) -> None:
            self.events = ["open"]

        def map_partition(self, values: list[Any]) -> Any:
            self.events.append("map")
            return values

        def close(self) -> None:
            self.events.append("close")

    function = Life()
    harness = Harness(partition(MAP, function))
    harness.push(("a", 1))
    harness.end()
    harness.close()
    assert function.events == ["open", "map", "close"]


def test_operations_name_themselves() -> None:
    assert partition(MAP, spread).kind == "MapPartition"
    assert partition(SORT, "x").meaning == "x"
    assert partition(REDUCE, add).meaning == "tests.operators.rows.windows.test_full_partition.add"
