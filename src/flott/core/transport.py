"""How elements get from worker to worker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from flott.core.element import Element


@dataclass(frozen=True, slots=True)
class ChannelKey:
    """Names a channel.

    Attributes:
        attempt: The execution it belongs to; elements of former attempts are dropped.
        edge_id: The edge of the job plan.
        sender: Subtask of the sending vertex.
        receiver: Subtask of the receiving vertex.
    """

    attempt: int
    edge_id: int
    sender: int
    receiver: int


class DataTransport(ABC):
    """Sends to other workers; in order per channel, never blocking, lossless while both live."""

    @abstractmethod
    def send(self, worker: int, channel: ChannelKey, element: Element) -> None:
        """Send ``element`` to the receiving end of ``channel``."""

    @abstractmethod
    def send_credits(self, worker: int, channel: ChannelKey, credits: int) -> None:
        """Allow the sending end of ``channel`` so many further batches."""
