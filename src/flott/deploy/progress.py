"""How far a job is: one value for whoever shows, watches or tests it.

Numbers come from the tasks' regular reports: up to half a second old while the job runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.job_status import JobStatus
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.deploy.driver import JobDriver
from flott.plan.job_plan import JobPlan
from flott.runtime.messages import TaskReport


@dataclass(frozen=True, slots=True)
class JobProgress:
    """Where a job stands.

    Attributes:
        status: The public status.
        records_read: Records read by all sources since the last start.
        records_written: Records that reached the ends of the program since the last start.
        watermark_ms: The event time that every task has reached, epoch milliseconds; None before
            the first watermark and once all input has ended.
        checkpoint_id: The last complete checkpoint; None if there is none yet.
        restored_checkpoint_id: The checkpoint from which the job went on after its last failure.
        restarts: How often it was begun again.
        worker_pids: Process ids of the workers; empty if the job runs in this process.
    """

    status: JobStatus
    records_read: int
    records_written: int
    watermark_ms: int | None
    checkpoint_id: int | None
    restored_checkpoint_id: int | None
    restarts: int
    worker_pids: tuple[int, ...]


def read_progress(
    driver: JobDriver, status: JobStatus, restored_checkpoint_id: int | None
) -> JobProgress:
    """Sum up what the tasks of the present attempt have reported; callable from any thread."""
    coordinator = driver.coordinator
    reports = [r for r in list(driver.reports.values()) if r.attempt == coordinator.attempt]
    sources, ends = _sources(driver.plan), _ends(driver.plan)
    last = coordinator.checkpoints.last
    return JobProgress(
        status,
        sum(report.records_in for report in reports if report.task.vertex_id in sources),
        sum(report.records_in for report in reports if report.task.vertex_id in ends),
        _watermark(driver.plan, reports),
        None if last is None else last.checkpoint_id,
        restored_checkpoint_id,
        coordinator.restarts,
        tuple(getattr(driver, "worker_pids", ())),
    )


def _sources(plan: JobPlan) -> set[int]:
    return {vertex.vertex_id for vertex in plan.vertices if vertex.is_source}


def _ends(plan: JobPlan) -> set[int]:
    return {v.vertex_id for v in plan.vertices if not plan.outputs_of(v.vertex_id)}


def _watermark(plan: JobPlan, reports: list[TaskReport]) -> int | None:
    sources = _sources(plan)
    reached = [report.watermark for report in reports if report.task.vertex_id not in sources]
    slowest = min(reached, default=MIN_WATERMARK)
    return None if slowest in (MIN_WATERMARK, MAX_WATERMARK) else slowest
