"""When the part files of a table are full."""

from __future__ import annotations

from dataclasses import dataclass

from flott.connectors.files.rolling_policy import (
    DefaultRollingPolicy,
    OnCheckpointRollingPolicy,
    PartInfo,
)


@dataclass(frozen=True)
class TableRollingPolicy(OnCheckpointRollingPolicy):
    """By size, age and inactivity, and at checkpoints where the format asks for it.

    Attributes:
        policy: Sizes and times.
        closes_at_checkpoints: Whether every checkpoint closes the open files.
        is_grouped: Whether the size is known only when a file is closed.
    """

    policy: DefaultRollingPolicy
    closes_at_checkpoints: bool
    is_grouped: bool

    def should_roll_on_checkpoint(self, part: PartInfo) -> bool:
        return self.closes_at_checkpoints or self.policy.should_roll_on_checkpoint(part)

    def should_roll_on_event(self, part: PartInfo) -> bool:
        return not self.is_grouped and self.policy.should_roll_on_event(part)

    def should_roll_on_processing_time(self, part: PartInfo, now_ms: int) -> bool:
        return self.policy.should_roll_on_processing_time(part, now_ms)
