"""Rules that change while the stream runs: a second stream brings them to every subtask.

Nobody says which of the two streams is read first. So a reading waits until event time, which is
that of the slower stream, has passed it; then all rules that were in force at its time are known,
and the answer is the same however the streams arrive.
"""

from collections.abc import Iterator
from typing import NamedTuple

from flott.common import WatermarkStrategy
from flott.common.state import ListStateDescriptor, MapStateDescriptor
from flott.datastream import (
    KeyedBroadcastProcessFunction,
    RuntimeContext,
    StreamExecutionEnvironment,
)


class Rule(NamedTuple):
    """From ``at_s`` on, readings of this kind may not exceed ``limit``; None ends the rule."""

    at_s: int
    kind: str
    limit: float | None


class Reading(NamedTuple):
    at_s: int
    machine: str
    kind: str
    value: float


RULES = [
    Rule(0, "heat", 80.0),
    Rule(30, "noise", 60.0),
    Rule(50, "heat", 95.0),
    Rule(70, "noise", None),
]
READINGS = [
    Reading(10, "press", "noise", 75.0),  # no rule for noise yet
    Reading(20, "press", "heat", 85.0),
    Reading(25, "saw", "heat", 70.0),
    Reading(40, "saw", "noise", 75.0),
    Reading(60, "press", "heat", 85.0),  # 95 degrees are allowed by now
    Reading(65, "saw", "noise", 61.5),
    Reading(80, "saw", "noise", 99.0),  # the rule has ended
    Reading(90, "press", "heat", 96.0),
]
#: For each kind of reading, its rules in order.
LIMITS = MapStateDescriptor("limits", str)


class CheckReadings(KeyedBroadcastProcessFunction[str, Reading, Rule, str]):
    """Holds the readings of a machine, the key, against the rules of their time."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._waiting = runtime_context.get_list_state(ListStateDescriptor("waiting"))

    def process_broadcast_element(
        self, value: Rule, ctx: KeyedBroadcastProcessFunction.Context
    ) -> None:
        rules = ctx.get_broadcast_state(LIMITS)
        rules.put(value.kind, [*(rules.get(value.kind) or []), value])

    def process_element(
        self, value: Reading, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> None:
        self._waiting.add(value)
        ctx.timer_service().register_event_time_timer(ctx.timestamp())

    def on_timer(
        self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext
    ) -> Iterator[str]:
        rules = ctx.get_broadcast_state(LIMITS)
        waiting = list(self._waiting.get())
        self._waiting.update([each for each in waiting if each.at_s * 1000 > timestamp])
        for reading in waiting:
            if reading.at_s * 1000 <= timestamp:
                limit = limit_at(reading.at_s, rules.get(reading.kind) or [])
                if limit is not None and reading.value > limit:
                    yield f"{reading} exceeds {limit}"


def limit_at(at_s: int, rules: list[Rule]) -> float | None:
    """The limit in force at a time."""
    begun = [rule for rule in rules if rule.at_s <= at_s]
    return begun[-1].limit if begun else None


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    by_time = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(
        lambda record: record.at_s * 1000
    )
    rules = env.from_collection(RULES).assign_timestamps_and_watermarks(by_time)
    readings = env.from_collection(READINGS).assign_timestamps_and_watermarks(by_time)
    alerts = (
        readings.key_by(lambda reading: reading.machine)
        .connect(rules.broadcast(LIMITS))
        .process(CheckReadings())
    )
    with alerts.execute_and_collect("rules") as results:
        for alert in results:
            print(alert)


if __name__ == "__main__":
    main()
