"""``JobExecutionResult``: what remains to be said when a job has ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flott.common.job_id import JobID

__all__ = ["JobExecutionResult"]


class JobExecutionResult:
    """What a finished job leaves: its id, how long it ran, and its accumulators.

    Args:
        job_id: the id of the job.
        net_runtime_ms: how long it ran, in milliseconds.
        accumulators: totals the job kept, by name.
        records_in: how many records the sources read.
        records_out: how many records the sinks took.

    >>> result = JobExecutionResult(JobID("0" * 32), 1500, {"lines": 3})
    >>> result.get_net_runtime(), result.get_accumulator_result("lines")
    (1500, 3)
    """

    __slots__ = ("_accumulators", "_job_id", "_net_runtime_ms", "records_in", "records_out")

    def __init__(
        self,
        job_id: JobID,
        net_runtime_ms: int,
        accumulators: Mapping[str, Any] | None = None,
        *,
        records_in: int = 0,
        records_out: int = 0,
    ) -> None:
        self._job_id = job_id
        self._net_runtime_ms = net_runtime_ms
        self._accumulators = dict(accumulators or {})
        self.records_in = records_in
        self.records_out = records_out

    def get_job_id(self) -> JobID:
        """Return the id of the job."""
        return self._job_id

    def get_net_runtime(self) -> int:
        """Return how long the job ran, in milliseconds."""
        return self._net_runtime_ms

    def get_accumulator_result(self, accumulator_name: str) -> Any:
        """Return one accumulator; None if there is none of this name."""
        return self._accumulators.get(accumulator_name)

    def get_all_accumulator_results(self) -> dict[str, Any]:
        """Return all accumulators by name."""
        return dict(self._accumulators)

    def __str__(self) -> str:
        lines = [
            "Program execution finished",
            f"Job with JobID {self._job_id} has finished.",
            f"Job Runtime: {self._net_runtime_ms} ms",
        ]
        if self._accumulators:
            lines.append("Accumulator Results:")
            lines.extend(f"- {name}: {value}" for name, value in self._accumulators.items())
        return "\n".join(lines)
