"""Consumers of one stream don't see what others do to its records."""

from __future__ import annotations

import threading
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from flott.common import Configuration
from flott.core.batch import RowBatch
from flott.datastream import StreamExecutionEnvironment
from flott.runtime.task.isolation import separate


def spoil(record: dict[str, int]) -> dict[str, int]:
    record["n"] += 100
    return record


def run_branches(parallelism: int, **options: str) -> list[int]:
    configuration = Configuration.from_dict({"execution.target": "embedded", **options})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(parallelism)
    source = env.from_collection([{"n": n} for n in range(3)])
    both = source.map(spoil).union(source.map(lambda record: record))
    return sorted(record["n"] for record in both.execute_and_collect())


def test_a_branch_does_not_see_what_another_does_to_a_record() -> None:
    assert run_branches(1) == [0, 1, 2, 100, 101, 102]


def test_it_holds_across_tasks_too() -> None:
    assert run_branches(2) == [0, 1, 2, 100, 101, 102]


def test_object_reuse_shares_records() -> None:
    assert run_branches(1, **{"pipeline.object-reuse": "true"}) == [100, 100, 101, 101, 102, 102]


ATOMS = st.none() | st.integers() | st.text() | st.floats(allow_nan=False) | st.booleans()


@given(st.lists(ATOMS | st.tuples(ATOMS, ATOMS)))
def test_immutable_records_are_shared(values: list[object]) -> None:
    batch = RowBatch(values)
    assert separate(batch) is batch


class Pair(NamedTuple):
    left: object
    right: object


class Remembering(tuple):
    """A tuple that can be changed nevertheless, by attribute."""


def test_named_tuples_of_immutable_values_are_shared() -> None:
    batch = RowBatch([Pair(1, "a"), (2, "b"), 3])
    assert separate(batch) is batch


def test_tuples_that_hold_or_are_something_mutable_are_copied() -> None:
    for record in (Pair(1, [2]), Remembering((1, 2))):
        copied = separate(RowBatch([record]))
        assert copied == RowBatch([record])
        assert isinstance(copied, RowBatch)
        assert copied.values[0] is not record


@given(st.lists(st.lists(ATOMS) | st.tuples(st.lists(ATOMS)) | ATOMS, min_size=1))
def test_a_copy_is_equal(values: list[object]) -> None:
    assert separate(RowBatch(values)) == RowBatch(values)


def test_what_cannot_be_pickled_is_copied_otherwise() -> None:
    class Odd:
        def __init__(self) -> None:
            self.lock = threading.Lock()

        def __deepcopy__(self, memo: object) -> Odd:
            return Odd()

    record = Odd()
    copied = separate(RowBatch([record]))
    assert isinstance(copied, RowBatch)
    assert copied.values[0] is not record
