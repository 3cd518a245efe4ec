import threading
from pathlib import Path
from typing import Any

import pytest

from flott.common import Configuration, Duration, WatermarkStrategy
from flott.common.errors import ConfigurationError, FlottError, JobCancelledError
from flott.common.job_status import JobStatus
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.file_system import FileSource, StreamFormat
from flott.testing import RecordingSink

LIMIT_S = 30.0


def environment(**options: str) -> StreamExecutionEnvironment:
    configuration = Configuration()
    for name, value in {"execution__target": "embedded", **options}.items():
        configuration.set_string(name.replace("__", ".").replace("_", "-"), value)
    return StreamExecutionEnvironment.get_execution_environment(configuration)


def endless(env: StreamExecutionEnvironment, folder: Path) -> Any:
    lines = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(folder))
    source = lines.monitor_continuously(Duration.of_millis(20)).build()
    env.from_source(source, WatermarkStrategy.no_watermarks(), "lines").sink_to(
        RecordingSink("out")
    )
    return env.execute_async("endless")


def test_result_of_a_job_in_the_background_comes_when_it_is_done() -> None:
    env = environment()
    env.from_collection([1, 2, 3]).sink_to(RecordingSink("out"))
    client = env.execute_async()
    done = client.get_job_execution_result().result(LIMIT_S)
    assert str(done.get_job_id()) == str(client.get_job_id())
    assert client.get_job_status().result() is JobStatus.FINISHED


def test_failed_job_in_the_background_gives_its_error() -> None:
    env = environment()
    env.from_collection([0]).map(lambda n: 1 // n).sink_to(RecordingSink("out"))
    client = env.execute_async()
    with pytest.raises(FlottError, match="ZeroDivisionError"):
        client.get_job_execution_result().result(LIMIT_S)
    assert client.get_job_status().result() is JobStatus.FAILED


def test_cancelled_job_says_so(tmp_path: Path) -> None:
    client = endless(environment(), tmp_path)
    client.cancel().result(LIMIT_S)
    assert client.get_job_status().result() is JobStatus.CANCELED
    with pytest.raises(JobCancelledError):
        client.get_job_execution_result().result(LIMIT_S)


def test_ended_job_takes_no_savepoint(tmp_path: Path) -> None:
    env = environment()
    env.from_collection([1]).sink_to(RecordingSink("out"))
    client = env.execute_async()
    client.get_job_execution_result().result(LIMIT_S)
    for asked in (
        client.trigger_savepoint(str(tmp_path)),
        client.stop_with_savepoint(False, str(tmp_path)),
    ):
        with pytest.raises(FlottError):
            asked.result(LIMIT_S)


def test_thread_of_an_ended_job_is_gone(tmp_path: Path) -> None:
    client = endless(environment(), tmp_path)
    name = f"flott-job-{str(client.get_job_id())[:8]}"
    (thread,) = (thread for thread in threading.enumerate() if thread.name == name)
    client.cancel().result(LIMIT_S)
    thread.join(LIMIT_S)
    assert not thread.is_alive()


def test_results_that_nobody_wants_any_more_cancel_the_job() -> None:
    records = environment().from_sequence(1, 10_000_000).execute_and_collect()
    assert next(records) == 1
    records.close()
    with pytest.raises(StopIteration):
        next(records)


def test_unknown_target_is_refused() -> None:
    env = environment(execution__target="cluster")
    env.from_collection([1]).print()
    with pytest.raises(ConfigurationError, match="embedded"):
        env.execute()


def test_misspelt_option_is_refused_with_the_right_one() -> None:
    env = environment(execution__checkpointing__intervall="1 s")
    env.from_collection([1]).print()
    with pytest.raises(ConfigurationError, match=r"execution\.checkpointing\.interval"):
        env.execute()
