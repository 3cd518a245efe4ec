"""The jobs that are run, each with the answer it must give.

An answer is a plain computation over all records. Functions emit only what does not depend on the
order in which records of different splits meet, so there is exactly one right answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from flott.common.state_descriptors import MapStateDescriptor, ValueStateDescriptor
from flott.common.time import Duration, Time
from flott.common.watermark_strategy import TimestampAssigner, WatermarkStrategy
from flott.datastream import (
    DataStream,
    KeyedBroadcastProcessFunction,
    KeyedProcessFunction,
    MapFunction,
    ProcessWindowFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.functions import AggregateFunction
from flott.datastream.window import EventTimeSessionWindows, TumblingEventTimeWindows
from flott.testing.simulation.outside import OutsideStore, SimulatedSink
from flott.testing.simulation.records import InputShape, NumberedSource, Record
from flott.testing.simulation.world import World


@dataclass(frozen=True, slots=True)
class JobShape:
    """What is drawn for a job besides its faults.

    Attributes:
        main: The input all jobs have.
        other: The second input of those that have one.
        window_ms: Length of windows and distance of timers.
        gap_ms: Gap of session windows.
        stages: Kind of the sink; see ``SimulatedSink``.
        is_slow: Whether commits run beside the tasks.
    """

    main: InputShape
    other: InputShape
    window_ms: int
    gap_ms: int
    stages: bool
    is_slow: bool


def draw_shape(random: Random) -> JobShape:
    """Sizes of a job, small, so that many fit into a minute."""
    disorder_ms = random.choice([0, 20, 40, 90])
    pause_ms = random.choice([0, 2, 4, 8, 8])
    keys = random.choice([2, 5, 11])
    rows = random.choice([2, 4, 7])
    records = random.randint(60, 240)
    main = InputShape("main", records, keys, random.randint(1, 7), 10, disorder_ms, rows, pause_ms)
    others = random.randint(8, 24)
    splits, step_ms = random.randint(1, 3), 10 * records // others
    other = InputShape("other", others, keys, splits, step_ms, disorder_ms, 2, pause_ms)
    window_ms, gap_ms = random.choice([30, 50, 120]), random.choice([25, 60, 130])
    stages, is_slow = random.random() < 0.5, random.random() < 0.5
    return JobShape(main, other, window_ms, gap_ms, stages, is_slow)


class Job:
    """A job on the way to being built.

    Args:
        world: Where faults come from.
        shape: What was drawn for it.
        store: Where results go.
    """

    def __init__(self, world: World, shape: JobShape, store: OutsideStore) -> None:
        self.world = world
        self.shape = shape
        self.store = store

    def read(self, env: StreamExecutionEnvironment, shape: InputShape) -> DataStream:
        """The stream of an input."""
        strategy = WatermarkStrategy.for_bounded_out_of_orderness(
            Duration.of_millis(shape.disorder_ms)
        ).with_timestamp_assigner(_ByTimestamp())
        stream = env.from_source(NumberedSource(shape), strategy, f"read {shape.name}")
        return stream.uid(f"source-{shape.name}")

    def write(self, stream: DataStream, uid: str) -> None:
        """Send a stream to the store."""
        sink = SimulatedSink(self.world, self.store, self.shape.stages, self.shape.is_slow)
        stream.sink_to(sink).uid(uid).name("write")


@dataclass(frozen=True, slots=True)
class Workload:
    """A kind of job.

    Attributes:
        name: For reports.
        build: Adds the operations of the job to an environment.
        expected: The rows that must be committed, as often as they are counted.
        order: Names a sequence and a place in it for each row whose order matters.
    """

    name: str
    build: Callable[[Job, StreamExecutionEnvironment], None]
    expected: Callable[[JobShape], Counter[Any]]
    order: Callable[[Any], tuple[Any, Any] | None]


class _ByTimestamp(TimestampAssigner):
    def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
        return int(value.timestamp)


class _Touch(MapFunction[Any, Any]):
    """Passes records on, and fails when the fault plan says so."""

    def __init__(self, world: World) -> None:
        self._world = world

    def map(self, value: Any) -> Any:
        self._world.fail_function()
        return value


def _key_of(record: Record) -> str:
    return record.key


def _end_of(timestamp: int, length_ms: int) -> int:
    """The end of the window of ``length_ms`` that holds ``timestamp``."""
    return (timestamp // length_ms + 1) * length_ms


# --- totals: keyed state and timers --------------------------------------------------------------


#: A time that only the end of all input reaches.
_THE_END: Final = 2**61


class _Totals(KeyedProcessFunction):
    """Numbers the records of a key, and reports each window of time once by a timer."""

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms

    def open(self, runtime_context: Any) -> None:
        self._seen = runtime_context.get_state(ValueStateDescriptor("seen", tuple))
        self._windows = runtime_context.get_map_state(MapStateDescriptor("windows", int, tuple))

    def process_element(self, value: Record, ctx: Any) -> Iterator[Any]:
        count, total = self._seen.value() or (0, 0)
        self._seen.update((count + 1, total + value.number))
        end = _end_of(value.timestamp, self._window_ms)
        in_window, sum_in_window = self._windows.get(end) or (0, 0)
        self._windows.put(end, (in_window + 1, sum_in_window + value.number))
        ctx.timer_service().register_event_time_timer(end)
        ctx.timer_service().register_event_time_timer(_THE_END)
        yield "seen", value.key, count + 1

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Any]:
        if timestamp == _THE_END:
            yield "total", ctx.get_current_key(), self._seen.value()
            return
        count, total = self._windows.get(timestamp) or (0, 0)
        self._windows.remove(timestamp)
        yield "timer", ctx.get_current_key(), timestamp, count, total


def _build_totals(job: Job, env: StreamExecutionEnvironment) -> None:
    stream = job.read(env, job.shape.main).rebalance().map(_Touch(job.world)).uid("touch")
    totals = stream.key_by(_key_of).process(_Totals(job.shape.window_ms)).uid("totals")
    job.write(totals, "sink")


def _expect_totals(shape: JobShape) -> Counter[Any]:
    rows: Counter[Any] = Counter()
    by_key = _grouped(shape.main.all_records(), _key_of)
    for key, records in by_key.items():
        rows.update(("seen", key, n + 1) for n in range(len(records)))
        rows["total", key, (len(records), sum(r.number for r in records))] += 1
        windows = _grouped(records, lambda r: _end_of(r.timestamp, shape.window_ms))
        for end, inside in windows.items():
            rows["timer", key, end, len(inside), sum(r.number for r in inside)] += 1
    return rows


def _order_of_totals(row: Any) -> tuple[Any, Any] | None:
    kind, key, place = row[:3]
    return ((kind, key), place) if kind != "total" else None


# --- windows over a union ------------------------------------------------------------------------


class _CountAndSum(AggregateFunction[Any, Any, Any]):
    def create_accumulator(self) -> tuple[int, int]:
        return 0, 0

    def add(self, value: Record, accumulator: tuple[int, int]) -> tuple[int, int]:
        return accumulator[0] + 1, accumulator[1] + value.number

    def get_result(self, accumulator: tuple[int, int]) -> tuple[int, int]:
        return accumulator

    def merge(self, acc_a: tuple[int, int], acc_b: tuple[int, int]) -> tuple[int, int]:
        return acc_a[0] + acc_b[0], acc_a[1] + acc_b[1]


class _Named(ProcessWindowFunction[Any, Any, Any, Any]):
    """Puts key and bounds of the window to its result."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def process(self, key: str, context: Any, elements: Iterable[Any]) -> Iterator[Any]:
        window = context.window()
        for count, total in elements:
            yield self._kind, key, window.start, window.end, count, total


