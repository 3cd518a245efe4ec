"""Tests of flott.operators.columns.windows.aggregate, window_attached and window_assign."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.sql_errors import RecordError, SqlValidationError
from flott.core.element import MAX_WATERMARK
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.windows.aggregate import WindowAggregateSpec
from flott.operators.columns.windows.assign import WindowAssignSpec
from flott.operators.columns.windows.attached import WindowAttachedAggregateSpec
from flott.table import EnvironmentSettings, TableEnvironment
from tests.operators.columns.harness import ColumnHarness

LONG = t.BigIntType()
TYPES = (t.STRING, LONG, t.TimestampType(3))
COUNT = AggregateColumn("COUNT", (), (), LONG)
SUM = AggregateColumn("SUM", (1,), (LONG,), LONG)
DISTINCT = AggregateColumn("COUNT", (1,), (LONG,), LONG, is_distinct=True)
EPOCH = datetime(1970, 1, 1)


def at(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def ms(time: datetime) -> int:
    return (time - EPOCH) // timedelta(milliseconds=1)


def spec(kind: str, size: int, slide: int = 0, **settings: Any) -> WindowAggregateSpec:
    values: dict[str, Any] = {
        "window_kind": kind,
        "time_column": 2,
        "size_ms": size,
        "slide_ms": slide,
        "offset_ms": 0,
        "keys": (0,),
        "calls": (SUM,),
        "input_types": TYPES,
        "window_columns": ("window_start", "window_end"),
    }
    return WindowAggregateSpec(**(values | settings))


def rows(*values: tuple[str, int, int]) -> list[Any]:
    return [("+I", key, value, at(time)) for key, value, time in values]


def windows(harness: ColumnHarness) -> list[tuple[Any, ...]]:
    """Key, sum, start and end of what was emitted."""
    return [(*row[1:-2], ms(row[-2]), ms(row[-1])) for row in harness.changes]


def test_a_window_fires_when_the_watermark_has_passed_its_last_millisecond() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10), TYPES)
    harness.push(*rows(("a", 1, 3), ("a", 2, 9), ("b", 5, 10)))
    harness.watermark(8)
    assert harness.changes == []
    harness.watermark(9)
    assert windows(harness) == [("a", 3, 0, 10)]
    assert harness.plain.output.events[-1] == ("watermark", 9)


def test_hopping_windows_share_slices() -> None:
    harness = ColumnHarness(spec("HOP", 10, 5), TYPES)
    harness.push(*rows(("a", 1, 3), ("a", 2, 7)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 1, -5, 5), ("a", 3, 0, 10), ("a", 2, 5, 15)]


def test_hopping_windows_may_leave_gaps() -> None:
    harness = ColumnHarness(spec("HOP", 4, 6), TYPES)
    harness.push(*rows(("a", 1, 3), ("a", 2, 5), ("a", 4, 6)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 1, 0, 4), ("a", 4, 6, 10)]


def test_hopping_windows_need_not_be_multiples() -> None:
    harness = ColumnHarness(spec("HOP", 6, 4), TYPES)
    harness.push(*rows(("a", 1, 3), ("a", 2, 5)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 3, 0, 6), ("a", 2, 4, 10)]


def test_cumulating_windows_repeat_what_has_not_changed() -> None:
    harness = ColumnHarness(spec("CUMULATE", 15, 5), TYPES)
    harness.push(*rows(("a", 1, 3), ("a", 2, 12)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 1, 0, 5), ("a", 1, 0, 10), ("a", 3, 0, 15)]


def test_a_row_counts_in_windows_that_are_still_open() -> None:
    harness = ColumnHarness(spec("HOP", 10, 5), TYPES)
    harness.push(*rows(("a", 1, 3)))
    harness.watermark(4)
    harness.push(*rows(("a", 2, 3)))
    harness.watermark(9)
    assert windows(harness) == [("a", 1, -5, 5), ("a", 3, 0, 10)]


def test_rows_of_windows_that_are_over_are_dropped_and_counted() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10), TYPES)
    harness.watermark(9)
    harness.push(*rows(("a", 1, 3), ("a", 2, 11), ("a", 3, 4)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 2, 10, 20)]
    assert harness.plain.context.metrics.counter("numLateRecordsDropped").get_count() == 2


def test_an_offset_shifts_windows() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, offset_ms=3), TYPES)
    harness.push(*rows(("a", 1, 2), ("a", 2, 3)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 1, -7, 3), ("a", 2, 3, 13)]


def test_window_time_is_the_last_millisecond() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, window_columns=("window_time",)), TYPES)
    harness.push(*rows(("a", 1, 2)))
    harness.watermark(9)
    assert harness.changes == [("+I", "a", 1, at(9))]


def test_batch_fires_windows_at_the_end_and_drops_nothing() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, final_only=True), TYPES)
    harness.push(*rows(("a", 1, 12)))
    harness.push(*rows(("a", 2, 3)))
    harness.end()
    assert windows(harness) == [("a", 2, 0, 10), ("a", 1, 10, 20)]


def test_rows_may_go_again() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, input_retracts=True), TYPES)
    harness.push(*rows(("a", 1, 2), ("a", 5, 3), ("b", 7, 4)))
    harness.push(("-D", "a", 1, at(2)), ("-D", "b", 7, at(4)))
    harness.watermark(9)
    assert windows(harness) == [("a", 5, 0, 10)]


def test_a_row_without_a_time_is_an_error() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10), TYPES)
    with pytest.raises(RecordError, match="NULL"):
        harness.push(("+I", "a", 1, None))


def test_processing_time_windows_fire_by_the_clock() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, is_event_time=False), TYPES)
    harness.plain.advance_to(13)
    harness.push(("+I", "a", 1, None))
    harness.plain.advance_to(18)
    assert harness.changes == []
    harness.plain.advance_to(19)
    assert windows(harness) == [("a", 1, 10, 20)]


def test_processing_time_windows_are_dropped_at_the_end_of_a_stream() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, is_event_time=False), TYPES)
    harness.push(("+I", "a", 1, None))
    harness.end()
    assert harness.changes == []


def test_windows_can_be_seen_before_their_end() -> None:
    harness = ColumnHarness(spec("HOP", 10, 5, early_fire_ms=0), TYPES)
    harness.push(*rows(("a", 1, 3)))
    assert windows(harness) == [("a", 1, -5, 5), ("a", 1, 0, 10)]
    harness.push(*rows(("a", 2, 7), (None, 4, 8)))
    assert [row[0] for row in harness.changes[2:]] == ["-U", "+U", "+I", "+I", "+I"]
    harness.watermark(MAX_WATERMARK)
    assert len(harness.changes) == 7
    ends = {(key, total, ms(end)) for key, total, _, end in harness.table}
    assert ends == {("a", 1, 5), ("a", 3, 10), ("a", 2, 15), (None, 4, 10), (None, 4, 15)}


def test_windows_can_change_after_their_end() -> None:
    harness = ColumnHarness(spec("TUMBLE", 10, late_fire_ms=0, allowed_lateness_ms=10), TYPES)
    harness.push(*rows(("a", 1, 3)))
    harness.watermark(9)
    harness.push(*rows(("a", 2, 4), ("b", 5, 5)))
    harness.watermark(19)
    harness.push(*rows(("a", 9, 4)))
    harness.watermark(MAX_WATERMARK)
    assert [row[:3] for row in harness.changes] == [
        ("+I", "a", 1),
        ("-U", "a", 1),
        ("+U", "a", 3),
        ("+I", "b", 5),
    ]
    assert harness.plain.context.metrics.counter("numLateRecordsDropped").get_count() == 1


def test_windows_that_are_seen_early_may_lose_their_rows() -> None:
    early = spec("TUMBLE", 10, early_fire_ms=0, input_retracts=True, emits_update_before=False)
    harness = ColumnHarness(early, TYPES)
    harness.push(*rows(("a", 1, 3), ("b", 2, 3)))
    harness.push(*rows(("b", 1, 3)))
    harness.push(("-D", "a", 1, at(3)))
    assert [row[:3] for row in harness.changes[2:]] == [("+U", "b", 3), ("-D", "a", 1)]


def test_sessions_are_not_seen_before_their_end() -> None:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("table.exec.emit.early-fire.enabled", "true")
    environment.execute_sql(
        "CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen')"
    )
    query = "SELECT COUNT(*) FROM t GROUP BY SESSION(ts, INTERVAL '1' MINUTE)"
    with pytest.raises(SqlValidationError, match="at their end only"):
        environment.execute_sql(query)


HOUR = 3_600_000
ZONED = (t.STRING, LONG, t.LocalZonedTimestampType(3))


def berlin(**settings: Any) -> ColumnHarness:
    day = spec(
        "TUMBLE",
        24 * HOUR,
        zone="Europe/Berlin",
        input_types=ZONED,
        window_columns=("window_start", "window_end", "window_time"),
        **settings,
    )
    return ColumnHarness(day, ZONED)


def test_a_day_in_spring_has_23_hours() -> None:
    harness = berlin()
    start = ms(datetime(2024, 3, 30, 23))  # midnight in Berlin
    harness.push(
        *rows(("a", 1, start), ("a", 2, start + 23 * HOUR - 1), ("a", 4, start + 23 * HOUR))
    )
    harness.watermark(start + 23 * HOUR - 2)
    assert harness.changes == []
    harness.watermark(start + 23 * HOUR - 1)
    borders = (datetime(2024, 3, 31), datetime(2024, 4, 1), at(start + 23 * HOUR - 1))
    assert harness.changes == [("+I", "a", 3, *borders)]


def test_a_day_in_autumn_has_25_hours() -> None:
    harness = berlin()
    start = ms(datetime(2024, 10, 26, 22))
    harness.push(*rows(("a", 1, start), ("a", 2, start + 25 * HOUR - 1)))
    harness.watermark(start + 25 * HOUR - 2)
    assert harness.changes == []
    harness.watermark(start + 25 * HOUR - 1)
    assert harness.changes[0][2] == 3


def test_an_hour_that_comes_twice_is_one_window_over_at_its_second_end() -> None:
    hour = spec("TUMBLE", HOUR, zone="Europe/Berlin", input_types=ZONED)
    harness = ColumnHarness(hour, ZONED)
    first = ms(datetime(2024, 10, 27, 0))  # 02:00 in summer time
    harness.push(*rows(("a", 1, first), ("a", 2, first + HOUR)))
    harness.watermark(first + HOUR - 1)
    assert harness.changes == []
    harness.watermark(first + 2 * HOUR - 1)
    assert [row[2] for row in harness.changes] == [3]


def test_sessions_end_a_gap_after_their_last_row() -> None:
    harness = ColumnHarness(spec("SESSION", 10), TYPES)
    harness.push(*rows(("a", 1, 0), ("a", 2, 10), ("b", 5, 3)))
    harness.watermark(18)
    assert windows(harness) == [("b", 5, 3, 13)]
    harness.watermark(19)
    assert windows(harness)[1:] == [("a", 3, 0, 20)]


def test_a_late_row_extends_a_session_that_is_open() -> None:
    harness = ColumnHarness(spec("SESSION", 10), TYPES)
    harness.push(*rows(("a", 1, 20)))
    harness.watermark(25)
    harness.push(*rows(("a", 2, 12), ("a", 9, 1)))
    harness.watermark(MAX_WATERMARK)
    assert windows(harness) == [("a", 3, 12, 30)]
    assert harness.plain.context.metrics.counter("numLateRecordsDropped").get_count() == 1


def test_sessions_in_processing_time_end_by_the_clock() -> None:
    harness = ColumnHarness(spec("SESSION", 10, is_event_time=False), TYPES)
    harness.push(("+I", "a", 1, None))
    harness.plain.advance_to(5)
    harness.push(("+I", "a", 2, None))
    harness.plain.advance_to(13)
    assert harness.changes == []
    harness.plain.advance_to(14)
    assert windows(harness) == [("a", 3, 0, 15)]


def window_ends(kind: str, size: int, slide: int, time: int) -> list[tuple[int, int]]:
    """The windows of a time, in plain words."""
    if kind == "TUMBLE":
        start = time // size * size
        return [(start, start + size)]
    if kind == "HOP":
        last = time // slide * slide
        return [(s, s + size) for s in range(last, time - size, -slide)]
    start = time // size * size
    return [(start, e) for e in range(start + slide, start + size + 1, slide) if e > time]


STREAM = st.lists(
    st.one_of(
        st.lists(
            st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.integers(0, 40)), max_size=6
        ),
        st.integers(0, 45),
        st.just("restore"),
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    ("kind", "size", "slide"),
    [("TUMBLE", 10, 0), ("HOP", 12, 4), ("HOP", 10, 4), ("CUMULATE", 12, 4)],
)
@settings(max_examples=40, deadline=None)
@given(STREAM)
def test_windows_are_those_of_plain_python(kind: str, size: int, slide: int, stream: Any) -> None:
    described = spec(kind, size, slide, calls=(SUM, DISTINCT))
    harness = ColumnHarness(described, TYPES)
    found: list[Any] = []
    expected: Counter[Any] = Counter()
    groups: dict[Any, list[int]] = defaultdict(list)
    watermark = -1
    for event in [*stream, 1000]:
        if event == "restore":
            found += windows(harness)
            harness = ColumnHarness(described, TYPES, restore=[harness.snapshot(1)])
        elif isinstance(event, int):
            watermark = max(watermark, event)
            harness.watermark(watermark)
            for key, end in [each for each in groups if each[1][1] - 1 <= watermark]:
                values = groups.pop((key, end))
                expected[(key, sum(values), len(set(values)), *end)] += 1
        else:
            harness.push(*rows(*event))
            for key, value, time in event:
                for window in window_ends(kind, size, slide, time):
                    if window[1] - 1 > watermark:
                        groups[(key, window)].append(value)
    assert Counter(found + windows(harness)) == expected


ATTACHED = (t.STRING, LONG, *[t.TimestampType(3)] * 3)


def test_rows_with_windows_are_aggregated_by_them() -> None:
    attached = WindowAttachedAggregateSpec(
        2, 3, 4, (0,), (SUM,), ATTACHED, ("window_end", "window_time", "window_start")
    )
    harness = ColumnHarness(attached, ATTACHED)
    harness.push(("+I", "a", 1, at(0), at(10), at(9)), ("+I", "a", 2, at(0), at(20), at(19)))
    harness.push(("+I", "a", 4, at(0), at(10), at(9)))
    harness.watermark(9)
    assert harness.changes == [("+I", "a", 5, at(10), at(9), at(0))]
    harness.push(("+I", "a", 4, at(0), at(10), at(9)))
    harness.end()
    harness.watermark(MAX_WATERMARK)
    assert harness.changes[1:] == [("+I", "a", 2, at(20), at(19), at(0))]


def test_window_time_can_be_made_from_the_end() -> None:
    attached = WindowAttachedAggregateSpec(
        2, 3, None, (), (COUNT,), ATTACHED[:4], ("window_time",), final_only=True
    )
    harness = ColumnHarness(attached, ATTACHED[:4])
    harness.push(("+I", "a", 1, at(0), at(10)))
    harness.end()
    assert harness.changes == [("+I", 1, at(9))]


def assigned(kind: str, size: int, slide: int = 0, **settings: Any) -> ColumnHarness:
    return ColumnHarness(WindowAssignSpec(kind, 2, size, slide, 0, (0,), TYPES, **settings), TYPES)


@pytest.mark.parametrize(
    ("kind", "slide", "ends"), [("TUMBLE", 0, [10]), ("HOP", 5, [10, 15]), ("CUMULATE", 5, [10])]
)
def test_a_row_comes_once_for_each_of_its_windows(kind: str, slide: int, ends: list[int]) -> None:
    harness = assigned(kind, 10, slide)
    harness.push(("-D", "a", 1, at(7)))
    assert [(row[0], ms(row[-2]), ms(row[-1])) for row in harness.changes] == [
        ("-D", end, end - 1) for end in ends
    ]


def test_rows_of_a_session_come_when_it_is_over() -> None:
    harness = assigned("SESSION", 10)
    harness.push(*rows(("a", 1, 0), ("b", 5, 3), ("a", 2, 8)))
    harness.watermark(12)
    assert harness.changes == [("+I", "b", 5, at(3), at(3), at(13), at(12))]
    harness.watermark(17)
    session = (at(0), at(18), at(17))
    assert harness.changes[1:] == [
        ("+I", "a", 1, at(0), *session),
        ("+I", "a", 2, at(8), *session),
    ]
