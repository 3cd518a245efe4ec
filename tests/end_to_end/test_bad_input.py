"""Wrong programs, data and surroundings: an error that says what and where, or a policy."""

import errno
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flott.common import Duration, Time, Types, WatermarkStrategy
from flott.common.errors import (
    DuplicateUidError,
    FlottError,
    JobExecutionError,
    ProgramError,
)
from flott.common.job_status import JobStatus
from flott.common.output_tag import OutputTag
from flott.common.watermark_generators import WatermarkGenerator, WatermarkOutput
from flott.datastream import KeyedProcessFunction, MapFunction
from flott.datastream.connectors.file_system import FileSource, StreamFormat
from flott.datastream.formats.csv import CsvReaderFormat, CsvSchema
from flott.datastream.formats.json import JsonLinesFormat
from flott.datastream.state import ValueStateDescriptor
from flott.datastream.window import (
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from flott.testing import JobHarness, KeyedHarness, ManualSource, RecordingSink
from tests.end_to_end.support import children_of, environment, lines_of, to_files

TARGETS = [("embedded", 1), ("embedded", 2), ("processes", 2)]
COUNT = ValueStateDescriptor("count", Types.LONG())


def failure_of(build: Callable[[Any], Any], target: str = "embedded", parallelism: int = 1) -> str:
    """The text of the error that a program of a few numbers ends with."""
    env = environment(parallelism, target)
    stream = build(env.from_collection([1, 2, 3]))
    stream.print()
    with pytest.raises(FlottError) as caught:
        env.execute("bad job")
    return str(caught.value)


# --- functions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "parallelism"), TARGETS)
def test_function_that_raises_is_shown_with_operator_and_record(
    target: str, parallelism: int
) -> None:
    def divide(value: int) -> float:
        return 6 / (value - 2)

    text = failure_of(lambda s: s.rebalance().map(divide).name("divide"), target, parallelism)
    assert "return 6 / (value - 2)" in text
    assert "ZeroDivisionError" in text
    assert "divide" in text
    assert "record: 2" in text
    assert len(text.splitlines()) <= 25
    assert "flott/runtime" not in text


@pytest.mark.parametrize(("target", "parallelism"), TARGETS)
def test_function_that_cannot_travel_is_told_what_to_do(target: str, parallelism: int) -> None:
    lock = threading.Lock()
    text = failure_of(lambda s: s.map(lambda value: (lock, value)), target, parallelism)
    assert "lock" in text
    assert "Operator 'Map', made at " in text
    assert "test_bad_input.py:" in text
    assert "open()" in text
    assert target == "embedded" or not children_of(threading.get_native_id())


def test_result_of_another_type_than_declared_is_refused() -> None:
    text = failure_of(lambda s: s.map(lambda value: "one", Types.LONG()).name("typed"))
    assert "declared as Long, found str 'one'" in text
    assert "typed" in text


def test_items_of_a_collection_must_fit_the_declared_type() -> None:
    with pytest.raises(ProgramError, match="item 1 of the collection"):
        environment().from_collection([1, "a"], Types.LONG())


@pytest.mark.parametrize(("target", "parallelism"), TARGETS)
def test_key_that_cannot_be_hashed_is_refused(target: str, parallelism: int) -> None:
    text = failure_of(
        lambda s: s.key_by(lambda value: [value]).reduce(lambda a, b: a), target, parallelism
    )
    assert "hashable" in text
    assert "list" in text


def test_keyed_state_without_key_by_is_refused() -> None:
    class Stateful(MapFunction):
        def open(self, ctx: Any) -> None:
            self.count = ctx.get_state(COUNT)

        def map(self, value: int) -> int:
            return value

    text = failure_of(lambda s: s.map(Stateful()))
    assert "'count'" in text
    assert "key_by()" in text


def test_keyed_state_is_not_there_in_open() -> None:
    class Early(KeyedProcessFunction):
        def open(self, ctx: Any) -> None:
            ctx.get_state(COUNT).value()

        def process_element(self, value: int, ctx: Any) -> Iterator[int]:
            yield value

    text = failure_of(lambda s: s.key_by(lambda n: n).process(Early()))
    assert "not in open()" in text


def test_close_is_called_after_a_failure(tmp_path: Path) -> None:
    class Closes(MapFunction):
        def map(self, value: int) -> float:
            return 1 / (value - 2)

        def close(self) -> None:
            (tmp_path / "closed").touch()

    failure_of(lambda s: s.map(Closes()))
    assert (tmp_path / "closed").exists()


# --- programs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: TumblingEventTimeWindows.of(Time.seconds(-1)),
        lambda: TumblingProcessingTimeWindows.of(Time.milliseconds(0)),
        lambda: SlidingEventTimeWindows.of(Time.seconds(1), Time.seconds(-1)),
        lambda: environment().from_collection([1]).key_by(lambda n: n).count_window(-5),
    ],
)
def test_window_sizes_that_make_no_sense_are_refused_at_once(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        make()


def test_two_operators_with_one_uid_are_refused() -> None:
    env = environment()
    numbers = env.from_collection([1])
    numbers.map(lambda n: n).uid("same").map(lambda n: n).uid("same").print()
    with pytest.raises(DuplicateUidError, match="'same'"):
        env.execute()


def test_program_without_operators_is_refused() -> None:
    with pytest.raises(ProgramError, match="nothing to execute"):
        environment().execute()


# --- files -------------------------------------------------------------------------------------


def read(env: Any, file_format: Any, path: Path, on_error: str | None = None) -> Any:
    builder = FileSource.for_record_stream_format(file_format, str(path))
    if on_error is not None:
        builder.set_on_error(on_error)
    return env.from_source(builder.build(), WatermarkStrategy.no_watermarks(), "file")


def test_missing_file_is_named(tmp_path: Path) -> None:
    env = environment()
    read(env, StreamFormat.text_line_format(), tmp_path / "nothing.txt").print()
    with pytest.raises(JobExecutionError, match=r"nothing\.txt"):
        env.execute()


CSV = CsvReaderFormat.for_schema(
    CsvSchema.builder().add_number_column("id").add_string_column("user").build()
)
JSON = JsonLinesFormat(Types.ROW_NAMED(["id", "user"], [Types.LONG(), Types.STRING()]))
FILES = [(CSV, "1,ada\ntwo,bob\n3,cid\n"), (JSON, '{"id": 1}\n{"id": tw\n{"id": 3}\n')]
FORMATS = pytest.mark.parametrize(("file_format", "text"), FILES, ids=["csv", "json"])


@FORMATS
def test_malformed_line_fails_the_job_by_default(
    tmp_path: Path, file_format: Any, text: str
) -> None:
    path = tmp_path / "users"
    path.write_text(text)
    env = environment()
    read(env, file_format, path).print()
    with pytest.raises(JobExecutionError) as caught:
        env.execute()
    assert str(path) in str(caught.value)
    assert "line 2" in str(caught.value)
    assert "tw" in str(caught.value)


@FORMATS
def test_malformed_line_is_skipped_and_counted(tmp_path: Path, file_format: Any, text: str) -> None:
    path = tmp_path / "users"
    path.write_text(text)
    env = environment(flott__source__on_error="skip")
    out = RecordingSink("out")
    read(env, file_format, path).map(lambda row: row[0]).sink_to(out)
    client = env.execute_async()
    client.get_job_execution_result().result(60)
    assert out.values == [1, 3]
    assert client.get_metrics()["file/0"]["file.numRecordsInErrors"] == 1


@FORMATS
def test_malformed_line_goes_to_the_side_output(
    tmp_path: Path, file_format: Any, text: str
) -> None:
    path = tmp_path / "users"
    path.write_text(text)
    env = environment()
    good, bad = RecordingSink("good"), RecordingSink("bad")
    rows = read(env, file_format, path, "dead-letter")
    rows.map(lambda row: row[0]).sink_to(good)
    rows.get_side_output(OutputTag("rejected-records")).sink_to(bad)
    env.execute()
    assert good.values == [1, 3]
    (rejected,) = bad.values
    assert (rejected.source, rejected.line) == (str(path), 2)
    assert b"tw" in rejected.raw


# --- time --------------------------------------------------------------------------------------


class Reminder(KeyedProcessFunction):
    def process_element(self, value: int, ctx: Any) -> None:
        timers = ctx.timer_service()
        timers.register_processing_time_timer(timers.current_processing_time() + value)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[int]:
        yield timestamp


def test_clock_that_goes_back_fires_each_timer_once() -> None:
    with KeyedHarness(Reminder(), key_by=lambda n: 0, now_ms=10_000) as harness:
        harness.push(100)
        harness.set_processing_time(10_100)
        assert harness.values == [10_100]
        harness.set_processing_time(5_000)
        harness.push(50)
        harness.set_processing_time(5_049)
        assert harness.values == [10_100]
        harness.set_processing_time(11_000)
        assert harness.values == [10_100, 5_050]


def test_clock_that_goes_back_does_not_move_event_time() -> None:
    def windows(keyed: Any) -> Any:
        return keyed.window(TumblingEventTimeWindows.of(Time.seconds(1))).reduce(max)

    with KeyedHarness(windows, key_by=lambda n: 0, now_ms=1_000_000) as harness:
        harness.push(3, at=100)
        harness.set_processing_time(0)
        assert harness.values == []
        harness.watermark(999)
        assert harness.records == [(3, 999)]


def test_generator_whose_watermarks_go_back_is_not_followed() -> None:
    class Swinging(WatermarkGenerator):
        def on_event(self, event: Any, event_timestamp: int, output: WatermarkOutput) -> None:
            output.emit_watermark(event_timestamp)

        def on_periodic_emit(self, output: WatermarkOutput) -> None:
            output.emit_watermark(0)

    class Watermark(KeyedProcessFunction):
        def process_element(self, value: int, ctx: Any) -> Iterator[int]:
            yield ctx.timer_service().current_watermark()

    env = environment()
    strategy = WatermarkStrategy.for_generator(Swinging).with_timestamp_assigner(lambda n: n)
    values = env.from_source(ManualSource("in"), strategy, "in")
    values.key_by(lambda n: 0).process(Watermark()).sink_to(RecordingSink("out"))
    with JobHarness(env) as job:
        for value in (10, 5, 7):
            job.push("in", value)
            job.advance_time(1000)
        assert job.output("out").values[1:] == [10, 10]


def test_timestamp_far_in_the_future_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    env = environment()
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_seconds(1)
    ).with_timestamp_assigner(lambda n: n)
    values = env.from_source(ManualSource("in"), strategy, "in")
    values.sink_to(RecordingSink("out"))
    microseconds = 1_700_000_000_000_000
    with JobHarness(env, now_ms=1_700_000_000_000) as job, caplog.at_level(logging.WARNING):
        job.push("in", microseconds)
        assert job.output("out").values == [microseconds]
    assert "microseconds" in caplog.text


