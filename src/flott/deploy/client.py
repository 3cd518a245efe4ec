"""Starts jobs and speaks for them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from flott.common.completable_future import CompletableFuture
from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, FlottError
from flott.common.job_client import JobClient
from flott.common.job_execution_result import JobExecutionResult
from flott.common.job_id import JobID
from flott.common.job_status import JobStatus
from flott.common.options.deployment import TARGET
from flott.deploy.driver import JobDriver
from flott.deploy.job_hooks import HOOKS
from flott.deploy.planned_jobs import NoRows, PlannedJobClient, planned_result
from flott.deploy.programs import check_program
from flott.deploy.progress import PUBLIC_STATUS, JobProgress, read_progress
from flott.deploy.screen import is_watched
from flott.deploy.status_listening import StatusListener, tell_status
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.status import JobPhase


def make_driver(plan: JobPlan, configuration: Configuration) -> JobDriver:
    """The driver for the target that the configuration names.

    Raises:
        ConfigurationError: There is no such target.
        UnknownOptionError: The configuration has a misspelt key.
        UnpicklableError: A function of the program cannot be sent to a worker.
    """
    configuration.validate()
    check_program(plan)
    target = (configuration.get(TARGET) or "local").lower()
    if target == "local":
        target = "embedded" if plan.parallelism == 1 else "processes"
    job_id = uuid.uuid4().hex
    driver: JobDriver
    if target == "embedded":
        from flott.deploy.embedded import EmbeddedDriver

        driver = EmbeddedDriver(job_id, plan, configuration)
    elif target == "processes":
        from flott.deploy.processes import ProcessesDriver

        driver = ProcessesDriver(job_id, plan, configuration)
    else:
        raise ConfigurationError(
            f"execution.target is {target!r}; it may be embedded or processes",
            key="execution.target",
        )
    if is_watched(configuration):
        from flott.deploy.progress_view import watch_in_terminal

        watch_in_terminal(driver)
    HOOKS.announce(driver)
    return driver


def run(
    plan: JobPlan, configuration: Configuration, on_status: StatusListener | None = None
) -> JobExecutionResult:
    """Run a job in this thread until it ends.

    Args:
        plan: The job.
        configuration: Its options.
        on_status: Told of each new status.

    Raises:
        JobExecutionError: The job failed.
        JobCancelledError: The job was cancelled.
    """
    if HOOKS.plan_reader is not None:
        HOOKS.plan_reader(plan)
        return planned_result()
    driver = make_driver(plan, configuration)
    if on_status is not None:
        tell_status(driver, on_status)
    driver.run_to_end()
    return result_of(driver)


def submit(
    plan: JobPlan, configuration: Configuration, on_status: StatusListener | None = None
) -> JobClient:
    """Start a job on a thread of its own and return at once."""
    if HOOKS.plan_reader is not None:
        HOOKS.plan_reader(plan)
        return PlannedJobClient()
    driver = make_driver(plan, configuration)
    if on_status is not None:
        tell_status(driver, on_status)
    client = DrivenJobClient(driver)
    thread = threading.Thread(
        target=client.drive, name=f"flott-job-{driver.job_id[:8]}", daemon=True
    )
    thread.start()
    return client


def collect(
    plan: JobPlan, configuration: Configuration, collector_id: str
) -> ResultIterator | NoRows:
    """Run a job as far as its results are asked for."""
    if HOOKS.plan_reader is not None:
        HOOKS.plan_reader(plan)
        return NoRows()
    return ResultIterator(make_driver(plan, configuration), collector_id)


def result_of(driver: JobDriver) -> JobExecutionResult:
    """The result of a job that is over, or its error."""
    coordinator = driver.coordinator
    assert driver.is_over
    if coordinator.error is not None:
        error = coordinator.error.with_traceback(None)
        if error.__cause__ is not None:
            error.__cause__.with_traceback(None)  # its frames are the engine's
        raise error
    progress = read_progress(driver, PUBLIC_STATUS[coordinator.phase], None)
    return JobExecutionResult(
        JobID(driver.job_id),
        driver.clock.now_ms() - driver.started_ms,
        records_in=progress.records_read,
        records_out=progress.records_written,
    )


class ResultIterator(Iterator[Any]):
    """Rows of a job as they come; asking for the next lets the job run. Close it when done."""

    def __init__(self, driver: JobDriver, collector_id: str) -> None:
        self._driver = driver
        self._buffer = driver.results.get(collector_id)

    def __next__(self) -> Any:
        rows = self._buffer.rows
        if not rows:
            self._driver.run_until(lambda: bool(rows))
            if not rows:
                result_of(self._driver)
                raise StopIteration
        return self._buffer.take()

    def close(self) -> None:
        """Cancel the job if it still runs."""
        driver = self._driver
        if not driver.is_over:
            driver.coordinator.cancel()
            driver.run_to_end()
        driver.close()

    def __del__(self) -> None:
        if not self._driver.is_over:
            self.close()


class DrivenJobClient(JobClient):
    """Client of a job that runs on a thread of this process."""

    def __init__(self, driver: JobDriver) -> None:
        self._driver = driver
        self._result: CompletableFuture[JobExecutionResult] = CompletableFuture()
        self._restored_checkpoint_id: int | None = None
        driver.phase_listeners.append(self._note_phase)

    def drive(self) -> None:
        """Run the job; the body of its thread."""
        try:
            self._driver.run_to_end()
            self._result.complete(result_of(self._driver))
        except BaseException as error:  # belongs to whoever asks for the result
            self._result.complete_exceptionally(error)

    def get_job_id(self) -> JobID:
        return JobID(self._driver.job_id)

    def get_start_time_ms(self) -> int:
        return self._driver.started_ms

    def get_job_status(self) -> CompletableFuture[JobStatus]:
        return CompletableFuture.completed(PUBLIC_STATUS[self._driver.coordinator.phase])

    def get_progress(self) -> JobProgress:
        """How far the job is, and which processes work for it. Beyond PyFlink."""
        status = PUBLIC_STATUS[self._driver.coordinator.phase]
        return read_progress(self._driver, status, self._restored_checkpoint_id)

    def cancel(self) -> CompletableFuture[None]:
        answer: CompletableFuture[None] = CompletableFuture()
        self._result.add_done_callback(lambda _: answer.complete(None))
        self._driver.call(self._driver.coordinator.cancel)
        return answer

    def stop_with_savepoint(
        self, advance_to_end_of_event_time: bool, savepoint_directory: str | None = None
    ) -> CompletableFuture[str]:
        written: CompletableFuture[str] = CompletableFuture()
        self._driver.call(
            lambda: self._driver.coordinator.stop_with_savepoint(
                savepoint_directory, advance_to_end_of_event_time, _answer(written)
            )
        )
        answer: CompletableFuture[str] = CompletableFuture()
        # What went wrong is told at once, for the job goes on; the savepoint once it has ended.
        written.add_done_callback(lambda _: _hand_error_over(written, answer))
        self._result.add_done_callback(lambda _: _hand_over(written, answer))
        return answer

    def trigger_savepoint(self, savepoint_directory: str | None = None) -> CompletableFuture[str]:
        answer: CompletableFuture[str] = CompletableFuture()
        self._driver.call(
            lambda: self._driver.coordinator.trigger_savepoint(savepoint_directory, _answer(answer))
        )
        self._result.add_done_callback(
            lambda _: answer.complete_exceptionally(
                FlottError("the job ended before the savepoint")
            )
        )
        return answer

    def get_accumulators(self) -> CompletableFuture[dict[str, Any]]:
        return CompletableFuture.completed({})

    def get_job_execution_result(self) -> CompletableFuture[JobExecutionResult]:
        return self._result

    def get_metrics(self) -> dict[str, Any]:
        """The last reported metrics, by operator and subtask."""
        return {
            f"{operator}/{report.task.subtask}": values
            for report in list(self._driver.reports.values())
            for operator, values in report.metrics.items()
        }

    def _note_phase(self, phase: JobPhase) -> None:
        coordinator = self._driver.coordinator
        last = coordinator.checkpoints.last
        if phase is JobPhase.RUNNING and coordinator.restarts and last is not None:
            # No checkpoint has been taken since: it is the one the tasks were restored from.
            self._restored_checkpoint_id = last.checkpoint_id


def _answer(future: CompletableFuture[str]) -> Callable[[str | BaseException], None]:
    def done(result: str | BaseException) -> None:
        if isinstance(result, BaseException):
            future.complete_exceptionally(result)
        else:
            future.complete(result)

    return done


def _hand_error_over(source: CompletableFuture[str], target: CompletableFuture[str]) -> None:
    error = source.exception()
    if error is not None:
        target.complete_exceptionally(error)


def _hand_over(source: CompletableFuture[str], target: CompletableFuture[str]) -> None:
    source.complete_exceptionally(FlottError("the job ended before the savepoint was complete"))
    if source.exception() is None:
        target.complete(source.result())
