import errno
from collections.abc import Iterator
from typing import Any

import pytest

from flott.common import Duration, Time, Types, WatermarkStrategy
from flott.common.errors import JobExecutionError, ProgramError
from flott.common.job_status import JobStatus
from flott.datastream import (
    AsyncDataStream,
    AsyncFunction,
    FlatMapFunction,
    KeyedProcessFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.connectors.number_seq import NumberSequenceSource
from flott.datastream.state import ValueStateDescriptor
from flott.testing import JobHarness, ManualSource, RecordingSink


class Count(KeyedProcessFunction):
    def open(self, ctx: Any) -> None:
        self.count = ctx.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value: Any, ctx: Any) -> Iterator[Any]:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield value, count


def environment() -> StreamExecutionEnvironment:
    env = StreamExecutionEnvironment.get_execution_environment()
    return env.set_parallelism(1)


def counting(env: StreamExecutionEnvironment) -> StreamExecutionEnvironment:
    words = env.from_source(ManualSource("words"), WatermarkStrategy.no_watermarks(), "words")
    words.key_by(lambda word: word).process(Count()).name("count").sink_to(RecordingSink("out"))
    return env


def test_named_sources_and_sinks_of_the_program_are_replaced() -> None:
    env = environment()
    numbers = env.from_source(
        NumberSequenceSource(1, 3), WatermarkStrategy.no_watermarks(), "numbers"
    )
    numbers.map(lambda n: -n).print().name("shown")
    with JobHarness(env, sources=["numbers"], sinks=["shown"]) as job:
        job.push("numbers", 7)
        assert job.output("shown").values == [-7]


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ProgramError, match="no source named 'clicks'"):
        JobHarness(counting(environment()), sources=["clicks"])
    with (
        JobHarness(counting(environment())) as job,
        pytest.raises(KeyError, match="there are: 'words'"),
    ):
        job.push("clicks", 1)


def test_two_sinks_of_one_name_are_refused() -> None:
    env = counting(environment())
    env.from_collection([1]).sink_to(RecordingSink("out"))
    with pytest.raises(ProgramError, match="Two sinks"):
        JobHarness(env)


def test_strategy_of_the_program_makes_watermarks_as_the_clock_moves() -> None:
    env = environment()
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_millis(10)
    ).with_timestamp_assigner(lambda value: value)
    events = env.from_source(ManualSource("events"), strategy, "events")

    class Watermarks(KeyedProcessFunction):
        def process_element(self, value: int, ctx: Any) -> Iterator[int]:
            yield ctx.timer_service().current_watermark()

    events.key_by(lambda value: 0).process(Watermarks()).sink_to(RecordingSink("out"))
    with JobHarness(env, restore_at=[]) as job:
        job.push("events", 1000)
        job.advance_time(200)
        job.push("events", 1005)
        assert job.output("out").values[-1] == 989


def test_idle_source_does_not_hold_the_other_back() -> None:
    env = environment()
    streams = [
        env.from_source(ManualSource(name), WatermarkStrategy.no_watermarks(), name)
        for name in ("left", "right")
    ]

    class Say(KeyedProcessFunction):
        def process_element(self, value: int, ctx: Any) -> None:
            ctx.timer_service().register_event_time_timer(value)

        def on_timer(self, timestamp: int, ctx: Any) -> Iterator[int]:
            yield timestamp

    union = streams[0].union(streams[1])
    union.key_by(lambda value: 0).process(Say()).sink_to(RecordingSink("out"))
    with JobHarness(env) as job:
        job.push("left", 5, at=5)
        job.watermark("left", 10)
        assert job.output("out").values == []
        job.idle("right")
        assert job.output("out").values == [5]


def test_killed_worker_goes_back_to_the_last_checkpoint() -> None:
    env = counting(environment()).enable_checkpointing(1000)
    with JobHarness(env, restore_at=[]) as job:
        job.push("words", "a")
        job.advance_time(1000)
        assert job.completed_checkpoint == 1
        job.push("words", "a")
        job.kill()
        assert job.status is JobStatus.RESTARTING
        job.advance_time(2000)
        assert job.status is JobStatus.RUNNING
        assert job.restarts == 1
        assert job.output("out").values == [("a", 1), ("a", 2)]


def test_full_disk_declines_checkpoints_and_the_job_goes_on() -> None:
    env = counting(environment()).enable_checkpointing(1000)
    env.get_checkpoint_config().set_tolerable_checkpoint_failure_number(5)
    with JobHarness(env, restore_at=[]) as job:
        job.fill_disk(OSError(errno.ENOSPC, "No space left on device"))
        job.push("words", "a")
        job.advance_time(3000)
        assert (job.status, job.completed_checkpoint) == (JobStatus.RUNNING, None)
        assert job.failed_checkpoints >= 2
        job.fill_disk(None)
        job.advance_time(1000)
        assert job.completed_checkpoint is not None


