"""The inputs of a task: one queue per channel, read in turn, blocked while a barrier aligns.

Senders never fill a channel beyond its capacity in batches: a local sender asks ``has_room``, a
remote one holds credits that are returned as batches are taken. Watermarks, barriers and the end
travel in the same queue, cost nothing and are never held back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from flott.core.batch import Batch
from flott.core.element import Element

if TYPE_CHECKING:
    from flott.runtime.messages import TaskId


class ChannelBounds(NamedTuple):
    """How much may be on its way between two tasks before the sender has to wait.

    Attributes:
        batches: One being written, one being read and some slack; with batches of about a
            millisecond's work this bounds what a barrier waits behind.
        rows: However few batches they are: batches of columns may be so large that a few of them
            take more memory than all state. One batch may be on its way whatever its size.
    """

    batches: int = 4
    rows: int = 1 << 16


DEFAULT_BOUNDS: Final = ChannelBounds()


class InputChannel:
    """The queue of one sender.

    Attributes:
        records: Records taken from it.
    """

    __slots__ = (
        "_bounds",
        "batches",
        "blocked",
        "index",
        "input_index",
        "listed",
        "name",
        "on_taken",
        "queue",
        "records",
        "rows",
        "sender",
    )

    def __init__(
        self,
        index: int,
        input_index: int,
        name: str,
        bounds: ChannelBounds = DEFAULT_BOUNDS,
        sender: TaskId | None = None,
    ) -> None:
        assert bounds.batches > 0
        assert bounds.rows > 0
        self.index = index
        self.input_index = input_index
        self.name = name
        self.sender = sender
        self.records = 0
        self._bounds = bounds
        self.queue: deque[Element] = deque()
        self.batches = 0
        self.rows = 0
        self.blocked = False
        self.listed = False
        #: Called with its rows after a batch was taken; returns credit to a remote sender.
        self.on_taken: Callable[[int], None] | None = None

    @property
    def has_room(self) -> bool:
        """Whether a sender may put another batch."""
        return self.batches < self._bounds.batches and self.rows < self._bounds.rows


class Gate:
    """All channels of a task."""

    def __init__(self, channels: Iterable[InputChannel]) -> None:
        self.channels = tuple(channels)
        assert all(channel.index == i for i, channel in enumerate(self.channels))
        self._ready: deque[InputChannel] = deque()

    def put(self, channel: InputChannel, element: Element) -> None:
        """Append ``element`` to ``channel``."""
        channel.queue.append(element)
        if isinstance(element, Batch):
            channel.batches += 1
            channel.rows += element.row_count
        if not channel.listed and not channel.blocked:
            channel.listed = True
            self._ready.append(channel)

    def take(self) -> tuple[InputChannel, Element] | None:
        """The next element of a channel that is not blocked, channels taking turns."""
        ready = self._ready
        while ready:
            channel = ready.popleft()
            if channel.blocked or not channel.queue:
                channel.listed = False
                continue
            element = channel.queue.popleft()
            if channel.queue:
                ready.append(channel)
            else:
                channel.listed = False
            if isinstance(element, Batch):
                channel.batches -= 1
                channel.rows -= element.row_count
                channel.records += element.row_count
                assert channel.batches >= 0
                if channel.on_taken is not None:
                    channel.on_taken(element.row_count)
            return channel, element
        return None

    def set_blocked(self, blocked: Iterable[int]) -> None:
        """Block exactly the channels with these indexes."""
        wanted = set(blocked)
        assert all(0 <= index < len(self.channels) for index in wanted)
        for channel in self.channels:
            channel.blocked = channel.index in wanted
            if not channel.blocked and channel.queue and not channel.listed:
                channel.listed = True
                self._ready.append(channel)
