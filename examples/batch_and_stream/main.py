"""One program in two modes: as a stream that gives every step, as a batch that gives the end.

BATCH mode reads all input of a key together and needs no watermarks on the way; STREAMING mode
would do as well if the input never ended. Windows say the same in both; a running total gives its
steps in one and only the last of them in the other.
"""

from collections.abc import Callable
from typing import NamedTuple

from flott.common import Duration, Time, WatermarkStrategy
from flott.datastream import DataStream, RuntimeExecutionMode, StreamExecutionEnvironment
from flott.datastream.window import TumblingEventTimeWindows


class Sale(NamedTuple):
    shop: str
    minute: int
    amount: int


SALES = [
    Sale("north", 1, 10),
    Sale("south", 2, 7),
    Sale("north", 6, 5),
    Sale("north", 4, 20),
    Sale("south", 9, 3),
    Sale("north", 11, 1),
]


def add(one: Sale, other: Sale) -> Sale:
    return Sale(one.shop, max(one.minute, other.minute), one.amount + other.amount)


def window_totals(sales: DataStream) -> DataStream:
    """Sales by shop in five minutes."""
    windows = sales.key_by(lambda sale: sale.shop).window(
        TumblingEventTimeWindows.of(Time.minutes(5))
    )
    return windows.reduce(add)


def running_totals(sales: DataStream) -> DataStream:
    """Sales by shop so far."""
    return sales.key_by(lambda sale: sale.shop).reduce(add)


def run(program: Callable[[DataStream], DataStream], mode: RuntimeExecutionMode) -> list[Sale]:
    """The results of a program in one of the modes, sorted."""
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_runtime_mode(mode)
    env.set_parallelism(1)  # the records of a list stay in order
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_minutes(5)
    ).with_timestamp_assigner(lambda sale: sale.minute * 60_000)
    sales = env.from_collection(SALES).assign_timestamps_and_watermarks(strategy)
    with program(sales).execute_and_collect() as results:
        return sorted(results)


def main() -> None:
    for program in (window_totals, running_totals):
        stream = run(program, RuntimeExecutionMode.STREAMING)
        batch = run(program, RuntimeExecutionMode.BATCH)
        print(f"{program.__name__}: {program.__doc__}")
        for sale in stream:
            modes = "both modes" if sale in batch else "STREAMING only"
            print(f"  {sale.shop} {sale.amount:3} until minute {sale.minute:2}  ({modes})")
        assert set(batch) <= set(stream)


if __name__ == "__main__":
    main()