def test_failing_function_raises_where_it_is_pushed() -> None:
    env = environment()
    numbers = env.from_source(ManualSource("n"), WatermarkStrategy.no_watermarks(), "n")
    numbers.map(lambda n: 1 // n).sink_to(RecordingSink("out"))
    with JobHarness(env) as job, pytest.raises(JobExecutionError, match="ZeroDivisionError"):
        job.push("n", 0)


def test_asynchronous_calls_are_waited_for() -> None:
    class Double(AsyncFunction):
        async def async_invoke(self, value: int) -> list[int]:
            return [2 * value]

    env = environment()
    numbers = env.from_source(ManualSource("n"), WatermarkStrategy.no_watermarks(), "n")
    doubled = AsyncDataStream.ordered_wait(numbers, Double(), Time.seconds(10))
    doubled.sink_to(RecordingSink("out"))
    with JobHarness(env) as job:
        job.push("n", 1, 2)
        job.wait_for(lambda: job.output("out").values == [2, 4])


def test_next_version_of_the_program_starts_from_a_snapshot() -> None:
    with JobHarness(counting(environment())) as job:
        job.push("words", "a", "b")
        snapshot = job.snapshot()
    env = environment()
    words = env.from_source(ManualSource("words"), WatermarkStrategy.no_watermarks(), "words")
    counts = words.key_by(lambda word: word).process(Count()).name("count")
    counts.filter(lambda pair: pair[1] > 1).sink_to(RecordingSink("often"))
    with JobHarness(env, start_from=snapshot) as job:
        assert job.state("count") == {"a": 1, "b": 1}


@pytest.mark.parametrize("restore_at", [[], [2], [3, 1, 2]])
def test_restores_before_every_move_change_nothing(restore_at: list[int]) -> None:
    with JobHarness(counting(environment()), restore_at=restore_at) as job:
        for _ in range(3):
            job.push("words", "a", "b", "c")
        job.end()
        assert sorted(job.output("out").values) == [(w, n) for w in "abc" for n in (1, 2, 3)]
        assert job.status is JobStatus.FINISHED


def test_restores_are_switched_on_by_an_environment_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FLOTT_TEST_RESTORE", "2, 3")
    with JobHarness(counting(environment())) as job:
        job.push("words", "a")
        job.push("words", "a")
        assert job.output("out").values == [("a", 1), ("a", 2)]


def test_bounded_source_of_the_program_is_read_to_its_end() -> None:
    env = environment()
    numbers = env.from_source(
        NumberSequenceSource(1, 10), WatermarkStrategy.no_watermarks(), "numbers"
    )
    numbers.sink_to(RecordingSink("out"))
    with JobHarness(env) as job:
        assert job.output("out").values == list(range(1, 11))
        assert job.status is JobStatus.FINISHED


class Hoard(FlatMapFunction):
    def open(self, ctx: Any) -> None:
        self.own = ctx.get_operator_list_state("own")

    def flat_map(self, value: int) -> list[int]:
        self.own.add(value)
        return [value]


class Teller(FlatMapFunction):
    """Keeps everything in union state; after a restore every subtask has all of it."""

    def open(self, ctx: Any) -> None:
        self.shared = ctx.get_union_list_state("shared")
        self.before = sorted(self.shared.get())

    def flat_map(self, value: int) -> list[Any]:
        self.shared.add(value)
        return [(value, self.before)]


def hoarding(function: Any) -> JobHarness:
    env = environment()
    numbers = env.from_source(ManualSource("n"), WatermarkStrategy.no_watermarks(), "n")
    numbers.set_parallelism(1).rebalance().flat_map(function).sink_to(RecordingSink("out"))
    return JobHarness(env)


@pytest.mark.parametrize("parallelism", [1, 2, 3, 7])
def test_list_state_is_dealt_out_and_nothing_lost(parallelism: int) -> None:
    with hoarding(Hoard()) as job:
        job.push("n", *range(10))
        job.kill_and_restore(parallelism)
        assert sorted(job.list_state("own")) == list(range(10))
        job.kill_and_restore(2)
        assert sorted(job.list_state("own")) == list(range(10))


@pytest.mark.parametrize("parallelism", [1, 2, 3, 7])
def test_union_state_is_whole_in_every_subtask(parallelism: int) -> None:
    with hoarding(Teller()) as job:
        job.push("n", *range(10))
        job.output("out").clear()
        job.kill_and_restore(parallelism)
        job.push("n", *range(10, 20))
        assert [before for _, before in job.output("out").values] == [list(range(10))] * 10
