"""Values over a pair of sockets: in order, whole, as far as the kernel takes them."""

import pickle
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.io.connection import Connection
from flott.io.frames import FrameReader, encode


@pytest.fixture
def pair() -> Iterator[tuple[Connection, Connection]]:
    one, other = map(Connection, socket.socketpair())
    yield one, other
    one.close()
    other.close()


def test_values_arrive_in_order(pair: tuple[Connection, Connection]) -> None:
    one, other = pair
    for value in ("a", [1, 2], {"k": None}):
        one.send(value)
    assert other.receive() == ["a", [1, 2], {"k": None}]


def test_queued_values_leave_together_with_the_next_flush(
    pair: tuple[Connection, Connection],
) -> None:
    one, other = pair
    values = [f"value {number}" for number in range(1000)]
    for value in values:
        one.queue(value)
    assert one.wants_write
    assert other.receive() == []
    one.flush()
    assert not one.wants_write
    assert other.receive() == values


def test_what_the_kernel_does_not_take_waits(pair: tuple[Connection, Connection]) -> None:
    one, other = pair
    large = b"x" * (8 << 20)
    one.send(large)
    assert one.wants_write
    received = []
    while not received:
        received = other.receive() or []
        one.flush()
    assert received == [large]


def test_a_closed_peer_is_noticed_by_both_ways(pair: tuple[Connection, Connection]) -> None:
    one, other = pair
    other.close()
    assert one.receive() is None
    with pytest.raises(ConnectionError):
        one.send("anybody there?")


@given(st.lists(st.integers(0, 300_000) | st.integers(0, 50), max_size=6), st.integers(1, 200_000))
def test_frames_of_any_size_come_out_of_pieces_of_any_size(sizes: list[int], piece: int) -> None:
    values = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    stream = b"".join(bytes(chunk) for value in values for chunk in encode(value))
    reader, found = FrameReader(), []
    for start in range(0, len(stream), piece):
        found += reader.feed(stream[start : start + piece])
    assert found == values


def test_a_length_out_of_step_is_an_error() -> None:
    with pytest.raises(ConnectionError, match="out of step"):
        FrameReader().feed(b"\xff" * 8)


def test_buffers_beside_a_value_arrive_whole(pair: tuple[Connection, Connection]) -> None:
    one, other = pair
    content = bytes(range(256)) * 100
    one.send(pickle.PickleBuffer(content))
    [received] = other.receive() or []
    assert bytes(received) == content
