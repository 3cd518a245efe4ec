"""PyFlink's module path of ``CheckpointingMode``."""

from flott.common.checkpointing import CheckpointingMode

__all__ = ["CheckpointingMode"]
