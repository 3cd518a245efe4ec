"""Running programs: what belongs to a job, how results come back, who hears of it."""

import json
from typing import Any

import pytest

from flott.common import JobClient, JobExecutionResult, JobID, JobStatus, WatermarkStrategy
from flott.common.errors import (
    JobExecutionError,
    ProgramError,
    UnknownOptionError,
)
from flott.connectors.collection import IterableSource
from flott.connectors.discard import DiscardingSink
from flott.core.source import Boundedness
from flott.datastream import JobListener, RuntimeExecutionMode, StreamExecutionEnvironment

Env = StreamExecutionEnvironment


def endless(env: Env) -> Any:
    source = IterableSource(lambda: iter(int, 1), Boundedness.CONTINUOUS_UNBOUNDED)
    return env.from_source(source, WatermarkStrategy.no_watermarks(), "zeros")


def fail(value: object) -> object:
    raise ZeroDivisionError("broken on purpose")


def test_execute_runs_to_the_end_and_tells_how_it_went(
    env: Env, capsys: pytest.CaptureFixture[str]
) -> None:
    env.from_collection(["to", "be"]).map(str.upper).print()
    result = env.execute("shout")
    assert isinstance(result, JobExecutionResult)
    assert capsys.readouterr().out == "TO\nBE\n"


def test_a_stream_can_be_read_by_several_jobs(env: Env) -> None:
    doubled = env.from_collection([1, 2, 3]).map(lambda n: 2 * n)
    assert list(doubled.execute_and_collect()) == [2, 4, 6]
    assert list(doubled.map(str).execute_and_collect()) == ["2", "4", "6"]


def test_a_job_holds_what_was_added_since_the_last(env: Env) -> None:
    stream = env.from_collection([1])
    stream.sink_to(DiscardingSink()).name("first")
    env.execute()
    stream.sink_to(DiscardingSink()).name("second")
    names = [operator.name for v in env.get_job_plan().vertices for operator in v.chain]
    assert names == ["Collection Source", "second"]


def test_collecting_runs_the_other_sinks_too(env: Env, capsys: pytest.CaptureFixture[str]) -> None:
    stream = env.from_collection([1])
    stream.print("seen")
    assert list(stream.execute_and_collect()) == [1]
    assert capsys.readouterr().out == "seen> 1\n"


@pytest.mark.parametrize("start", [lambda env: None, lambda env: env.from_collection([1])])
def test_without_operations_there_is_nothing_to_run(env: Env, start: Any) -> None:
    start(env)
    with pytest.raises(ProgramError, match="No operators defined"):
        env.execute()


def test_a_program_that_cannot_run_is_forgotten(env: Env) -> None:
    env.from_collection([1]).map(abs).uid("a").map(abs).uid("a")
    with pytest.raises(ProgramError, match="The uid 'a' is used by"):
        env.execute()
    assert env.from_collection([1]).execute_and_collect(limit=1) == [1]


def test_a_misspelt_option_is_refused_and_an_idle_one_told(env: Env) -> None:
    stream = env.from_collection([1])
    env.add_jars("file:///a.jar")
    with pytest.warns(UserWarning, match=r"'pipeline\.jars' has no effect"):
        assert stream.execute_and_collect(limit=1) == [1]
    env._configuration.set_string("paralelism.default", "2")
    with pytest.raises(UnknownOptionError, match=r"Did you mean 'parallelism\.default'"):
        stream.execute_and_collect()


def test_a_failing_function_fails_the_job(env: Env) -> None:
    env.from_collection([1]).map(fail).name("divide").print()
    with pytest.raises(JobExecutionError, match="broken on purpose") as caught:
        env.execute("doomed")
    assert caught.value.operator == "divide"


def test_a_limit_ends_a_stream_that_has_no_end(env: Env) -> None:
    assert endless(env).map(lambda n: n + 1).execute_and_collect(limit=3) == [1, 1, 1]


def test_closing_the_iterator_cancels_the_job(env: Env) -> None:
    with endless(env).execute_and_collect("endless") as numbers:
        assert next(numbers) == 0
        assert numbers.next() == 0
    with pytest.raises(StopIteration):
        numbers.next()
    numbers.close()


