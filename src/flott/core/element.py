"""What travels between batches, in order with them: watermarks, idleness, barriers, the end.

A channel carries ``Element = Batch | Watermark | WatermarkStatus | Barrier | EndOfInput``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from flott.core.batch import Batch

#: The watermark before any other; also "no timestamp".
MIN_WATERMARK: Final = -(2**63)
#: The watermark after all others; it closes every window and fires every event-time timer.
MAX_WATERMARK: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Watermark:
    """No record with an event time of ``timestamp`` or less is expected any more."""

    timestamp: int


@dataclass(frozen=True, slots=True)
class WatermarkStatus:
    """Whether a channel takes part in the minimum of watermarks (``idle=False``) or not."""

    idle: bool


class SnapshotKind(Enum):
    """Why a snapshot is taken."""

    CHECKPOINT = "checkpoint"
    """Taken by the engine for recovery; may be incremental; owned by the engine."""
    SAVEPOINT = "savepoint"
    """Asked for by the user, complete in itself and owned by the user; commits nothing."""
    STOP_SAVEPOINT = "stop-savepoint"
    """A savepoint after which sources emit nothing more; it commits what it covers."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """Separates the records that belong to checkpoint ``checkpoint_id`` from the later ones.

    Attributes:
        checkpoint_id: Rises by one from checkpoint to checkpoint of a job.
        timestamp: When the coordinator triggered it, epoch milliseconds.
        kind: What the snapshot is for.
        location: Where a savepoint goes, as a URI; ``None`` for the job's own storage.
    """

    checkpoint_id: int
    timestamp: int
    kind: SnapshotKind = SnapshotKind.CHECKPOINT
    location: str | None = None


@dataclass(frozen=True, slots=True)
class EndOfInput:
    """Nothing follows on this channel."""


Element = Batch | Watermark | WatermarkStatus | Barrier | EndOfInput

END_OF_INPUT: Final = EndOfInput()
IDLE: Final = WatermarkStatus(idle=True)
ACTIVE: Final = WatermarkStatus(idle=False)
