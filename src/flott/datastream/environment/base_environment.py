"""What all families of the environment share: the plan being written, and its options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flott.common.configuration import Configuration
from flott.common.execution_config import ExecutionConfig
from flott.datastream.caching.used_caches import UsedCaches, use_no_caches
from flott.datastream.checkpoint_config import CheckpointConfig
from flott.datastream.job_listener import JobListener
from flott.datastream.slot_sharing_group import SlotSharingGroup
from flott.plan.stream_plan import StreamNode, StreamPlan

if TYPE_CHECKING:
    from flott.datastream.caching.stream_cache import StreamCache

__all__ = ["BaseEnvironment"]


class BaseEnvironment:
    """The state of an environment."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._execution_config = ExecutionConfig(configuration)
        self._checkpoint_config = CheckpointConfig(configuration)
        #: Nodes added since the last job.
        self._plan = StreamPlan()
        #: Puts caches into a job; replaced when the program first caches a stream.
        self._use_caches: Callable[[Sequence[StreamNode]], UsedCaches] = use_no_caches
        self._caches: list[StreamCache] = []
        self._job_listeners: list[JobListener] = []
        self._slot_sharing_groups: dict[str, SlotSharingGroup] = {}