class _Gathered(ProcessWindowFunction[Any, Any, Any, Any]):
    """Gives the numbers of all records of a window."""

    def process(self, key: str, context: Any, elements: Iterable[Record]) -> Iterator[Any]:
        window = context.window()
        numbers = tuple(sorted(record.number for record in elements))
        yield "session", key, window.start, window.end, numbers


def _build_windows(job: Job, env: StreamExecutionEnvironment) -> None:
    main, other = job.read(env, job.shape.main), job.read(env, job.shape.other)
    keyed = main.union(other).map(_Touch(job.world)).uid("touch").key_by(_key_of)
    tumbling = keyed.window(
        TumblingEventTimeWindows.of(Time.milliseconds(job.shape.window_ms))
    ).aggregate(_CountAndSum(), _Named("tumbling"))
    sessions = keyed.window(
        EventTimeSessionWindows.with_gap(Time.milliseconds(job.shape.gap_ms))
    ).process(_Gathered())
    job.write(tumbling.uid("tumbling"), "sink-tumbling")
    job.write(sessions.uid("sessions"), "sink-sessions")


def _expect_windows(shape: JobShape) -> Counter[Any]:
    rows: Counter[Any] = Counter()
    records = [*shape.main.all_records(), *shape.other.all_records()]
    length = shape.window_ms
    for key, of_key in _grouped(records, _key_of).items():
        for end, inside in _grouped(of_key, lambda r: _end_of(r.timestamp, length)).items():
            total = sum(r.number for r in inside)
            rows["tumbling", key, end - length, end, len(inside), total] += 1
        for start, end, numbers in _sessions(of_key, shape.gap_ms):
            rows["session", key, start, end, numbers] += 1
    return rows


