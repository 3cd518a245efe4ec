"""Where an operator puts its results.

``Output`` is handed to an operator once, at ``open``; bind its methods to locals in hot loops.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from flott.core.batch import Batch


class Output(ABC):
    """Takes what an operator emits, in order."""

    __slots__ = ()

    @abstractmethod
    def emit(self, batch: Batch) -> None:
        """Send ``batch`` to every consumer of the operator. Never send an empty batch."""

    @abstractmethod
    def emit_side(self, tag_id: str, batch: Batch) -> None:
        """Send ``batch`` to the consumers of side output ``tag_id``; without any it is dropped."""

    @abstractmethod
    def emit_watermark(self, timestamp: int) -> None:
        """Tell every consumer, side outputs included, that event time has reached ``timestamp``."""

    @abstractmethod
    def emit_status(self, idle: bool) -> None:
        """Tell every consumer that this operator has become idle, or active again."""
