"""Late data: what becomes of records that come after their window was computed.

A watermark says how far event time has come. A window is computed when the watermark passes its
end, once more for each record that is late by no more than the allowed lateness, and never again:
what comes even later goes to a side output.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from flott.common import Time, WatermarkStrategy
from flott.common.watermark_strategy import WatermarkGenerator, WatermarkOutput
from flott.datastream import (
    OutputTag,
    ProcessWindowFunction,
    StreamExecutionEnvironment,
    TimeWindow,
)
from flott.datastream.window import TumblingEventTimeWindows


class Sale(NamedTuple):
    shop: str
    at_s: int
    amount: int


SALES = [
    Sale("north", 1, 10),
    Sale("north", 4, 20),
    Sale("north", 12, 5),  # the watermark is 10 now: window 0-10 is computed
    Sale("north", 8, 40),  # late, but within 5 seconds: computed again
    Sale("north", 16, 1),  # the watermark is 14
    Sale("north", 9, 2),  # still within
    Sale("north", 18, 3),  # the watermark is 16: window 0-10 is gone
    Sale("north", 7, 99),  # too late
    Sale("north", 11, 50),  # out of order, but its window is open
]
TOO_LATE = OutputTag("too late")


class TwoSecondsBehind(WatermarkGenerator):
    """Expects records to be at most two seconds out of order; says so at every record."""

    def on_event(self, event: Sale, event_timestamp: int, output: WatermarkOutput) -> None:
        output.emit_watermark(event_timestamp - 2000)  # one that does not rise is ignored

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        """There is nothing to add."""


class AddUp(ProcessWindowFunction[Sale, str, str, TimeWindow]):
    """Adds up the sales of a window."""

    def process(
        self, key: str, context: ProcessWindowFunction.Context[Any], elements: Iterable[Sale]
    ) -> Iterator[str]:
        window = context.window()
        watermark_s = min(context.current_watermark() // 1000, 99)
        amounts = [sale.amount for sale in elements]
        span = f"{window.start // 1000:2}-{window.end // 1000:2}"
        yield f"watermark {watermark_s:2}: {key} {span} {' + '.join(map(str, amounts))}"


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(1)  # the records of a list stay in order
    strategy = WatermarkStrategy.for_generator(TwoSecondsBehind).with_timestamp_assigner(
        lambda sale: sale.at_s * 1000
    )
    totals = (
        env.from_collection(SALES)
        .assign_timestamps_and_watermarks(strategy)
        .key_by(lambda sale: sale.shop)
        .window(TumblingEventTimeWindows.of(Time.seconds(10)))
        .allowed_lateness(Time.seconds(5))
        .side_output_late_data(TOO_LATE)
        .process(AddUp())
    )
    too_late = totals.get_side_output(TOO_LATE).map(lambda sale: f"too late: {sale}")
    with totals.union(too_late).execute_and_collect("late data") as results:
        # The two outputs come in no particular order; show the windows first.
        for line in sorted(results, key=lambda line: line.startswith("too late")):
            print(line)


if __name__ == "__main__":
    main()
