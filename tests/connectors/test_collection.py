from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import UnpicklableError
from flott.connectors.collection import _CHUNK_ROWS, CollectionSource, IterableSource
from flott.testing.connectors import SourceJob, check_source
from tests.connectors.fakes import ManualClock


@dataclass
class Click:
    user: str
    tags: list[str]


def test_items_come_in_order() -> None:
    assert SourceJob(CollectionSource(["to", "be", "or", "not", "to", "be"])).finish() == [
        "to", "be", "or", "not", "to", "be",
    ]  # fmt: skip


def test_an_empty_collection_ends_at_once() -> None:
    assert SourceJob(CollectionSource([]), parallelism=2).finish() == []


def test_only_one_reader_reads() -> None:
    job = SourceJob(CollectionSource(range(10)), parallelism=3)
    assert [job.step(subtask, 100) for subtask in range(3)] == [True, False, False]


def test_later_changes_of_the_list_have_no_effect() -> None:
    items = [1, 2]
    source = CollectionSource(items)
    items.append(3)
    assert SourceJob(source).finish() == [1, 2]


def test_objects_changed_downstream_are_whole_again_after_a_restart() -> None:
    job = SourceJob(CollectionSource([Click("ada", [])]))
    job.step(0, 10)
    job.records[0].tags.append("seen")
    job.crash(1)
    assert job.finish() == [Click("ada", [])]


def test_objects_of_one_attempt_are_not_those_of_the_program() -> None:
    click = Click("ada", [])
    assert SourceJob(CollectionSource([click])).finish()[0] is not click


def test_many_objects_come_in_order_across_chunks() -> None:
    items = [(n, str(n)) for n in range(2 * _CHUNK_ROWS + 10)]
    assert SourceJob(CollectionSource(items)).finish(rows_max=3000) == items


def test_an_item_that_cannot_be_pickled_is_named() -> None:
    with pytest.raises(UnpicklableError, match=r"Item 1 of the collection, .*lock"):
        CollectionSource(["fine", threading.Lock()])


@given(
    data=st.data(),
    items=st.lists(st.integers() | st.none() | st.text() | st.tuples(st.integers()), max_size=60),
)
def test_each_item_comes_once_whatever_happens(data: st.DataObject, items: list[Any]) -> None:
    job = check_source(data, CollectionSource(items), items)
    assert job.records == items


def numbers() -> Any:
    return iter(range(40))


@given(data=st.data())
def test_an_iterable_is_made_again_and_skipped_after_a_crash(data: st.DataObject) -> None:
    job = check_source(data, IterableSource(numbers), range(40))
    assert job.records == list(range(40))


class SlowNumbers:
    """Takes a second for each number."""

    clock = ManualClock()

    def __call__(self) -> Any:
        for n in range(3):
            self.clock.time_ms += 1000
            yield n


def test_a_slow_iterable_gives_each_record_at_once() -> None:
    job = SourceJob(IterableSource(range))
    job.source._factory = SlowNumbers()
    job.tasks[0].context.clock = SlowNumbers.clock
    job.tasks[0].reader = job.source.create_reader(job.tasks[0].context)
    job.step(0, 100)
    assert job.records == [0]


def test_a_fast_iterable_fills_the_batch() -> None:
    job = SourceJob(IterableSource(numbers))
    job.step(0, 30)
    assert job.records == list(range(30))


def test_a_list_in_place_of_a_factory_is_refused() -> None:
    with pytest.raises(TypeError, match="use CollectionSource"):
        IterableSource([1, 2])  # type: ignore[arg-type]
