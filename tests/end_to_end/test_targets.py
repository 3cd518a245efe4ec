"""The same program gives the same on both targets, in both modes, under both guarantees."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flott.common import Duration, Time, WatermarkStrategy
from flott.common.execution_mode import RuntimeExecutionMode
from flott.common.output_tag import OutputTag
from flott.datastream import (
    KeyedProcessFunction,
    MapFunction,
    Partitioner,
    ProcessFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.window import TumblingEventTimeWindows
from flott.testing import RecordingSink, run
from tests.end_to_end.support import environment, lines_of, to_files

TARGETS = ["embedded", "processes"]
LATE = OutputTag("late")


class Where(MapFunction):
    """Says which subtask a record came to."""

    def open(self, ctx: Any) -> None:
        self.subtask = ctx.get_index_of_this_subtask()

    def map(self, value: Any) -> str:
        return f"{value}@{self.subtask}"


class Modulo(Partitioner):
    def partition(self, key: int, num_partitions: int) -> int:
        return key % num_partitions


PARTITIONINGS = {
    "forward": lambda s: s.forward(),
    "rebalance": lambda s: s.rebalance(),
    "rescale": lambda s: s.rescale(),
    "shuffle": lambda s: s.shuffle(),
    "broadcast": lambda s: s.broadcast(),
    "global": lambda s: s.global_(),
    "hash": lambda s: s.key_by(lambda n: n),
    "custom": lambda s: s.partition_custom(Modulo(), lambda n: n),
}


def placed(target: str, names: list[str], folder: Path) -> dict[str, list[str]]:
    """All partitionings in one program: who got what."""
    env = environment(3, target)
    numbers = env.from_sequence(1, 300)
    for name in names:
        to_files(PARTITIONINGS[name](numbers).map(Where()).set_parallelism(3), folder / name)
    env.execute()
    return {name: sorted(lines_of(folder / name)) for name in names}


def test_every_partitioning_places_the_same_on_both_targets(tmp_path: Path) -> None:
    names = list(PARTITIONINGS)
    embedded, processes = (placed(target, names, tmp_path / target) for target in TARGETS)
    assert embedded == processes
    copies = {name: len(lines) for name, lines in embedded.items()}
    assert copies == {**dict.fromkeys(names, 300), "broadcast": 900}
    spread = {name: len({line[-1] for line in lines}) for name, lines in embedded.items()}
    assert spread == {**dict.fromkeys(names, 3), "global": 1}


def windows_and_timers(env: StreamExecutionEnvironment) -> tuple[Any, Any]:
    class Last(KeyedProcessFunction):
        def process_element(self, value: Any, ctx: Any) -> None:
            ctx.timer_service().register_event_time_timer(ctx.timestamp() + 100)

        def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Any]:
            yield ctx.get_current_key(), timestamp

    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_millis(1000)
    ).with_timestamp_assigner(lambda n: n)
    numbers = env.from_sequence(1, 1000).assign_timestamps_and_watermarks(strategy)
    keyed = numbers.key_by(lambda n: n % 7)
    sums = keyed.window(TumblingEventTimeWindows.of(Time.milliseconds(100))).reduce(
        lambda a, b: a + b
    )
    return sums, keyed.process(Last())


def expected() -> tuple[Counter[Any], Counter[Any]]:
    sums: Counter[Any] = Counter()
    for n in range(1, 1001):
        sums[n % 7, n // 100] += n
    return Counter(sums.values()), Counter((n % 7, n + 100) for n in range(1, 1001))


@pytest.mark.parametrize("mode", [RuntimeExecutionMode.BATCH, RuntimeExecutionMode.STREAMING])
@pytest.mark.parametrize("parallelism", [1, 3])
def test_batch_gives_what_streaming_gives(mode: RuntimeExecutionMode, parallelism: int) -> None:
    env = environment(parallelism)
    env.set_runtime_mode(mode)
    outputs = RecordingSink("sums"), RecordingSink("timers")
    for stream, sink in zip(windows_and_timers(env), outputs, strict=True):
        stream.sink_to(sink)
    env.execute()
    assert tuple(Counter(sink.values) for sink in outputs) == expected()


@pytest.mark.parametrize("target", TARGETS)
def test_windows_and_timers_give_the_same_in_processes(target: str, tmp_path: Path) -> None:
    env = environment(2, target)
    for name, stream in zip(("sums", "timers"), windows_and_timers(env), strict=True):
        to_files(stream, tmp_path / name)
    env.execute()
    sums, timers = expected()
    assert Counter(map(int, lines_of(tmp_path / "sums"))) == sums
    assert Counter(lines_of(tmp_path / "timers")) == Counter(map(str, timers.elements()))


class Divide(ProcessFunction):
    def process_element(self, value: int, ctx: Any) -> Iterator[Any]:
        if value % 2:
            yield LATE, -value
        else:
            yield value


@pytest.mark.parametrize("target", TARGETS)
def test_side_output_reaches_other_tasks(target: str, tmp_path: Path) -> None:
    env = environment(2, target)
    divided = env.from_sequence(1, 100).process(Divide())
    to_files(divided.rebalance(), tmp_path / "main")
    to_files(divided.get_side_output(LATE).key_by(lambda n: n).map(abs), tmp_path / "side")
    env.execute()
    assert sorted(map(int, lines_of(tmp_path / "main"))) == list(range(2, 101, 2))
    assert sorted(map(int, lines_of(tmp_path / "side"))) == list(range(1, 100, 2))


@pytest.mark.parametrize("target", TARGETS)
def test_union_reads_all_streams(target: str, tmp_path: Path) -> None:
    env = environment(2, target)
    first, second = env.from_sequence(1, 50), env.from_sequence(51, 100)
    third = env.from_collection(range(101, 111))
    to_files(first.union(second, third).key_by(lambda n: n % 3).map(lambda n: n), tmp_path)
    env.execute()
    assert sorted(map(int, lines_of(tmp_path))) == list(range(1, 111))


@pytest.mark.parametrize("target", TARGETS)
def test_results_are_collected_from_all_workers(target: str) -> None:
    env = environment(2, target)
    with env.from_sequence(1, 10_000).map(lambda n: n * n).execute_and_collect() as found:
        assert sorted(found) == [n * n for n in range(1, 10_001)]


def test_results_are_collected_once_though_the_job_restarts(tmp_path: Path) -> None:
    class FailsOnce(MapFunction):
        def map(self, value: int) -> int:
            marker = tmp_path / "failed"
            if value == 3000 and not marker.exists():
                marker.touch()
                raise RuntimeError("once")
            return value

    env = environment(
        2,
        execution__checkpointing__interval="5 ms",
        restart_strategy__type="fixed-delay",
        restart_strategy__fixed_delay__delay="1 ms",
    )
    with env.from_sequence(1, 5000).map(FailsOnce()).execute_and_collect() as found:
        assert sorted(found) == list(range(1, 5001))


@pytest.mark.parametrize(
    "options",
    [
        {"execution__checkpointing__mode": "AT_LEAST_ONCE"},
        {"execution__checkpointing__max_concurrent_checkpoints": 3},
        {"execution__checkpointing__min_pause": "20 ms"},
    ],
    ids=lambda options: next(iter(options)).split("__")[-1],
)
def test_ways_of_checkpointing_change_no_result(options: dict[str, Any]) -> None:
    env = environment(2, execution__checkpointing__interval="2 ms", **options)
    outputs = RecordingSink("sums"), RecordingSink("timers")
    for stream, sink in zip(windows_and_timers(env), outputs, strict=True):
        stream.sink_to(sink)
    run(env, parallelism=(2,))
    assert tuple(Counter(sink.values) for sink in outputs) == expected()


def test_at_least_once_loses_nothing_in_a_failure() -> None:
    env = environment(
        3,
        execution__checkpointing__interval="3 ms",
        execution__checkpointing__mode="AT_LEAST_ONCE",
    )
    out = RecordingSink("out")
    FAILED.clear()
    env.from_sequence(1, 2000).key_by(lambda n: n % 7).map(fails_once).sink_to(out)
    assert run(env, parallelism=(3,)).restarts == 1
    assert set(out.values) == set(range(1, 2001))


FAILED: list[int] = []


def fails_once(value: int) -> int:
    if value == 1000 and not FAILED:
        FAILED.append(value)
        raise RuntimeError("once")
    return value
