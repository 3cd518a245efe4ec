"""Geofencing: vehicles and the areas they may be in, two streams that meet at the vehicle.

Positions that come before the vehicle's area is known wait for it. Leaving the area is reported,
and so is staying outside for ten minutes: by the next position, or by a timer if there is none.
"""

from collections.abc import Iterator
from typing import NamedTuple

from flott.common import WatermarkStrategy
from flott.common.state import ListStateDescriptor, ValueStateDescriptor
from flott.datastream import KeyedCoProcessFunction, RuntimeContext, StreamExecutionEnvironment

MINUTE_MS = 60_000
PATIENCE_MS = 10 * MINUTE_MS


class Fence(NamedTuple):
    """A circle around (x, y), in kilometres."""

    vehicle: str
    x: float
    y: float
    radius: float


class Position(NamedTuple):
    vehicle: str
    minute: int
    x: float
    y: float


FENCES = [Fence("van", 0.0, 0.0, 5.0), Fence("bus", 10.0, 0.0, 2.0)]
POSITIONS = [
    Position("van", 0, 1.0, 1.0),
    Position("bus", 1, 10.0, 1.0),
    Position("van", 3, 4.0, 4.0),  # outside
    Position("bus", 4, 13.0, 0.0),  # outside
    Position("van", 6, 2.0, 2.0),  # back
    Position("bus", 9, 14.0, 0.0),
    Position("taxi", 12, 0.0, 0.0),  # nobody has said where it may be
    Position("bus", 15, 15.0, 0.0),  # outside for more than ten minutes by now
    Position("bus", 17, 11.0, 0.0),  # back
    Position("van", 20, 9.0, 9.0),  # outside, and never heard of again
]


class WatchFence(KeyedCoProcessFunction):
    """Compares the positions of a vehicle, the key, with its area."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._fence = runtime_context.get_state(ValueStateDescriptor("fence"))
        self._early = runtime_context.get_list_state(ListStateDescriptor("early"))
        self._left_minute = runtime_context.get_state(ValueStateDescriptor("left at", int))
        self._alarm_ms = runtime_context.get_state(ValueStateDescriptor("alarm", int))

    def process_element1(self, value: Fence, ctx: KeyedCoProcessFunction.Context) -> Iterator[str]:
        self._fence.update(value)
        for position in self._early.get():
            yield from self._check(position, value, ctx)
        self._early.clear()

    def process_element2(
        self, value: Position, ctx: KeyedCoProcessFunction.Context
    ) -> Iterator[str]:
        fence = self._fence.value()
        if fence is None:
            self._early.add(value)
        else:
            yield from self._check(value, fence, ctx)

    def on_timer(self, timestamp: int, ctx: KeyedCoProcessFunction.OnTimerContext) -> Iterator[str]:
        self._alarm_ms.clear()
        yield f"{timestamp // MINUTE_MS:2} {ctx.get_current_key()} has been outside for 10 minutes"

    def _check(
        self, position: Position, fence: Fence, ctx: KeyedCoProcessFunction.Context
    ) -> Iterator[str]:
        now_ms, alarm_ms = position.minute * MINUTE_MS, self._alarm_ms.value()
        if alarm_ms is not None and alarm_ms <= now_ms:
            ctx.timer_service().delete_event_time_timer(alarm_ms)
            yield from self.on_timer(alarm_ms, ctx)
        is_outside = (position.x - fence.x) ** 2 + (position.y - fence.y) ** 2 > fence.radius**2
        if is_outside and self._left_minute.value() is None:
            self._left_minute.update(position.minute)
            self._alarm_ms.update(now_ms + PATIENCE_MS)
            ctx.timer_service().register_event_time_timer(now_ms + PATIENCE_MS)
            yield f"{position.minute:2} {position.vehicle} has left its area"
        elif not is_outside and self._left_minute.value() is not None:
            self._left_minute.clear()
            if self._alarm_ms.value() is not None:
                ctx.timer_service().delete_event_time_timer(self._alarm_ms.value())
                self._alarm_ms.clear()
            yield f"{position.minute:2} {position.vehicle} is back"


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)  # the records of a list stay in order
    in_order = WatermarkStrategy.for_monotonous_timestamps
    fences = env.from_collection(FENCES).assign_timestamps_and_watermarks(
        in_order().with_timestamp_assigner(lambda fence: 0)
    )
    positions = env.from_collection(POSITIONS).assign_timestamps_and_watermarks(
        in_order().with_timestamp_assigner(lambda position: position.minute * MINUTE_MS)
    )
    events = (
        fences.connect(positions)
        .key_by(lambda fence: fence.vehicle, lambda position: position.vehicle)
        .process(WatchFence())
    )
    with events.execute_and_collect("geofencing") as results:
        for event in sorted(results):
            print(f"minute {event}")


if __name__ == "__main__":
    main()
