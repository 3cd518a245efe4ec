"""PyFlink's module path of ``ExternalizedCheckpointRetention``."""

from flott.common.checkpointing import ExternalizedCheckpointRetention

__all__ = ["ExternalizedCheckpointRetention"]
