from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.core.batch import RowBatch
from flott.core.element import Watermark
from flott.runtime.task.gate import DEFAULT_BOUNDS, Gate, InputChannel


def make(channels: int) -> Gate:
    return Gate([InputChannel(i, 0, f"in/{i}") for i in range(channels)])


def batch(value: Any) -> RowBatch:
    return RowBatch([value])


def drain(gate: Gate) -> list[tuple[int, Any]]:
    taken = []
    while (found := gate.take()) is not None:
        taken.append((found[0].index, found[1]))
    return taken


def test_channels_take_turns() -> None:
    gate = make(2)
    for number in range(2):
        for channel in gate.channels:
            gate.put(channel, Watermark(number))
    assert [index for index, _ in drain(gate)] == [0, 1, 0, 1]


def test_empty_gate_gives_nothing() -> None:
    gate = make(3)
    assert gate.take() is None


def test_blocked_channel_waits_until_it_is_free() -> None:
    gate = make(2)
    gate.set_blocked([0])
    gate.put(gate.channels[0], Watermark(1))
    gate.put(gate.channels[1], Watermark(2))
    assert drain(gate) == [(1, Watermark(2))]
    gate.set_blocked([])
    assert drain(gate) == [(0, Watermark(1))]


def test_channel_is_full_at_its_capacity_in_batches() -> None:
    gate = make(1)
    channel = gate.channels[0]
    for number in range(DEFAULT_BOUNDS.batches):
        assert channel.has_room
        gate.put(channel, batch(number))
    assert not channel.has_room
    gate.take()
    assert channel.has_room


def test_watermarks_take_no_room() -> None:
    gate = make(1)
    for number in range(100):
        gate.put(gate.channels[0], Watermark(number))
    assert gate.channels[0].has_room


def test_taken_batches_give_credit_back() -> None:
    gate = make(1)
    credits: list[int] = []
    gate.channels[0].on_taken = credits.append
    gate.put(gate.channels[0], batch(1))
    gate.put(gate.channels[0], Watermark(1))
    drain(gate)
    assert credits == [1]


def test_unknown_channel_cannot_be_blocked() -> None:
    with pytest.raises(AssertionError):
        make(2).set_blocked([2])


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 2)),
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("block"), st.sets(st.integers(0, 2))),
    ),
    max_size=60,
)


@given(ACTIONS)
def test_gate_keeps_the_order_of_each_channel_and_starves_none(actions: Any) -> None:
    gate, model = make(3), [deque[int]() for _ in range(3)]
    blocked: set[int] = set()
    for number, (action, argument) in enumerate(actions):
        if action == "put":
            gate.put(gate.channels[argument], batch(number))
            model[argument].append(number)
        elif action == "block":
            blocked = argument
            gate.set_blocked(blocked)
        else:
            found = gate.take()
            free = [i for i in range(3) if model[i] and i not in blocked]
            assert (found is None) == (not free)
            if found is not None:
                assert found[0].index in free
                assert found[1] == batch(model[found[0].index].popleft())
    gate.set_blocked([])
    assert len(drain(gate)) == sum(map(len, model))
