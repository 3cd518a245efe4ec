"""Between workers: a sender waits for room, and never once everything was taken."""

from __future__ import annotations

from collections import deque
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flott.core.batch import Batch, RowBatch
from flott.core.element import Element
from flott.core.transport import ChannelKey
from flott.runtime.task.credit_return import CreditReturn
from flott.runtime.task.gate import ChannelBounds, Gate, InputChannel
from flott.runtime.task.sender import RemoteSender

KEY = ChannelKey(0, 0, 0, 0)


class Rows(Batch):
    """A batch that only has a number of rows."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    @property
    def row_count(self) -> int:
        return self.rows


class Link:
    """A channel between two workers; what is sent arrives at once, credit too."""

    def __init__(self, batches: int, rows: int = 100) -> None:
        bounds = ChannelBounds(batches, rows)
        self.channel = InputChannel(0, 0, "in", bounds)
        self.gate = Gate([self.channel])
        self.messages = 0
        transport: Any = self
        self.sender = RemoteSender(transport, 1, KEY, bounds)
        self.channel.on_taken = CreditReturn(transport, 0, KEY, bounds)

    def send(self, worker: int, key: ChannelKey, element: Element) -> None:
        self.gate.put(self.channel, element)

    def send_credits(self, worker: int, key: ChannelKey, credits: int) -> None:
        self.messages += 1
        self.sender.add_credits(credits)


def test_a_batch_beyond_the_bound_of_rows_gives_its_credit_back_by_itself() -> None:
    link = Link(batches=4)
    link.sender.put(Rows(200))
    assert not link.sender.has_room
    link.gate.take()
    assert link.sender.has_room


def test_credit_of_small_batches_goes_back_in_halves() -> None:
    link = Link(batches=4)
    for _ in range(4):
        link.sender.put(RowBatch([1], None))
        link.gate.take()
    assert link.messages == 2


@given(
    batches=st.integers(1, 9),
    rows=st.integers(1, 9),
    sizes=st.lists(st.integers(1, 12), max_size=60),
    takes=st.lists(st.booleans(), max_size=200),
)
def test_a_sender_never_waits_for_a_receiver_that_has_taken_everything(
    batches: int, rows: int, sizes: list[int], takes: list[bool]
) -> None:
    link, waiting, turns = Link(batches, rows), deque(sizes), deque(takes)
    while waiting:
        takes_now = turns.popleft() if turns else not link.sender.has_room
        if takes_now and link.channel.queue:
            link.gate.take()
        elif link.sender.has_room:
            link.sender.put(Rows(waiting.popleft()))
        else:
            assert link.channel.queue, "both ends wait for each other"
            link.gate.take()
