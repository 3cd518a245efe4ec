"""Everything a task is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flott.core.snapshot import OperatorRestore
from flott.plan.job_plan import JobVertex
from flott.runtime.messages import TaskId

if TYPE_CHECKING:
    from flott.common.configuration import Configuration


@dataclass(frozen=True, slots=True)
class TaskDeployment:
    """A task as a worker builds it.

    Attributes:
        task: Which one.
        vertex: Its chain.
        attempt: Number of the execution.
        job_id: Id of the job.
        job_name: Name of the job.
        configuration: The job's options.
        job_parameters: The user's global job parameters.
        is_batch: Whether the job runs in BATCH mode.
        exactly_once: Whether channels wait for one another at barriers.
        checkpoints_enabled: Whether periodic checkpoints are taken.
        restored_checkpoint_id: The checkpoint it starts from, if any.
        restore: State by operator id.
    """

    task: TaskId
    vertex: JobVertex
    attempt: int
    job_id: str
    job_name: str
    configuration: Configuration
    job_parameters: Mapping[str, str]
    is_batch: bool
    exactly_once: bool
    checkpoints_enabled: bool
    restored_checkpoint_id: int | None
    restore: Mapping[str, OperatorRestore]

    @property
    def name(self) -> str:
        """The task in words, e.g. ``Source -> Map (1/2)``."""
        return f"{self.vertex.name} ({self.task.subtask + 1}/{self.vertex.parallelism})"
