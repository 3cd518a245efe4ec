"""Whether a program runs as a stream or as a batch."""

from __future__ import annotations

from enum import Enum

__all__ = ["RuntimeExecutionMode"]


class RuntimeExecutionMode(Enum):
    """How a DataStream program is executed."""

    STREAMING = 0
    """Results come as soon as they are known; checkpoints, both clocks."""

    BATCH = 1
    """All sources end; one final result for each key, no checkpoints, no late records."""

    AUTOMATIC = 2
    """BATCH if all sources end, else STREAMING."""
