"""A program that uses every kind of state, and what it must give however often it is restored.

Numbers come as lines of files in a folder. When event time ends, each key tells all it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flott.common import Duration, Time, Types, WatermarkStrategy
from flott.datastream import (
    AggregateFunction,
    FlatMapFunction,
    KeyedBroadcastProcessFunction,
    KeyedProcessFunction,
    ReduceFunction,
)
from flott.datastream.connectors.file_system import FileSource, StreamFormat
from flott.datastream.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)
from flott.datastream.window import TumblingEventTimeWindows
from flott.testing import RecordingSink

KEYS = 10
END_OF_TIME = 2**63 - 2
RULES = MapStateDescriptor("rules", Types.STRING(), Types.LONG())


class Mean(AggregateFunction):
    def create_accumulator(self) -> tuple[int, int]:
        return 0, 0

    def add(self, value: int, accumulator: tuple[int, int]) -> tuple[int, int]:
        return accumulator[0] + value, accumulator[1] + 1

    def get_result(self, accumulator: tuple[int, int]) -> float:
        return accumulator[0] / accumulator[1]

    def merge(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        return a[0] + b[0], a[1] + b[1]


class Greatest(ReduceFunction):
    def reduce(self, value1: int, value2: int) -> int:
        return max(value1, value2)


class Remember(KeyedProcessFunction):
    """Every kind of keyed state, and a timer at the end of time that tells it."""

    def open(self, ctx: Any) -> None:
        long = Types.LONG()
        self.count = ctx.get_state(ValueStateDescriptor("count", long))
        self.all = ctx.get_list_state(ListStateDescriptor("all", long))
        self.halves = ctx.get_map_state(MapStateDescriptor("halves", long, long))
        self.greatest = ctx.get_reducing_state(
            ReducingStateDescriptor("greatest", Greatest(), long)
        )
        self.mean = ctx.get_aggregating_state(
            AggregatingStateDescriptor("mean", Mean(), Types.PICKLED_BYTE_ARRAY())
        )

    def process_element(self, value: int, ctx: Any) -> None:
        self.count.update((self.count.value() or 0) + 1)
        self.all.add(value)
        self.halves.put(value, value // 2)
        self.greatest.add(value)
        self.mean.add(value)
        ctx.timer_service().register_event_time_timer(END_OF_TIME)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Any]:
        yield (
            ctx.get_current_key(),
            self.count.value(),
            sorted(self.all.get()),
            sorted(self.halves.items()),
            self.greatest.get(),
            self.mean.get(),
        )


class OperatorState(FlatMapFunction):
    """Deals out what it saw among its subtasks; each also knows what all have seen."""

    def open(self, ctx: Any) -> None:
        self.seen = ctx.get_operator_list_state("seen")
        self.union = ctx.get_union_list_state("union")

    def flat_map(self, value: int) -> list[int]:
        self.seen.add(value)
        self.union.update([*self.union.get(), value])
        return [value]


class Limited(KeyedBroadcastProcessFunction):
    """Passes what is above the limit that was broadcast; nothing before there is one."""

    def process_element(self, value: int, ctx: Any) -> Iterator[int]:
        limit = ctx.get_broadcast_state(RULES).get("limit")
        if limit is not None and value > limit:
            yield value

    def process_broadcast_element(self, value: int, ctx: Any) -> None:
        ctx.get_broadcast_state(RULES).put("limit", value)


class Outputs:
    """What the parts of the program gave."""

    def __init__(self) -> None:
        self.told = RecordingSink("told")
        self.windows = RecordingSink("windows")
        self.limited = RecordingSink("limited")


def numbers(env: Any, folder: Path, name: str) -> Any:
    """Whole numbers from the files that appear in a folder, each its own timestamp."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(folder))
    source = lines.monitor_continuously(Duration.of_millis(20)).build()
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_days(1)
    ).with_timestamp_assigner(int)
    return env.from_source(source, strategy, name).uid(name).map(int)


def build(env: Any, folder: Path) -> Outputs:
    """The program."""
    outputs = Outputs()
    values = numbers(env, folder / "values", "values")
    seen = values.flat_map(OperatorState()).uid("seen")
    keyed = seen.key_by(lambda n: n % KEYS)
    keyed.process(Remember()).uid("remember").sink_to(outputs.told)
    windows = keyed.window(TumblingEventTimeWindows.of(Time.milliseconds(50)))
    windows.reduce(lambda a, b: a + b).uid("windows").sink_to(outputs.windows)
    limits = numbers(env, folder / "limits", "limits").broadcast(RULES)
    keyed.connect(limits).process(Limited()).uid("limited").sink_to(outputs.limited)
    return outputs


def expected_told(values: Iterable[int]) -> list[Any]:
    """What every key must tell in the end."""
    by_key: dict[int, list[int]] = {}
    for value in values:
        by_key.setdefault(value % KEYS, []).append(value)
    return [
        (key, len(of), sorted(of), sorted((v, v // 2) for v in of), max(of), sum(of) / len(of))
        for key, of in sorted(by_key.items())
    ]


def expected_windows(values: Iterable[int]) -> list[int]:
    """The sums of the windows of every key."""
    sums: dict[tuple[int, int], int] = {}
    for value in values:
        place = value % KEYS, value // 50
        sums[place] = sums.get(place, 0) + value
    return sorted(sums.values())
