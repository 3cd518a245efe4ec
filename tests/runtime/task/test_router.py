from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.core.batch import RowBatch
from flott.core.element import ACTIVE, IDLE, Element, Watermark
from flott.core.key_group import subtask_of_key_group
from flott.core.partitioner import (
    Broadcast,
    Custom,
    Forward,
    Global,
    HashKey,
    Partitioner,
    Rebalance,
    Rescale,
    Shuffle,
)
from flott.kernels.partition import key_groups
from flott.runtime.task.router import Router, make_scatter, rescale_receivers
from flott.runtime.task.sender import Sender

BATCHES = st.lists(st.lists(st.integers(-50, 50), min_size=1, max_size=20), max_size=6)


class Kept(Sender):
    def __init__(self) -> None:
        self.elements: list[Element] = []

    def put(self, element: Element) -> None:
        self.elements.append(element)

    @property
    def has_room(self) -> bool:
        return len(self.elements) < 3

    @property
    def values(self) -> list[Any]:
        return [v for e in self.elements if isinstance(e, RowBatch) for v in e.values]


def identity(value: Any) -> Any:
    return value


def make(partitioner: Partitioner, receivers: int, subtask: int = 0) -> tuple[Router, list[Kept]]:
    senders = [Kept() for _ in range(receivers)]
    scatter = make_scatter(partitioner, receivers, subtask, 128)
    return Router(senders, partitioner, scatter), senders


def route(
    partitioner: Partitioner, batches: list[list[int]], receivers: int, subtask: int = 0
) -> list[list[Any]]:
    router, senders = make(partitioner, receivers, subtask)
    for values in batches:
        router.emit(RowBatch(values, [value * 10 for value in values]))
    assert router.records_out == sum(map(len, batches))
    for sender in senders:
        for element in sender.elements:
            assert isinstance(element, RowBatch)
            assert element.values
            assert element.timestamps == [value * 10 for value in element.values]
    return [sender.values for sender in senders]


def flat(batches: list[list[int]]) -> list[int]:
    return [value for values in batches for value in values]


@given(BATCHES, st.integers(1, 5))
def test_hash_sends_each_key_to_the_owner_of_its_key_group(batches: Any, receivers: int) -> None:
    values = flat(batches)
    groups = key_groups(values, 128)
    expected: list[list[int]] = [[] for _ in range(receivers)]
    for value, group in zip(values, groups, strict=True):
        expected[subtask_of_key_group(128, receivers, group)].append(value)
    assert route(HashKey(identity), batches, receivers) == expected


@given(BATCHES, st.integers(1, 5), st.integers(0, 7))
def test_rebalance_deals_record_by_record(batches: Any, receivers: int, subtask: int) -> None:
    expected: list[list[int]] = [[] for _ in range(receivers)]
    for number, value in enumerate(flat(batches)):
        expected[(subtask + number) % receivers].append(value)
    for partitioner in (Rebalance(), Rescale()):
        assert route(partitioner, batches, receivers, subtask) == expected


@given(BATCHES, st.integers(1, 5))
def test_custom_goes_where_the_function_says(batches: Any, receivers: int) -> None:
    partitioner = Custom(lambda key, n: key % n, abs)
    expected = [[v for v in flat(batches) if abs(v) % receivers == i] for i in range(receivers)]
    assert route(partitioner, batches, receivers) == expected


@given(BATCHES, st.integers(1, 5))
def test_broadcast_gives_everything_to_everybody(batches: Any, receivers: int) -> None:
    assert route(Broadcast(), batches, receivers) == [flat(batches)] * receivers


@given(BATCHES, st.integers(2, 5))
def test_global_and_forward_use_the_first_receiver(batches: Any, receivers: int) -> None:
    assert route(Global(), batches, receivers)[0] == flat(batches)
    assert route(Forward(), batches, 1)[0] == flat(batches)


@given(BATCHES, st.integers(1, 5), st.integers(0, 3))
def test_shuffle_loses_nothing_and_is_the_same_each_time(
    batches: Any, receivers: int, subtask: int
) -> None:
    first = route(Shuffle(), batches, receivers, subtask)
    assert first == route(Shuffle(), batches, receivers, subtask)
    assert Counter(v for part in first for v in part) == Counter(flat(batches))


def test_shuffle_is_about_even() -> None:
    parts = route(Shuffle(), [list(range(10_000))], 4)
    assert all(2200 < len(part) < 2800 for part in parts)


@given(st.integers(1, 9), st.integers(1, 9))
def test_rescale_reaches_every_receiver_and_is_as_even_as_it_can(
    senders: int, receivers: int
) -> None:
    reached = [list(rescale_receivers(senders, receivers, i)) for i in range(senders)]
    assert {r for part in reached for r in part} == set(range(receivers))
    counts = [len(part) for part in reached]
    assert min(counts) >= 1
    assert max(counts) - min(counts) <= 1


def test_watermarks_and_idleness_go_to_every_receiver() -> None:
    router, senders = make(HashKey(identity), 3)
    router.emit_watermark(5)
    router.emit_status(True)
    router.emit_status(False)
    assert all(sender.elements == [Watermark(5), IDLE, ACTIVE] for sender in senders)


def test_one_full_receiver_stops_the_sender() -> None:
    router, senders = make(Global(), 2)
    assert router.has_room
    for number in range(3):
        router.emit(RowBatch([number]))
    assert not router.has_room
    assert senders[1].elements == []


@pytest.mark.parametrize("target", [-1, 2, "0", None, 1.0])
def test_partitioner_that_names_no_receiver_is_refused(target: Any) -> None:
    router, _ = make(Custom(lambda key, n: target, identity), 2)
    with pytest.raises(ProgramError, match="from 0 to 1"):
        router.emit(RowBatch([7]))
