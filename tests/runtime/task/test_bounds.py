"""Bounds of batches and channels, as options set them."""

from typing import Any

from flott.common import Configuration
from flott.core.batch import RowBatch
from flott.core.transport import ChannelKey
from flott.runtime.task.batch_size import BatchSize
from flott.runtime.task.gate import DEFAULT_BOUNDS, ChannelBounds, Gate, InputChannel
from flott.runtime.task.sender import RemoteSender

BATCH = RowBatch([1, 2, 3])
LARGE = RowBatch([0] * (DEFAULT_BOUNDS.rows // 2))


def grown(**options: str) -> int:
    size = BatchSize(Configuration.from_dict({f"flott.batch.{k}": v for k, v in options.items()}))
    for _ in range(30):
        size.adapt(size.rows, 0.0)
    return size.rows


def test_batches_grow_up_to_the_option() -> None:
    assert grown(**{"size-max": "100"}) == 100
    assert grown() == 16_384


def test_a_small_limit_holds_from_the_first_batch() -> None:
    size = BatchSize(Configuration.from_dict({"flott.batch.size-max": "5"}))
    assert size.rows == 5


def test_a_channel_is_full_when_its_capacity_is_used() -> None:
    channel = InputChannel(0, 0, "a", bounds=ChannelBounds(2))
    gate = Gate([channel])
    rooms = []
    for _ in range(2):
        rooms.append(channel.has_room)
        gate.put(channel, BATCH)
    assert (rooms, channel.has_room) == ([True, True], False)
    gate.take()
    assert channel.has_room


def test_a_few_large_batches_fill_a_channel_too() -> None:
    channel = InputChannel(0, 0, "a", bounds=ChannelBounds(9))
    gate = Gate([channel])
    for full in (False, True):
        gate.put(channel, LARGE)
        assert channel.has_room != full
    gate.take()
    assert channel.has_room


def test_a_channel_counts_the_records_that_were_taken() -> None:
    channel = InputChannel(0, 0, "a")
    gate = Gate([channel])
    gate.put(channel, BATCH)
    assert channel.records == 0
    gate.take()
    assert channel.records == 3


class Nowhere:
    def send(self, *_: Any) -> None:
        pass


def remote(credits_max: int) -> RemoteSender:
    return RemoteSender(Nowhere(), 1, ChannelKey(0, 0, 0, 0), ChannelBounds(credits_max))  # type: ignore[arg-type]


def test_a_remote_sender_waits_behind_a_few_large_batches() -> None:
    sender = remote(credits_max=9)
    for full in (False, True):
        sender.put(LARGE)
        assert sender.has_room != full
    sender.add_credits(1)
    assert sender.has_room


def test_a_remote_sender_has_as_much_credit_as_the_channel_has_room() -> None:
    sender = remote(credits_max=1)
    assert sender.has_room
    sender.put(BATCH)
    assert not sender.has_room
    sender.add_credits(1)
    assert sender.has_room
