"""When a part file is full: readers see a file only after it is closed and committed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(slots=True)
class PartInfo:
    """What a policy may know about an open part file.

    Attributes:
        bucket_id: The folder it will be in.
        size: Bytes written, as far as known; bulk formats write late.
        creation_ms: When it was begun, epoch milliseconds.
        last_update_ms: When a record was written last, epoch milliseconds.
    """

    bucket_id: str
    size: int
    creation_ms: int
    last_update_ms: int


class RollingPolicy(ABC):
    """Says when to close a part file. Subclass it for other reasons than these."""

    @abstractmethod
    def should_roll_on_checkpoint(self, part: PartInfo) -> bool:
        """Asked at each checkpoint."""

    @abstractmethod
    def should_roll_on_event(self, part: PartInfo) -> bool:
        """Asked after records were written."""

    @abstractmethod
    def should_roll_on_processing_time(self, part: PartInfo, now_ms: int) -> bool:
        """Asked at each bucket check."""

    @staticmethod
    def default_rolling_policy(
        part_size: int = 1024 * 1024 * 128,
        rollover_interval: int = 60 * 1000,
        inactivity_interval: int = 60 * 1000,
    ) -> DefaultRollingPolicy:
        """Close a file that is large, old or has not been written to for a while.

        Args:
            part_size: Size in bytes from which on a file is closed.
            rollover_interval: Age in milliseconds from which on it is closed.
            inactivity_interval: Milliseconds without a record after which it is closed.

        Raises:
            ValueError: If one of them is not positive.
        """
        return DefaultRollingPolicy(part_size, rollover_interval, inactivity_interval)

    @staticmethod
    def on_checkpoint_rolling_policy() -> OnCheckpointRollingPolicy:
        """Close every file at every checkpoint, and only then."""
        return OnCheckpointRollingPolicy()


@dataclass(frozen=True)
class DefaultRollingPolicy(RollingPolicy):
    """By size, age and inactivity; see ``RollingPolicy.default_rolling_policy``."""

    part_size: int = 1024 * 1024 * 128
    rollover_interval: int = 60 * 1000
    inactivity_interval: int = 60 * 1000

    def __post_init__(self) -> None:
        for name in ("part_size", "rollover_interval", "inactivity_interval"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be positive, found {getattr(self, name)}")

    def should_roll_on_checkpoint(self, part: PartInfo) -> bool:
        return part.size >= self.part_size

    def should_roll_on_event(self, part: PartInfo) -> bool:
        return part.size >= self.part_size

    def should_roll_on_processing_time(self, part: PartInfo, now_ms: int) -> bool:
        return (
            now_ms - part.creation_ms >= self.rollover_interval
            or now_ms - part.last_update_ms >= self.inactivity_interval
        )


@dataclass(frozen=True)
class OnCheckpointRollingPolicy(RollingPolicy):
    """At every checkpoint; what bulk formats need, whose files cannot be continued."""

    def should_roll_on_checkpoint(self, part: PartInfo) -> bool:
        return True

    def should_roll_on_event(self, part: PartInfo) -> bool:
        return False

    def should_roll_on_processing_time(self, part: PartInfo, now_ms: int) -> bool:
        return False
