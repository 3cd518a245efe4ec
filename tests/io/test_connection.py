"""Values over a pair of sockets: in order, whole, as far as the kernel takes them."""

import socket
from collections.abc import Iterator

import pytest

from flott.io.connection import Connection


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
