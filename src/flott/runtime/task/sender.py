"""The sending end of a channel, to a task of the same worker or of another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque

from flott.core.batch import Batch
from flott.core.element import Element
from flott.core.transport import ChannelKey, DataTransport
from flott.runtime.task.gate import DEFAULT_BOUNDS, ChannelBounds, Gate, InputChannel


class Sender(ABC):
    """Puts elements into a channel."""

    __slots__ = ()

    @abstractmethod
    def put(self, element: Element) -> None:
        """Send ``element``. Allowed without room: a turn's output has to go somewhere."""

    @property
    @abstractmethod
    def has_room(self) -> bool:
        """Whether the sending task may take another turn."""


class LocalSender(Sender):
    """Hands elements to a gate in the same worker, without copying."""

    __slots__ = ("_channel", "_gate")

    def __init__(self, gate: Gate, channel: InputChannel) -> None:
        self._gate = gate
        self._channel = channel

    def put(self, element: Element) -> None:
        self._gate.put(self._channel, element)

    @property
    def has_room(self) -> bool:
        return self._channel.has_room


class RemoteSender(Sender):
    """Sends elements to another worker, one credit per batch."""

    __slots__ = ("_bounds", "_credits", "_key", "_rows", "_sent", "_transport", "_worker")

    def __init__(
        self,
        transport: DataTransport,
        worker: int,
        key: ChannelKey,
        bounds: ChannelBounds = DEFAULT_BOUNDS,
    ) -> None:
        assert bounds.batches > 0
        assert bounds.rows > 0
        self._transport = transport
        self._worker = worker
        self._key = key
        self._bounds = bounds
        self._credits = bounds.batches
        self._sent: deque[int] = deque()  # rows of each batch on its way
        self._rows = 0

    def put(self, element: Element) -> None:
        if isinstance(element, Batch):
            self._credits -= 1
            self._sent.append(element.row_count)
            self._rows += element.row_count
        self._transport.send(self._worker, self._key, element)

    def add_credits(self, credits: int) -> None:
        """The receiver has taken ``credits`` batches."""
        assert credits > 0
        self._credits += credits
        assert self._credits <= self._bounds.batches
        for _ in range(credits):
            self._rows -= self._sent.popleft()

    @property
    def has_room(self) -> bool:
        return self._credits > 0 and self._rows < self._bounds.rows