def test_timestamp_beyond_all_is_refused() -> None:
    env = environment()
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
        lambda n: 2**63
    )
    env.from_collection([1]).assign_timestamps_and_watermarks(strategy).print()
    with pytest.raises(JobExecutionError, match="beyond the largest timestamp"):
        env.execute()


# --- storage -----------------------------------------------------------------------------------


def checkpointed_sum(**options: Any) -> Any:
    env = environment(execution__checkpointing__interval="1 s", **options)
    values = env.from_source(ManualSource("in"), WatermarkStrategy.no_watermarks(), "in")
    values.key_by(lambda n: 0).reduce(lambda a, b: a + b).sink_to(RecordingSink("out"))
    return env


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_declines_checkpoints_while_the_job_goes_on() -> None:
    env = checkpointed_sum(execution__checkpointing__tolerable_failed_checkpoints=10)
    with JobHarness(env) as job:
        job.push("in", 1)
        job.advance_time(1000)
        before = job.completed_checkpoint
        job.fill_disk(FULL)
        job.push("in", 2)
        job.advance_time(3000)
        assert (job.completed_checkpoint, job.failed_checkpoints) == (before, 3)
        assert (job.status, job.restarts) == (JobStatus.RUNNING, 0)
        job.fill_disk(None)
        job.advance_time(1000)
        job.kill()
        job.advance_time(2000)
        job.push("in", 3)
        assert job.output("out").values == [1, 3, 6]


def test_full_disk_that_is_not_tolerated_fails_the_job() -> None:
    env = checkpointed_sum(
        execution__checkpointing__tolerable_failed_checkpoints=1, restart_strategy__type="none"
    )
    with JobHarness(env) as job:
        job.fill_disk(FULL)
        job.push("in", 1)
        job.advance_time(1000)
        with pytest.raises(JobExecutionError, match=r"No space left.*tolerable-failed-checkpoints"):
            job.advance_time(1000)


def test_savepoint_on_a_full_disk_fails_alone() -> None:
    with JobHarness(checkpointed_sum()) as job:
        job.push("in", 1)
        job.snapshot()
        job.fill_disk(FULL)
        with pytest.raises(FlottError, match="No space left"):
            job.snapshot()
        assert job.status is JobStatus.RUNNING


def test_last_checkpoint_that_can_never_be_stored_fails_the_job(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("in the way")
    env = environment(
        execution__checkpointing__interval="10 ms",
        execution__checkpointing__dir=tmp_path / "checkpoints",
        restart_strategy__type="none",
    )
    to_files(env.from_sequence(1, 100), tmp_path / "out")
    with pytest.raises(JobExecutionError, match="checkpoints"):
        env.execute()
    assert lines_of(tmp_path / "out") == []
