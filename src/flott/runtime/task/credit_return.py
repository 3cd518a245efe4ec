"""The receiving end's account with a sender in another worker: when credit goes back to it."""

from __future__ import annotations

from flott.core.transport import ChannelKey, DataTransport
from flott.runtime.task.gate import ChannelBounds


class CreditReturn:
    """Gives credit back in halves of what a channel holds, to send fewer messages.

    Halves of both bounds: a sender that waits because of the rows of one large batch would wait
    for ever for the credit of a second one.

    Args:
        transport: Takes the credit to ``worker``.
        worker: Where the sender is.
        key: The channel.
        bounds: What the sender may have on its way.
    """

    __slots__ = ("_batches", "_batches_min", "_key", "_rows", "_rows_min", "_transport", "_worker")

    def __init__(
        self, transport: DataTransport, worker: int, key: ChannelKey, bounds: ChannelBounds
    ) -> None:
        self._transport = transport
        self._worker = worker
        self._key = key
        self._batches_min = max(1, bounds.batches // 2)
        self._rows_min = max(1, bounds.rows // 2)
        self._batches = 0
        self._rows = 0

    def __call__(self, rows: int) -> None:
        """Note that a batch of ``rows`` was taken from the channel."""
        self._batches += 1
        self._rows += rows
        if self._batches >= self._batches_min or self._rows >= self._rows_min:
            self._transport.send_credits(self._worker, self._key, self._batches)
            self._batches = self._rows = 0
