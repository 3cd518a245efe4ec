"""Sessions: the clicks of each visitor, grouped into visits that end after half an hour of silence.

Clicks arrive out of order. A click between two visits joins them into one: session windows merge.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from flott.common import Duration, Time, WatermarkStrategy
from flott.datastream import ProcessWindowFunction, StreamExecutionEnvironment, TimeWindow
from flott.datastream.window import EventTimeSessionWindows


class Click(NamedTuple):
    visitor: str
    at: str
    page: str


class Visit(NamedTuple):
    visitor: str
    start: str
    minutes: int
    pages: list[str]


CLICKS = [
    Click("ada", "09:00", "/"),
    Click("bob", "09:01", "/sale"),
    Click("ada", "09:04", "/shoes"),
    Click("bob", "09:50", "/"),
    Click("ada", "09:40", "/basket"),
    Click("ada", "09:20", "/shoes/7"),  # late, and what holds ada's first visit together
    Click("bob", "09:52", "/help"),
    Click("ada", "11:00", "/"),
]


def event_time(click: Click) -> int:
    """Milliseconds since the epoch, on a day of our choice."""
    return int(datetime.fromisoformat(f"2025-03-01T{click.at}+00:00").timestamp() * 1000)


def clock(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%H:%M")


class DescribeVisit(ProcessWindowFunction[Click, Visit, str, TimeWindow]):
    """Makes one record of all clicks of a visit."""

    def process(
        self, key: str, context: ProcessWindowFunction.Context, elements: Iterable[Click]
    ) -> Iterator[Visit]:
        clicks = sorted(elements, key=event_time)
        minutes = (event_time(clicks[-1]) - event_time(clicks[0])) // 60_000
        yield Visit(key, clock(context.window().start), minutes, [each.page for each in clicks])


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    in_time = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_minutes(30)
    ).with_timestamp_assigner(event_time)
    visits = (
        env.from_collection(CLICKS)
        .assign_timestamps_and_watermarks(in_time)
        .key_by(lambda click: click.visitor)
        .window(EventTimeSessionWindows.with_gap(Time.minutes(30)))
        .process(DescribeVisit())
    )
    with visits.execute_and_collect("visits") as results:
        for visit in results:
            pages = " > ".join(visit.pages)
            print(f"{visit.start} {visit.visitor} {visit.minutes:3} min  {pages}")


if __name__ == "__main__":
    main()