def test_an_iterator_ends_with_its_records(env: Env) -> None:
    numbers = env.from_collection([1]).execute_and_collect()
    assert list(numbers) == [1]
    with pytest.raises(StopIteration):
        numbers.next()


def test_a_job_in_the_background_has_a_client(env: Env) -> None:
    env.from_collection([1]).sink_to(DiscardingSink())
    client = env.execute_async("background")
    assert isinstance(client, JobClient)
    assert client.get_job_execution_result().result(60).get_job_id() == client.get_job_id()
    assert client.get_job_status().result() is JobStatus.FINISHED


def test_a_job_in_the_background_can_be_cancelled(env: Env) -> None:
    endless(env).sink_to(DiscardingSink())
    client = env.execute_async()
    client.cancel().result(60)
    assert client.get_job_status().result() is JobStatus.CANCELED


class Recording(JobListener):
    def __init__(self) -> None:
        self.heard: list[Any] = []

    def on_job_submitted(self, job_client: Any, error: Any) -> None:
        self.heard.append(("submitted", type(job_client or error).__name__))

    def on_job_executed(self, result: Any, error: Any) -> None:
        self.heard.append(("executed", type(result or error).__name__))


def test_listeners_hear_of_jobs(env: Env) -> None:
    listener = Recording()
    env.register_job_listener(listener)
    stream = env.from_collection([1])
    stream.sink_to(DiscardingSink())
    env.execute()
    stream.map(fail).sink_to(DiscardingSink())
    with pytest.raises(JobExecutionError):
        env.execute()
    stream.sink_to(DiscardingSink())
    env.execute_async().get_job_execution_result().result(60)
    env.clear_job_listeners()
    stream.sink_to(DiscardingSink())
    env.execute()
    assert [what for what, _ in listener.heard] == ["executed", "executed", "submitted"]
    assert [kind for _, kind in listener.heard][:2] == ["JobExecutionResult", "JobExecutionError"]
    with pytest.raises(TypeError, match="Expected a JobListener"):
        env.register_job_listener(print)  # type: ignore[arg-type]


def test_the_plan_is_json_and_runs_nothing(env: Env) -> None:
    env.from_collection([1]).map(fail).name("doomed").print()
    nodes = json.loads(env.get_execution_plan())["nodes"]
    assert [node["type"] for node in nodes] == ["Collection Source", "doomed", "Print to Std. Out"]
    assert len(env._plan.nodes) == 3


def test_a_closed_environment_has_forgotten_its_program(env: Env) -> None:
    env.from_collection([1]).print()
    env.close()
    with pytest.raises(ProgramError, match="No operators defined"):
        env.execute()


def test_a_job_is_named_by_call_or_option(env: Env) -> None:
    env.from_collection([1]).print()
    assert env.get_job_plan("mine").name == "mine"
    assert env.get_job_plan().name == "Flink Streaming Job"
    env._configuration.set_string("pipeline.name", "from the option")
    assert env.get_job_plan().name == "from the option"


def test_automatic_mode_is_batch_if_all_sources_end(env: Env) -> None:
    env.set_runtime_mode(RuntimeExecutionMode.AUTOMATIC)
    env.from_collection([1]).print()
    assert env.get_job_plan().is_batch
    endless(env).print()
    assert not env.get_job_plan().is_batch


def test_batch_mode_refuses_a_source_that_never_ends(env: Env) -> None:
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    endless(env).print()
    with pytest.raises(ProgramError, match="BATCH mode needs bounded sources, and 'zeros'"):
        env.execute()


class Following(Recording):
    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[str] = []

    def on_job_status_changed(self, job_id: JobID, job_status: JobStatus) -> None:
        self.statuses.append(job_status.name)


def test_listeners_follow_the_status_of_a_job(env: Env) -> None:
    listener = Following()
    env.register_job_listener(listener)
    env.from_collection([1]).print()
    env.execute()
    assert listener.statuses == ["CREATED", "RUNNING", "FINISHED"]


def test_a_listener_that_fails_stops_no_job(env: Env) -> None:
    listener = Following()
    listener.statuses = ()  # type: ignore[assignment]
    env.register_job_listener(listener)
    env.from_collection([1]).print()
    env.execute_async().get_job_execution_result().result()
