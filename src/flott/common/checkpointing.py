"""The choices a program makes about checkpoints, as words."""

from __future__ import annotations

from enum import Enum

__all__ = ["CheckpointingMode", "ExternalizedCheckpointRetention"]


class CheckpointingMode(Enum):
    """How often a record may count in the state after a failure."""

    EXACTLY_ONCE = 0
    """Once, whatever fails; inputs of a task wait for each other's barriers."""

    AT_LEAST_ONCE = 1
    """Once or more often; inputs do not wait, which keeps latency low."""


class ExternalizedCheckpointRetention(Enum):
    """What happens to the checkpoints of a job that is cancelled; after a failure they stay."""

    DELETE_ON_CANCELLATION = 0
    """They are deleted."""

    RETAIN_ON_CANCELLATION = 1
    """They stay until somebody deletes them."""

    NO_EXTERNALIZED_CHECKPOINTS = 2
    """They are deleted in any case when the job ends."""
