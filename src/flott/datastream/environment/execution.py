"""Running the program: as a job awaited, as a job in the background, or for its results."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from flott.common.errors import FlottError, ProgramError
from flott.common.job_client import JobClient
from flott.common.job_execution_result import JobExecutionResult
from flott.common.job_id import JobID
from flott.common.job_status import JobStatus
from flott.common.options import pipeline
from flott.datastream.caching.used_caches import UsedCaches
from flott.datastream.environment.base_environment import BaseEnvironment
from flott.datastream.environment.deployment import collect, run, submit
from flott.datastream.environment.job_building import build_job
from flott.datastream.job_listener import JobListener
from flott.datastream.streams.base_stream import BaseStream, add_operation
from flott.datastream.streams.closeable_iterator import CloseableIterator
from flott.datastream.streams.record_type import UNKNOWN
from flott.operators.collect import CollectSpec
from flott.plan.explain import explain_json
from flott.plan.job_plan import JobPlan

__all__ = ["Execution"]

_DEFAULT_NAME = "Flink Streaming Job"


class Execution(BaseEnvironment):
    """The part of the environment that runs jobs.

    A job consists of all operations added since the last job and of everything upstream of them;
    so a stream may be read by several jobs.
    """

    def execute(self, job_name: str | None = None) -> JobExecutionResult:
        """Run the program and wait for its end.

        Args:
            job_name: the name of the job; the option ``pipeline.name`` if not given.

        Raises:
            ProgramError: if there is nothing to run, or it cannot run as it is written.
            JobExecutionError: if the job failed; shows the function, the record and the traceback.
            JobCancelledError: if it was cancelled.
        """
        plan, used = self._take_job(job_name)
        try:
            result = run(plan, self._configuration, self._status_listener())
        except BaseException as error:
            for listener in self._job_listeners:
                listener.on_job_executed(None, error)
            if isinstance(error, FlottError):
                error.with_traceback(None)  # the engine's frames say nothing to its users
            raise
        used.complete()
        for listener in self._job_listeners:
            listener.on_job_executed(result, None)
        return result

    def execute_async(self, job_name: str | None = None) -> JobClient:
        """Start the program and give what speaks for the job.

        Args:
            job_name: the name of the job; the option ``pipeline.name`` if not given.
        """
        plan, used = self._take_job(job_name)
        try:
            client = submit(plan, self._configuration, self._status_listener())
        except BaseException as error:
            for listener in self._job_listeners:
                listener.on_job_submitted(None, error)
            raise
        client.get_job_execution_result().then(lambda _: used.complete())
        for listener in self._job_listeners:
            listener.on_job_submitted(client, None)
        return client

    def get_execution_plan(self) -> str:
        """Return the program as it would run, as JSON; nothing is run and nothing is forgotten."""
        return explain_json(self.get_job_plan())

    def get_job_plan(self, job_name: str | None = None) -> JobPlan:
        """Return the program as it would be deployed; nothing is run and nothing is forgotten.

        Beyond PyFlink; ``flott.plan.explain`` writes such a plan as text or as a picture.
        """
        return build_job(self._plan.nodes, self._configuration, self._job_name(job_name))

    def register_job_listener(self, job_listener: JobListener) -> None:
        """Tell ``job_listener`` of the jobs started here. Beyond PyFlink."""
        if not isinstance(job_listener, JobListener):
            raise TypeError(f"Expected a JobListener, found {job_listener!r}")
        self._job_listeners.append(job_listener)

    def clear_job_listeners(self) -> None:
        """Forget all listeners. Beyond PyFlink."""
        self._job_listeners.clear()

    def close(self) -> None:
        """Forget the program and what it cached. Jobs that were started go on."""
        self._plan.clear()
        for cache in self._caches:
            cache.invalidate()
        self._caches.clear()

    def _collect(
        self, stream: BaseStream, job_name: str | None, limit: int | None
    ) -> CloseableIterator[Any] | list[Any]:
        """Run the job and give the records of ``stream``."""
        if limit is not None and limit <= 0:
            raise ProgramError(f"execute_and_collect: the limit must be positive, found {limit}")
        collector_id = os.urandom(16).hex()
        single = {"parallelism": 1, "fixed_parallelism": True}
        add_operation(CollectSpec(collector_id), "Collect", UNKNOWN, [stream], **single)
        plan, used = self._take_job(job_name)
        results = collect(plan, self._configuration, collector_id)
        iterator = CloseableIterator(_to_the_end(results, used), results.close)
        if limit is None:
            return iterator
        with iterator:
            return [record for _, record in zip(range(limit), iterator, strict=False)]

    def _status_listener(self) -> Callable[[JobID, JobStatus], None] | None:
        listeners = tuple(self._job_listeners)

        def tell(job_id: JobID, status: JobStatus) -> None:
            for listener in listeners:
                listener.on_job_status_changed(job_id, status)

        return tell if listeners else None

    def _take_job(self, job_name: str | None) -> tuple[JobPlan, UsedCaches]:
        """Freeze what was added since the last job; the next begins anew in any case."""
        nodes = list(self._plan.nodes)
        self._plan.clear()
        used = self._use_caches(nodes)
        name = self._job_name(job_name)
        return build_job(
            used.nodes, self._configuration, name, fills_caches=bool(used.completions)
        ), used

    def _job_name(self, job_name: str | None) -> str:
        return job_name or self._configuration.get(pipeline.NAME) or _DEFAULT_NAME


def _to_the_end(results: Iterator[Any], used: UsedCaches) -> Iterator[Any]:
    """Return all records; what the job cached counts only if it came to its end."""
    yield from results
    used.complete()
