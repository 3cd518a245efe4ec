"""Whatever fails in a job, the error names the operator, the record, and the user's own lines."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flott.common import Configuration, WatermarkStrategy
from flott.common.errors import JobExecutionError
from flott.common.time import Time
from flott.core.sink import Sink, SinkWriter
from flott.datastream import (
    AsyncDataStream,
    AsyncFunction,
    DataStream,
    KeyedProcessFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.connectors.file_system import FileSource, StreamFormat
from flott.datastream.window import TumblingEventTimeWindows

LINES_MAX = 25


class Timers(KeyedProcessFunction):
    def process_element(self, value: Any, ctx: Any) -> Iterator[Any]:
        ctx.timer_service().register_event_time_timer(value)
        yield value

    def on_timer(self, timestamp: int, ctx: Any) -> None:
        explode(timestamp)


class Calls(AsyncFunction):
    async def async_invoke(self, value: Any) -> list[Any]:
        return [explode(value)]


class Sinking(Sink):
    def create_writer(self, context: Any, restored: list[Any], committer: Any) -> SinkWriter:
        return Writing()


class Writing(SinkWriter):
    def write(self, batch: Any) -> None:
        for record in batch.values:
            explode(record)


def explode(value: Any) -> Any:
    if value == 3:
        raise LookupError("three")
    return value


def keyed(stream: DataStream) -> Any:
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
        lambda value, _: value
    )
    return stream.assign_timestamps_and_watermarks(strategy).key_by(lambda value: value)


BUILDERS: dict[str, Callable[[DataStream], Any]] = {
    "fused": lambda s: s.map(lambda v: v).map(explode).name("Culprit"),
    "filter": lambda s: s.filter(explode).name("Culprit"),
    "flat_map": lambda s: s.flat_map(lambda v: [explode(v)]).name("Culprit"),
    "generator": lambda s: s.flat_map(lambda v: (explode(x) for x in [v])).name("Culprit"),
    "reduce": lambda s: s.key_by(lambda v: 0).reduce(lambda a, b: explode(b)).name("Culprit"),
    "key selector": lambda s: s.key_by(explode).reduce(max).name("Culprit"),
    "timer": lambda s: keyed(s).process(Timers()).name("Culprit"),
    "window": lambda s: (
        keyed(s)
        .window(TumblingEventTimeWindows.of(Time.milliseconds(1)))
        .apply(lambda key, window, values: [explode(v) for v in values])
        .name("Culprit")
    ),
    "async": lambda s: AsyncDataStream.unordered_wait(s, Calls(), Time.seconds(5)).name("Culprit"),
    "sink": lambda s: s.sink_to(Sinking()).name("Culprit"),
}


def failure_of(build: Callable[[DataStream], Any], **options: str) -> JobExecutionError:
    configuration = Configuration.from_dict({k.replace("_", "."): v for k, v in options.items()})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    last = build(env.from_collection([1, 2, 3, 4]))
    if isinstance(last, DataStream):
        last.print()
    with pytest.raises(JobExecutionError) as caught:
        env.execute("failing")
    return caught.value


@pytest.mark.parametrize("kind", BUILDERS)
def test_the_operator_is_named(kind: str) -> None:
    error = failure_of(BUILDERS[kind])
    assert error.operator == "Culprit"
    assert error.location is not None
    assert "test_failures.py:" in error.location


@pytest.mark.parametrize("kind", BUILDERS)
def test_the_users_frames_come_first_and_the_message_is_short(kind: str) -> None:
    text = str(failure_of(BUILDERS[kind]))
    assert "in explode" in text
    assert "LookupError: three" in text
    assert "/src/flott/" not in text
    assert len(text.splitlines()) <= LINES_MAX


@pytest.mark.parametrize("kind", sorted(set(BUILDERS) - {"timer", "window", "sink", "async"}))
def test_the_record_in_hand_is_shown(kind: str) -> None:
    assert failure_of(BUILDERS[kind]).record == "3"


def test_a_timer_has_no_record_in_hand() -> None:
    assert failure_of(BUILDERS["timer"]).record is None


def test_the_key_selector_of_an_exchange_is_named() -> None:
    build = BUILDERS["key selector"]
    error = failure_of(build, parallelism_default="2", execution_target="embedded")
    assert error.operator == "key selector of Culprit"
    assert error.record == "3"


def test_a_source_written_by_the_user_is_named(tmp_path: Path) -> None:
    (tmp_path / "numbers.txt").write_text("1\n2\nx\n")
    env = StreamExecutionEnvironment.get_execution_environment()
    source = FileSource.for_record_stream_format(
        StreamFormat.text_line_format(), str(tmp_path / "numbers.txt")
    ).build()
    env.from_source(source, WatermarkStrategy.no_watermarks(), "lines").map(int).print()
    with pytest.raises(JobExecutionError) as caught:
        env.execute()
    assert caught.value.record == "'x'"
    assert caught.value.position is not None
    assert caught.value.position.endswith("numbers.txt, line 3")


def test_an_error_that_was_caused_by_another_shows_both() -> None:
    def wrap(value: Any) -> Any:
        try:
            return explode(value)
        except LookupError as error:
            raise ValueError("no such number") from error

    text = str(failure_of(lambda s: s.map(wrap)))
    assert "LookupError: three" in text
    assert "ValueError: no such number" in text
    assert len(text.splitlines()) <= LINES_MAX


def test_a_long_message_is_cut() -> None:
    def talk(value: Any) -> Any:
        raise ValueError("\n".join(map(str, range(100))))

    assert len(str(failure_of(lambda s: s.map(talk))).splitlines()) <= LINES_MAX


def test_a_record_can_be_kept_out_of_the_message() -> None:
    error = failure_of(BUILDERS["fused"], **{"flott_errors_record-length": "0"})
    assert error.record is None
