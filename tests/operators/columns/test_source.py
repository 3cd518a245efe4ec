"""Watermarks of SQL tables made in the source: for each split, the lowest for all."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError
from flott.common.sql_errors import RecordError
from flott.common.watermark_strategy import WatermarkAlignment
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.expression import Projection
from flott.core.operator import SourcePoll
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)
from flott.operators.columns.source import ColumnSourceSpec
from flott.operators.columns.watermark_options import WatermarkOptions
from tests.operators.harness import Harness

START = datetime.datetime(2024, 1, 1)
START_MS = 1_704_067_200_000

#: A batch of a script: for each split the seconds of its rows.
Script = Sequence[tuple[str, Sequence[float | None]]]


class Behind(Projection):
    """A column, some seconds earlier."""

    def __init__(self, seconds: float, column: str = "f0") -> None:
        self.seconds = seconds
        self.column = column

    def open(self, context: OperatorContext | None) -> None:
        pass

    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select(pl.col(self.column) - datetime.timedelta(seconds=self.seconds))


@dataclass(frozen=True)
class Split:
    split_id: str


class ScriptReader(SourceReader):
    """Gives batches that a test has written down."""

    def __init__(self) -> None:
        self.script: deque[SplitBatch] = deque()
        self.paused: list[tuple[list[str], list[str]]] = []

    def add_splits(self, splits: Sequence[Any]) -> None:
        pass

    def poll(self, rows_max: int) -> SplitBatch | None:
        return self.script.popleft() if self.script else None

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return []

    def pause_splits(self, pause: Sequence[str], resume: Sequence[str]) -> None:
        self.paused.append((list(pause), list(resume)))


class ScriptSource(Source):
    """Has one reader."""

    def __init__(self) -> None:
        self.reader = ScriptReader()

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        raise AssertionError("the test assigns splits itself")

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return self.reader


class Reading:
    """A source of columns run by hand; times are seconds after ``START``."""

    def __init__(self, *splits: str, delay: float = 0, **changes: Any) -> None:
        self.source = ScriptSource()
        is_batch = changes.pop("is_batch", False)
        options = replace(WatermarkOptions(), **changes.pop("options", {}))
        spec = ColumnSourceSpec(self.source, 0, Behind(delay), options=options)
        self.harness = Harness(replace(spec, **changes), is_batch=is_batch)
        self.operator: Any = self.harness.operator
        self.operator.add_splits([Split(each) for each in splits])

    def read(self, script: Script, *, finished: bool = False) -> None:
        times = [_at(second) for _, seconds in script for second in seconds]
        frame = pl.DataFrame({"f0": pl.Series(times, dtype=pl.Datetime("us"))})
        parts = [(split, len(seconds)) for split, seconds in script]
        batch = SplitBatch(script[0][0], ColumnBatch(frame), finished, parts=parts)
        self.source.reader.script.append(batch)
        assert self.operator.poll(1000) is SourcePoll.EMITTED

    @property
    def flow(self) -> list[Any]:
        """Rows as seconds, watermarks as ("w", seconds), statuses as "idle" and "active"."""
        found: list[Any] = []
        for event in self.harness.output.events:
            if event[0] == "batch":
                column = event[1].frame.to_series(0)
                found += [(time - START).total_seconds() for time in column]
            elif event[0] == "watermark":
                found.append(("w", _seconds(event[1])))
            else:
                found.append("idle" if event[1] else "active")
        return found

    def wait(self, milliseconds: int, step: int = 200) -> None:
        """Let time pass while nothing comes."""
        for _ in range(milliseconds // step):
            assert self.operator.poll(1000) is SourcePoll.NOTHING_YET
            self.harness.advance_to(self.harness.clock.now_ms() + step)


def _at(second: float | None) -> datetime.datetime | None:
    return None if second is None else START + datetime.timedelta(seconds=second)


def _seconds(watermark: int) -> float:
    return float("inf") if watermark == MAX_WATERMARK else (watermark - START_MS) / 1000


def test_watermark_is_that_of_the_slowest_split() -> None:
    reading = Reading("a", "b", delay=5)
    reading.read([("a", [100, 110]), ("b", [20])])
    assert reading.flow == [100, 110, 20, ("w", 15)]


def test_split_without_rows_holds_the_watermark() -> None:
    reading = Reading("a", "b")
    reading.read([("a", [100])])
    assert reading.flow == [100]


def test_batch_is_not_divided_where_only_its_own_split_is_ahead() -> None:
    reading = Reading("a", "b")
    reading.read([("b", [10])])
    reading.read([("a", [100, 50, 200])])
    assert reading.flow == [10, 100, 50, 200, ("w", 10)]


def test_batch_is_divided_before_a_row_that_all_splits_have_passed() -> None:
    reading = Reading("a", "b")
    reading.read([("b", [90]), ("a", [100, 50])])
    assert reading.flow == [90, 100, ("w", 90), 50]


def test_rows_of_a_later_part_are_late_against_the_parts_before() -> None:
    reading = Reading("a", "b")
    reading.read([("b", [30])])
    reading.read([("a", [40]), ("b", [20, 60])])
    assert reading.flow == [30, 40, ("w", 30), 20, 60, ("w", 40)]


def test_finished_split_lets_the_others_go_on() -> None:
    reading = Reading("a", "b")
    reading.read([("b", [90])])
    reading.read([("a", [10])], finished=True)
    reading.wait(200)
    assert reading.flow == [90, 10, ("w", 10), ("w", 90)]


def test_idle_split_is_left_out_and_comes_back() -> None:
    reading = Reading("a", "b", options={"idle_timeout_ms": 1000})
    reading.read([("a", [100])])
    reading.wait(800)
    reading.read([("a", [101])])
    reading.wait(400)
    assert reading.flow == [100, 101, ("w", 101)]
    reading.read([("b", [50, 103]), ("a", [104])])
    assert reading.flow[3:] == [50, 103, 104, ("w", 103)]


def test_source_is_idle_when_all_its_splits_are() -> None:
    reading = Reading("a", options={"idle_timeout_ms": 1000})
    reading.read([("a", [100])])
    reading.wait(1400)
    assert reading.flow == [100, ("w", 100), "idle"]
    reading.read([("a", [101])])
    assert reading.flow[3:] == ["active", 101, ("w", 101)]


def test_small_steps_wait_for_the_timer() -> None:
    reading = Reading("a")
    reading.read([("a", [10])])
    reading.read([("a", [10.1])])
    assert reading.flow == [10, ("w", 10), 10.1]
    reading.wait(200)
    assert reading.flow[3:] == [("w", 10.1)]


def test_emitting_on_events_does_not_wait_for_the_timer() -> None:
    reading = Reading("a", options={"on_event": True})
    reading.read([("a", [10])])
    reading.read([("a", [10.1])])
    assert reading.flow == [10, ("w", 10), 10.1, ("w", 10.1)]


def test_gap_says_after_how_many_rows_a_watermark_may_follow() -> None:
    reading = Reading("a", options={"on_event": True, "gap": 3})
    for second in range(1, 8):
        reading.read([("a", [second])])
    assert reading.flow == [1, 2, 3, ("w", 3), 4, 5, 6, ("w", 6), 7]


def test_time_may_be_computed_and_comes_behind_the_columns() -> None:
    reading = Reading("a", time_column=1, time=Behind(5), watermark=Behind(1, "f1"))
    reading.read([("a", [100])])
    assert reading.harness.output.events[0][1].frame.rows() == [(_at(100), _at(95))]
    assert reading.flow[1] == ("w", 94)


def test_row_without_time_is_an_error_that_shows_it() -> None:
    reading = Reading("a")
    with pytest.raises(RecordError, match="time attribute is NULL"):
        reading.read([("a", [1, None])])


def test_delete_that_holds_only_a_key_needs_no_time() -> None:
    reading = Reading("a")
    frame = pl.DataFrame({"f0": pl.Series([_at(1), None, _at(2)], dtype=pl.Datetime("us"))})
    batch = ColumnBatch(frame, pl.Series([0, 3, 0], dtype=pl.Int8))
    reading.source.reader.script.append(SplitBatch("a", batch))
    reading.operator.poll(1000)
    assert reading.harness.output.events[-1] == ("watermark", START_MS + 2000)


def test_end_of_input_brings_the_last_watermark() -> None:
    reading = Reading("a", "b")
    reading.read([("a", [1])], finished=True)
    reading.read([("b", [5])], finished=True)
    reading.operator.no_more_splits()
    assert reading.operator.poll(1000) is SourcePoll.END
    reading.operator.process_watermark(MAX_WATERMARK)
    assert reading.flow[-1] == ("w", float("inf"))


def test_batch_mode_makes_no_watermarks() -> None:
    reading = Reading("a", is_batch=True)
    reading.read([("a", [1, 100, 2])])
    assert reading.flow == [1, 100, 2]


def test_split_ahead_of_its_group_is_paused_until_the_others_follow() -> None:
    group = WatermarkAlignment("g", 1000, 500)
    reading = Reading("a", "b", options={"alignment": group})
    reading.read([("a", [100]), ("b", [10])])
    assert reading.operator.alignment_progress == (group, START_MS + 10_000)
    reading.operator.align_watermark("g", START_MS + 11_000)
    reading.operator.align_watermark("g", START_MS + 101_000)
    assert reading.source.reader.paused == [(["a"], []), ([], ["a"])]


batches = st.lists(
    st.dictionaries(
        st.sampled_from("abc"),
        st.lists(st.integers(0, 30), min_size=1, max_size=4),
        min_size=1,
    ),
    min_size=1,
    max_size=8,
)


def late_rows(flow: Sequence[Any]) -> list[bool]:
    """Of each row whether the watermark had reached it."""
    reached, found = float("-inf"), []
    for each in flow:
        if isinstance(each, tuple):
            assert each[1] > reached
            reached = each[1]
        else:
            found.append(each <= reached)
    return found


def marks_of(flow: Sequence[Any]) -> list[float]:
    """The watermarks."""
    return [each[1] for each in flow if isinstance(each, tuple)]


@given(batches, st.integers(0, 5))
def test_lateness_does_not_depend_on_how_rows_are_batched(
    script: list[dict[str, list[int]]], delay: int
) -> None:
    whole = Reading(*"abc", delay=delay, options={"on_event": True})
    single = Reading(*"abc", delay=delay, options={"on_event": True})
    for batch in script:
        whole.read(list(batch.items()))
        for split, seconds in batch.items():
            for second in seconds:
                single.read([(split, [second])])
    assert late_rows(whole.flow) == late_rows(single.flow)
    assert marks_of(whole.flow)[-1:] == marks_of(single.flow)[-1:]


@given(batches)
def test_watermark_is_the_lowest_of_the_highest(script: list[dict[str, list[int]]]) -> None:
    reading = Reading(*"abc", options={"on_event": True})
    reached = dict.fromkeys("abc", -1)
    for batch in script:
        reading.read(list(batch.items()))
        reached.update({split: max(reached[split], *rows) for split, rows in batch.items()})
    sent = marks_of(reading.flow)
    lowest = min(reached.values())
    assert sent[-1:] == ([] if lowest < 0 else [lowest])


def test_options_are_read_from_the_table() -> None:
    options = WatermarkOptions.read(
        [
            ("scan.watermark.alignment.group", "g"),
            ("scan.watermark.alignment.max-drift", "5 s"),
            ("scan.watermark.emit.on-event.gap", "7"),
            ("scan.watermark.emit.strategy", "on-event"),
        ],
        idle_timeout_ms=3000,
    )
    assert options == WatermarkOptions(True, 7, 3000, WatermarkAlignment("g", 5000, 1000))


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("scan.watermark.emit.strategy", "sometimes", "on-periodic, on-event"),
        ("scan.watermark.alignment.group", "g", "needs 'scan.watermark.alignment.max-drift'"),
        ("scan.watermark.alignment.max-drift", "1 s", "needs 'scan.watermark.alignment.group'"),
    ],
)
def test_wrong_option_is_refused_by_name(key: str, value: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        WatermarkOptions.read([(key, value)])
