"""assign_timestamps_and_watermarks: timestamps, watermarks, idleness."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.common.time import Duration
from flott.common.watermark_generators import WatermarkGenerator
from flott.common.watermark_strategy import TimestampAssigner, WatermarkStrategy
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.operators.rows import TimestampsSpec
from tests.operators.harness import Harness


def ascending() -> WatermarkStrategy:
    return WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(lambda v: v)


def make(strategy: WatermarkStrategy | None = None, **settings: Any) -> Harness:
    return Harness(TimestampsSpec(strategy or ascending()), **settings)


class Markers(WatermarkGenerator):
    """Trusts negative records only: they carry a watermark."""

    def on_event(self, event: int, event_timestamp: int, output: Any) -> None:
        if event < 0:
            output.emit_watermark(-event)

    def on_periodic_emit(self, output: Any) -> None:
        pass


# --- timestamps --------------------------------------------------------------------------------


def test_the_assigner_gives_the_timestamps() -> None:
    harness = make()
    harness.push(5, 3, at=[100, 100])
    assert harness.records == [(5, 5), (3, 3)]


def test_an_assigner_of_two_arguments_sees_the_timestamp_so_far() -> None:
    class Later(TimestampAssigner):
        def extract_timestamp(self, value: int, record_timestamp: int) -> int:
            return 0 if record_timestamp == MIN_WATERMARK else record_timestamp + value

    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(Later())
    harness = make(strategy)
    harness.push(1, 2, at=[10, 20])
    harness.push(1)
    assert harness.records == [(1, 11), (2, 22), (1, 0)]


def test_without_an_assigner_timestamps_stay() -> None:
    harness = make(WatermarkStrategy.for_monotonous_timestamps())
    harness.push(1, at=10)
    harness.push(2)
    harness.advance_to(200)
    assert harness.records == [(1, 10), (2, None)]
    assert harness.watermarks == [9]


def test_whole_numbers_of_other_libraries_are_taken() -> None:
    class Whole:
        def __index__(self) -> int:
            return 7

    harness = make(WatermarkStrategy.no_watermarks().with_timestamp_assigner(lambda v: Whole()))
    harness.push(1)
    assert harness.records == [(1, 7)]
    assert type(harness.batches[0].timestamps[0]) is int  # type: ignore[index]


@pytest.mark.parametrize("wrong", [None, 1.5, "12", True])
def test_a_timestamp_that_is_no_whole_number_is_refused(wrong: Any) -> None:
    harness = make(WatermarkStrategy.no_watermarks().with_timestamp_assigner(lambda v: wrong))
    with pytest.raises(ProgramError, match=r"'operator' gave .*whole number of milliseconds"):
        harness.push(1)


def test_a_timestamp_far_in_the_future_is_warned_of_once(caplog: Any) -> None:
    harness = make(now_ms=1_700_000_000_000)
    with caplog.at_level(logging.WARNING, logger="flott.watermarks"):
        harness.push(1_700_000_000_000 + 23 * 3_600_000)
        assert not caplog.records
        harness.push(5, 1_700_000_000_000_000)
        harness.push(1_700_000_000_000_001)
    assert len(caplog.records) == 1
    assert "1700000000000000" in caplog.text
    assert "microseconds" in caplog.text
    assert "Record: 1700000000000000" in caplog.text


def test_a_timestamp_beyond_all_is_refused() -> None:
    with pytest.raises(ProgramError, match="beyond the largest timestamp"):
        make().push(MAX_WATERMARK)


# --- watermarks --------------------------------------------------------------------------------


def test_watermarks_come_at_the_interval() -> None:
    harness = make()
    harness.push(50)
    harness.advance_to(199)
    assert harness.watermarks == []
    harness.advance_to(200)
    assert harness.watermarks == [49]
    harness.advance_to(1000)
    assert harness.watermarks == [49]


def test_a_small_bounded_input_sees_the_last_watermark_only() -> None:
    harness = make()
    harness.push(50)
    harness.end()
    assert harness.flow == [[50], ("watermark", MAX_WATERMARK)]
    harness.advance_to(10_000)
    assert harness.watermarks == [MAX_WATERMARK]


def test_the_interval_is_an_option_and_zero_never_asks() -> None:
    often = make(configuration={"pipeline.auto-watermark-interval": "10 ms"})
    never = make(configuration={"pipeline.auto-watermark-interval": "0 ms"})
    for harness in (often, never):
        harness.push(50)
        harness.advance_to(10)
    assert (often.watermarks, never.watermarks) == ([49], [])


def test_watermarks_from_before_end_here_but_for_the_last() -> None:
    harness = make()
    harness.watermark(1000)
    harness.operator.process_status(True)
    assert harness.output.events == []
    harness.watermark(MAX_WATERMARK)
    assert harness.watermarks == [MAX_WATERMARK]


def test_batch_mode_knows_the_last_watermark_only() -> None:
    harness = make(is_batch=True)
    harness.push(50)
    harness.advance_to(1000)
    harness.end()
    assert harness.flow == [[50], ("watermark", MAX_WATERMARK)]


def test_bounded_out_of_orderness_allows_for_the_delay() -> None:
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(10))
    harness = make(strategy.with_timestamp_assigner(lambda v: v))
    harness.push(100, 50)
    harness.advance_to(200)
    harness.push(60)
    harness.advance_to(400)
    assert harness.watermarks == [89]


def test_a_punctuated_watermark_stands_right_after_its_record() -> None:
    strategy = WatermarkStrategy.for_generator(Markers).with_timestamp_assigner(abs)
    harness = make(strategy)
    harness.push(1, -5, 2, 3, -4, -9)
    assert harness.flow == [[1, -5], ("watermark", 5), [2, 3, -4, -9], ("watermark", 9)]


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=30))
def test_punctuated_watermarks_neither_lose_nor_reorder_records(values: list[int]) -> None:
    harness = make(WatermarkStrategy.for_generator(Markers).with_timestamp_assigner(abs))
    harness.push(*values)
    assert harness.records == [(value, abs(value)) for value in values]
    expected: list[int] = []
    for value in values:
        if -value > max(expected, default=0):
            expected.append(-value)
    assert harness.watermarks == expected


def test_a_generator_may_look_at_records_without_timestamps() -> None:
    harness = make(WatermarkStrategy.for_generator(Markers))
    harness.push(1, -5)
    assert harness.records == [(1, None), (-5, None)]
    assert harness.watermarks == [5]


def test_after_a_restore_the_watermark_begins_anew() -> None:
    before = make()
    before.push(50)
    before.advance_to(200)
    after = make(restore=[before.snapshot(1)])
    after.push(20)
    after.advance_to(200)
    assert after.watermarks == [19]


# --- idleness ----------------------------------------------------------------------------------


def idle_after(milliseconds: int) -> Harness:
    return make(ascending().with_idleness(Duration.of_millis(milliseconds)))


def test_silence_makes_idle_and_a_record_active_again() -> None:
    harness = idle_after(1000)
    harness.push(50)
    harness.advance_to(1000)
    assert harness.flow == [[50], ("watermark", 49)]
    harness.advance_to(1200)
    assert harness.flow[2:] == [("status", True)]
    harness.push(60)
    harness.advance_to(1400)
    assert harness.flow[3:] == [("status", False), [60], ("watermark", 59)]


def test_records_now_and_then_keep_it_active() -> None:
    harness = idle_after(1000)
    for step in range(1, 11):
        harness.push(step)
        harness.advance_to(step * 600)
    assert ("status", True) not in harness.flow


def test_time_in_which_the_task_was_held_up_is_not_silence() -> None:
    harness = idle_after(1000)
    harness.push(50)
    for blocked_until in (5_000, 10_000, 15_000):
        harness.clock.set(blocked_until)
        harness.advance_to(blocked_until)
    assert ("status", True) not in harness.flow


def test_a_generator_may_declare_idleness_itself() -> None:
    class Sleepy(Markers):
        def on_periodic_emit(self, output: Any) -> None:
            output.mark_idle()

    harness = make(WatermarkStrategy.for_generator(Sleepy))
    harness.advance_to(200)
    harness.push(1)
    assert harness.flow == [("status", True), ("status", False), [1]]
