"""How far a job is: one value for whoever shows, watches or tests it.

Numbers come from the tasks' regular reports: up to half a second old while the job runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flott.common.job_status import JobStatus
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.deploy.driver import JobDriver
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import TaskReport

#: The public status of each phase.
PUBLIC_STATUS: Final = {
    JobPhase.CREATED: JobStatus.CREATED,
    JobPhase.DEPLOYING: JobStatus.CREATED,
    JobPhase.RUNNING: JobStatus.RUNNING,
    JobPhase.FINISHING: JobStatus.RUNNING,
    JobPhase.FAILING: JobStatus.FAILING,
    JobPhase.RESTARTING: JobStatus.RESTARTING,
    JobPhase.CANCELLING: JobStatus.CANCELLING,
    JobPhase.FINISHED: JobStatus.FINISHED,
    JobPhase.FAILED: JobStatus.FAILED,
    JobPhase.CANCELED: JobStatus.CANCELED,
}


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
        done: Part of the input that was read, 0 to 1; None where sources cannot tell.
        checkpoint_ms: When the last complete checkpoint was completed, epoch milliseconds.
        checkpoints_failed: How many failed.
        takes_checkpoints: Whether checkpoints are taken at intervals.
    """

    status: JobStatus
    records_read: int
    records_written: int
    watermark_ms: int | None
    checkpoint_id: int | None
    restored_checkpoint_id: int | None
    restarts: int
    worker_pids: tuple[int, ...]
    done: float | None = None
    checkpoint_ms: int | None = None
    checkpoints_failed: int = 0
    takes_checkpoints: bool = False


def read_progress(
    driver: JobDriver, status: JobStatus, restored_checkpoint_id: int | None
) -> JobProgress:
    """Sum up what the tasks of the present attempt have reported; callable from any thread."""
    coordinator = driver.coordinator
    reports = [r for r in list(driver.reports.values()) if r.attempt == coordinator.attempt]
    sources = _sources(driver.plan)
    last = coordinator.checkpoints.last
    records_read = sum(r.records_in for r in reports if r.task.vertex_id in sources)
    total = _records_in_all(driver.plan)
    return JobProgress(
        status,
        records_read,
        sum(each.records_in for report in reports for each in report.operators if each.is_sink),
        _watermark(driver.plan, reports),
        None if last is None else last.checkpoint_id,
        restored_checkpoint_id,
        coordinator.restarts,
        tuple(getattr(driver, "worker_pids", ())),
        done=min(1.0, records_read / total) if total else None,
        checkpoint_ms=None if last is None else last.completed_ms,
        checkpoints_failed=coordinator.checkpoints.failed_count,
        takes_checkpoints=coordinator.checkpoints.enabled,
    )


def _sources(plan: JobPlan) -> set[int]:
    return {vertex.vertex_id for vertex in plan.vertices if vertex.is_source}


def _records_in_all(plan: JobPlan) -> int | None:
    """How many records all sources have; None if one of them does not know."""
    total = 0
    for vertex in plan.vertices:
        source = vertex.head.spec.source
        count = 0 if source is None else source.record_count()
        if count is None:
            return None
        total += count
    return total


def _watermark(plan: JobPlan, reports: list[TaskReport]) -> int | None:
    sources = _sources(plan)
    reached = [report.watermark for report in reports if report.task.vertex_id not in sources]
    slowest = min(reached, default=MIN_WATERMARK)
    return None if slowest in (MIN_WATERMARK, MAX_WATERMARK) else slowest
