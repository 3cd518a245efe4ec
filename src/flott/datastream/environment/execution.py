"""Running the program: as a job awaited, as a job in the background, or for its results."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from flott import deploy
from flott.common.errors import ProgramError
from flott.common.job_client import JobClient
from flott.common.job_execution_result import JobExecutionResult
from flott.common.options import pipeline
from flott.datastream.environment.base_environment import BaseEnvironment
from flott.datastream.environment.job_building import build_job
from flott.datastream.job_listener import JobListener
from flott.datastream.streams.base_stream import add_operation
from flott.datastream.streams.closeable_iterator import CloseableIterator
from flott.datastream.streams.record_type import UNKNOWN
from flott.operators.collect import CollectSpec
from flott.plan.explain import explain_json
from flott.plan.job_plan import JobPlan

if TYPE_CHECKING:
    from flott.datastream.streams.data_stream import DataStream

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
        plan = self._take_job(job_name)
        try:
            result = deploy.run(plan, self._configuration)
        except BaseException as error:
            for listener in self._job_listeners:
                listener.on_job_executed(None, error)
            raise
        for listener in self._job_listeners:
            listener.on_job_executed(result, None)
        return result

    def execute_async(self, job_name: str | None = None) -> JobClient:
        """Start the program and give what speaks for the job.

        Args:
            job_name: the name of the job; the option ``pipeline.name`` if not given.
        """
        return self._submit(self._take_job(job_name))

    def get_execution_plan(self) -> str:
        """Give the program as it would run, as JSON; nothing is run and nothing is forgotten."""
        return explain_json(self.get_job_plan())

    def get_job_plan(self, job_name: str | None = None) -> JobPlan:
        """Give the program as it would be deployed; nothing is run and nothing is forgotten.

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
        """Forget the program. Jobs that were started go on."""
        self._plan.clear()

    def _collect(
        self, stream: DataStream, job_name: str | None, limit: int | None
    ) -> CloseableIterator | list[Any]:
        """Run the job and give the records of ``stream``."""
        if limit is not None and limit <= 0:
            raise ProgramError(f"execute_and_collect: the limit must be positive, found {limit}")
        collector_id = uuid.uuid4().hex
        add_operation(
            CollectSpec(collector_id),
            "Collect",
            UNKNOWN,
            [stream],
            parallelism=1,
            fixed_parallelism=True,
        )
        results = deploy.collect(self._take_job(job_name), self._configuration, collector_id)
        iterator = CloseableIterator(results, results.close)
        if limit is None:
            return iterator
        with iterator:
            return [record for record, _ in zip(iterator, range(limit), strict=False)]

    def _submit(self, plan: JobPlan) -> JobClient:
        try:
            client = deploy.submit(plan, self._configuration)
        except BaseException as error:
            for listener in self._job_listeners:
                listener.on_job_submitted(None, error)
            raise
        for listener in self._job_listeners:
            listener.on_job_submitted(client, None)
        return client

    def _take_job(self, job_name: str | None) -> JobPlan:
        """Freeze what was added since the last job; the next begins anew in any case."""
        try:
            return self.get_job_plan(job_name)
        finally:
            self._plan.clear()

    def _job_name(self, job_name: str | None) -> str:
        return job_name or self._configuration.get(pipeline.NAME) or _DEFAULT_NAME
