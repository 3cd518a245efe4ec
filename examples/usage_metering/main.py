"""Metering and billing: usage by customer and hour, priced; late usage corrects what was billed.

An hour is billed when event time has passed it. Usage that is reported up to a day late opens it
again, and the bill gets the difference; what comes even later goes to a list for a person.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from flott.common import Time, WatermarkStrategy
from flott.common.state import ValueStateDescriptor
from flott.common.watermark_strategy import WatermarkGenerator, WatermarkOutput
from flott.datastream import (
    OutputTag,
    ProcessWindowFunction,
    StreamExecutionEnvironment,
    TimeWindow,
)
from flott.datastream.window import TumblingEventTimeWindows

HOUR_MS = 3_600_000
FREE_CALLS, CENTS_PER_CALL = 100, 2
TOO_LATE = OutputTag("too late")


class Usage(NamedTuple):
    customer: str
    hour: float
    calls: int


class BillItem(NamedTuple):
    customer: str
    hour: int
    calls: int
    cents: int
    is_correction: bool
    total_cents: int


USAGE = [
    Usage("acme", 0.2, 150),
    Usage("acme", 0.7, 50),
    Usage("blob", 0.5, 80),
    Usage("acme", 1.1, 300),
    Usage("blob", 0.9, 60),  # its hour was billed already, as free of charge
    Usage("blob", 2.5, 500),
    Usage("acme", 0.1, 10),
    Usage("acme", 30.0, 1),
    Usage("acme", 1.5, 40),  # more than a day late
]


class EventByEvent(WatermarkGenerator):
    """A watermark at every record, so that this short example has late ones at all."""

    def on_event(self, event: Usage, event_timestamp: int, output: WatermarkOutput) -> None:
        output.emit_watermark(event_timestamp - 1)

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        """There is nothing to add."""


class Bill(ProcessWindowFunction[Usage, BillItem, str, TimeWindow]):
    """Prices the calls of an hour; if that was done before, gives the difference only."""

    def process(
        self, key: str, context: ProcessWindowFunction.Context[Any], elements: Iterable[Usage]
    ) -> Iterator[BillItem]:
        billed = context.window_state().get_state(ValueStateDescriptor("billed cents", int))
        before = billed.value()
        [usage] = elements
        cents = max(0, usage.calls - FREE_CALLS) * CENTS_PER_CALL
        billed.update(cents)
        hour, due = context.window().start // HOUR_MS, cents - (before or 0)
        yield BillItem(key, hour, usage.calls, due, before is not None, due)

    def clear(self, context: ProcessWindowFunction.Context[Any]) -> None:
        context.window_state().get_state(ValueStateDescriptor("billed cents", int)).clear()


def add_calls(total: Usage, usage: Usage) -> Usage:
    return total._replace(calls=total.calls + usage.calls)


def add_cents(bill: BillItem, item: BillItem) -> BillItem:
    return item._replace(total_cents=bill.total_cents + item.cents)


def describe(item: BillItem) -> str:
    kind = "correction" if item.is_correction else "new"
    calls = f"{item.customer}  hour {item.hour:2}  {item.calls:3} calls"
    return f"{calls}  {item.cents / 100:5.2f}  {kind:10}  bill {item.total_cents / 100:5.2f}"


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)  # the records of a list stay in order
    by_record = WatermarkStrategy.for_generator(EventByEvent).with_timestamp_assigner(
        lambda usage: int(usage.hour * HOUR_MS)
    )
    items = (
        env.from_collection(USAGE)
        .assign_timestamps_and_watermarks(by_record)
        .key_by(lambda usage: usage.customer)
        .window(TumblingEventTimeWindows.of(Time.hours(1)))
        .allowed_lateness(Time.days(1))
        .side_output_late_data(TOO_LATE)
        .reduce(add_calls, Bill())
    )
    bill = items.key_by(lambda item: item.customer).reduce(add_cents).map(describe)
    too_late = items.get_side_output(TOO_LATE).map(lambda usage: f"for a person: {usage}")
    with bill.union(too_late).execute_and_collect("billing") as results:
        for line in sorted(results, key=lambda line: line.startswith("for")):
            print(line)


if __name__ == "__main__":
    main()