def _sessions(records: list[Record], gap_ms: int) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Sessions as windows ``[time, time + gap)`` that are merged where they meet."""
    ordered = sorted(records, key=lambda record: record.timestamp)
    start, end = ordered[0].timestamp, ordered[0].timestamp + gap_ms
    numbers: list[int] = []
    for record in ordered:
        if record.timestamp > end:
            yield start, end, tuple(sorted(numbers))
            start, numbers = record.timestamp, []
        end = record.timestamp + gap_ms
        numbers.append(record.number)
    yield start, end, tuple(sorted(numbers))


def _order_of_windows(row: Any) -> tuple[Any, Any] | None:
    return row[:2], row[3]


# --- rules: broadcast state ----------------------------------------------------------------------

_RULES = MapStateDescriptor("rules", int, int)


class _Ruled(KeyedBroadcastProcessFunction[str, Record, Record, Any]):
    """Counts a window of time and adds up the rules that were in force by its end."""

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms

    def open(self, runtime_context: Any) -> None:
        self._counts = runtime_context.get_map_state(MapStateDescriptor("counts", int, int))

    def process_element(self, value: Record, ctx: Any) -> None:
        end = _end_of(value.timestamp, self._window_ms)
        self._counts.put(end, (self._counts.get(end) or 0) + 1)
        ctx.timer_service().register_event_time_timer(end)

    def process_broadcast_element(self, value: Record, ctx: Any) -> None:
        ctx.get_broadcast_state(_RULES).put(value.number, value.timestamp)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Any]:
        count = self._counts.get(timestamp)
        self._counts.remove(timestamp)
        rules = ctx.get_broadcast_state(_RULES)
        in_force = tuple(sorted(number for number, time in rules.items() if time <= timestamp))
        yield "ruled", ctx.get_current_key(), timestamp, count, in_force


def _build_rules(job: Job, env: StreamExecutionEnvironment) -> None:
    main = job.read(env, job.shape.main).map(_Touch(job.world)).uid("touch").key_by(_key_of)
    rules = job.read(env, job.shape.other).broadcast(_RULES)
    ruled = main.connect(rules).process(_Ruled(job.shape.window_ms)).uid("ruled")
    job.write(ruled.rebalance(), "sink")


def _expect_rules(shape: JobShape) -> Counter[Any]:
    rules = sorted((record.number, record.timestamp) for record in shape.other.all_records())
    rows: Counter[Any] = Counter()
    for key, records in _grouped(shape.main.all_records(), _key_of).items():
        windows = _grouped(records, lambda r: _end_of(r.timestamp, shape.window_ms))
        for end, inside in windows.items():
            in_force = tuple(number for number, time in rules if time <= end)
            rows["ruled", key, end, len(inside), in_force] += 1
    return rows


# --- order: records of a split and key keep their order --------------------------------------


class _Numbered(KeyedProcessFunction):
    """Passes records on with their place in their key."""

    def open(self, runtime_context: Any) -> None:
        self._last = runtime_context.get_map_state(MapStateDescriptor("last", str, int))

    def process_element(self, value: Record, ctx: Any) -> Iterator[Any]:
        last = self._last.get(value.split)
        assert last is None or last < value.number, "records of a split and key keep their order"
        self._last.put(value.split, value.number)
        yield "passed", value.key, value.split, value.number


def _build_order(job: Job, env: StreamExecutionEnvironment) -> None:
    numbered = job.read(env, job.shape.main).key_by(_key_of).process(_Numbered()).uid("numbered")
    job.write(numbered, "sink")


def _expect_order(shape: JobShape) -> Counter[Any]:
    return Counter(("passed", r.key, r.split, r.number) for r in shape.main.all_records())


def _order_of_passed(row: Any) -> tuple[Any, Any] | None:
    return row[:3], row[3]


def _grouped(records: Iterable[Record], by: Callable[[Record], Any]) -> dict[Any, list[Record]]:
    groups: dict[Any, list[Record]] = defaultdict(list)
    for record in records:
        groups[by(record)].append(record)
    return groups


WORKLOADS = (
    Workload("totals", _build_totals, _expect_totals, _order_of_totals),
    Workload("windows", _build_windows, _expect_windows, _order_of_windows),
    Workload("rules", _build_rules, _expect_rules, lambda row: None),
    Workload("order", _build_order, _expect_order, _order_of_passed),
)
