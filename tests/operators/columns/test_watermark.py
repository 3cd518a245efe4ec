"""Watermarks of SQL tables: after each row that raises them, and before those they make late."""

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.logical_types import TimestampType
from flott.common.sql_errors import RecordError
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.expression import Projection
from flott.operators.columns.watermark import WatermarkSpec
from tests.operators.columns.harness import ColumnHarness

TIME = TimestampType(3)
START = datetime.datetime(2024, 1, 1)
START_MS = 1_704_067_200_000


class Behind(Projection):
    """The first column, some seconds earlier."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def open(self, context: OperatorContext | None) -> None:
        pass

    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(pl.col("f0") - datetime.timedelta(seconds=self.seconds))


def at(seconds: float) -> datetime.datetime:
    return START + datetime.timedelta(seconds=seconds)


def harness(seconds: int = 0, **settings: object) -> ColumnHarness:
    return ColumnHarness(WatermarkSpec(0, Behind(seconds), **settings), [TIME])  # type: ignore[arg-type]


@given(st.integers(0, 9), st.lists(st.lists(st.integers(0, 50), max_size=5), max_size=4))
def test_a_plain_delay_is_the_watermark_computed_from_the_time(
    seconds: int, batches: list[list[int]]
) -> None:
    computed = harness(seconds)
    plain = ColumnHarness(WatermarkSpec(0, None, delay_ms=seconds * 1000), [TIME])
    for batch in batches:
        push(computed, *batch)
        push(plain, *batch)
    assert flow(plain) == flow(computed)


def flow(columns: ColumnHarness) -> list[object]:
    """Rows as seconds, watermarks as ("w", seconds)."""
    found: list[object] = []
    for event in columns.plain.output.events:
        if event[0] == "batch":
            found += [(row[0] - START).total_seconds() for row in event[1].frame.rows()]
        elif event[0] == "watermark":
            found.append(("w", (event[1] - START_MS) / 1000))
    return found


def push(columns: ColumnHarness, *seconds: float) -> None:
    columns.push(*(("+I", at(each)) for each in seconds))


def test_watermark_follows_the_batch_that_raises_it() -> None:
    columns = harness(seconds=5)
    push(columns, 10, 12)
    assert flow(columns) == [10, 12, ("w", 7)]


def test_watermark_of_the_bare_column_is_the_time_itself() -> None:
    columns = harness()
    push(columns, 10)
    assert flow(columns) == [10, ("w", 10)]


def test_batch_is_divided_before_a_late_row() -> None:
    columns = harness()
    push(columns, 10, 20, 15, 30)
    assert flow(columns) == [10, 20, ("w", 20), 15, 30, ("w", 30)]


def test_row_of_equal_time_comes_after_the_watermark() -> None:
    columns = harness()
    push(columns, 10, 10)
    assert flow(columns) == [10, ("w", 10), 10]


def test_small_steps_wait_for_the_timer() -> None:
    columns = harness()
    push(columns, 10)
    push(columns, 10.1)
    assert flow(columns) == [10, ("w", 10), 10.1]
    columns.plain.advance_to(columns.plain.clock.now_ms() + 200)
    assert flow(columns)[-1] == ("w", 10.1)


def test_emitting_on_every_event_does_not_wait() -> None:
    columns = harness(strategy=(("scan.watermark.emit.strategy", "on-event"),))
    push(columns, 10)
    push(columns, 10.1)
    assert flow(columns) == [10, ("w", 10), 10.1, ("w", 10.1)]


def test_null_time_is_an_error_that_names_the_row() -> None:
    columns = harness()
    with pytest.raises(RecordError, match="time attribute is NULL"):
        columns.push(("+I", None))


def test_end_of_input_is_the_only_watermark_passed_on() -> None:
    columns = harness()
    columns.watermark(5)
    columns.watermark(MAX_WATERMARK)
    assert columns.plain.watermarks == [MAX_WATERMARK]


def test_silence_makes_the_stream_idle_and_a_row_active() -> None:
    columns = harness(idle_timeout_ms=1000)
    push(columns, 10)
    for _ in range(6):
        columns.plain.advance_to(columns.plain.clock.now_ms() + 200)
    push(columns, 20)
    statuses = [event for event in columns.plain.output.events if event[0] == "status"]
    assert statuses == [("status", True), ("status", False)]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(0, 4), st.data())
def test_lateness_does_not_depend_on_how_rows_are_batched(
    seconds: list[int], delay: int, data: st.DataObject
) -> None:
    def late_rows(sizes: list[int]) -> list[bool]:
        columns = harness(seconds=delay)
        rest = list(seconds)
        for size in sizes:
            push(columns, *rest[:size])
            rest = rest[size:]
        watermark, late = -1e9, []
        for event in flow(columns):
            if isinstance(event, tuple):
                watermark = event[1]
            else:
                late.append(event <= watermark)
        return late

    cut = data.draw(st.integers(0, len(seconds)))
    one_by_one = late_rows([1] * len(seconds))
    assert late_rows([len(seconds)]) == one_by_one
    assert late_rows([size for size in (cut, len(seconds) - cut) if size]) == one_by_one
