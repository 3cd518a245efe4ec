"""The line that says why nothing comes out."""

from __future__ import annotations

import datetime
from typing import Any

from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.progress.output_watch import (
    OperatorReading,
    OutputWatch,
    WatermarkHolder,
    explain_silence,
    format_event_time,
    format_span,
)


def clock(text: str) -> int:
    """A time of 5 March 2025, UTC, in epoch milliseconds."""
    moment = datetime.datetime.fromisoformat(f"2025-03-05T{text}+00:00")
    return int(moment.timestamp() * 1000)


NOW = clock("12:04:00")
SINK = OperatorReading("sink", "Sink", is_sink=True)


def window(**fields: Any) -> OperatorReading:
    defaults: dict[str, Any] = {
        "records_in": 10,
        "watermark": clock("12:03:10"),
        "event_time_due": clock("12:05:00"),
        "due_is_window": True,
    }
    return OperatorReading("w", "Window", **(defaults | fields))


def test_a_window_waits_for_a_silent_split() -> None:
    holder = WatermarkHolder("orders/3", clock("12:03:10"), clock("12:03:19"))
    assert explain_silence([window(holder=holder)], NOW) == (
        "Window: window closes at 12:05, watermark is 12:03:10, "
        "held back by orders/3, silent for 41 s"
    )


def test_a_holder_that_still_sends_is_not_called_silent() -> None:
    holder = WatermarkHolder("orders/3", clock("12:03:10"), NOW - 20)
    line = explain_silence([window(holder=holder)], NOW)
    assert line.endswith("watermark is 12:03:10, held back by orders/3")


def test_a_timer_is_called_a_timer() -> None:
    line = explain_silence([window(due_is_window=False)], NOW)
    assert line == "Window: timer fires at 12:05, watermark is 12:03:10"


def test_an_input_that_has_sent_nothing_is_named() -> None:
    holder = WatermarkHolder("rules", MIN_WATERMARK, None)
    line = explain_silence([window(watermark=MIN_WATERMARK, holder=holder)], NOW)
    assert line == (
        "Window: window closes at 12:05, but there is no watermark yet, "
        "held back by rules, which has sent nothing; is it idle for good?"
    )


def test_a_missing_watermark_strategy_is_suspected() -> None:
    line = explain_silence([window(watermark=MIN_WATERMARK)], NOW)
    assert line.endswith("no watermark yet; does the stream have a watermark strategy?")
    holder = WatermarkHolder("clicks", MIN_WATERMARK, NOW)
    line = explain_silence([window(watermark=MIN_WATERMARK, holder=holder)], NOW)
    assert line.endswith("held back by clicks; does it have a watermark strategy?")


def test_times_in_seconds_are_suspected() -> None:
    line = explain_silence([window(watermark=1_741_000_000, event_time_due=1_741_060_000)], NOW)
    assert line == (
        "Window: window closes at 1970-01-21 03:37:40, watermark is 03:36:40; "
        "are these times seconds where milliseconds are expected?"
    )


def test_a_wait_for_the_clock_says_how_long() -> None:
    reading = window(event_time_due=None, clock_time_due=clock("12:04:30"))
    line = explain_silence([reading], NOW)
    assert line == "Window: window closes at 12:04:30 by the clock, in 30 s"


def test_late_records_are_named_before_open_windows() -> None:
    line = explain_silence([window(late_dropped=10, watermark=clock("13:04:00"))], NOW)
    assert line == (
        "Window dropped 10 records as late, watermark is 13:04, "
        "1 h ahead of the clock: a time in the future?"
    )


def test_a_filter_that_lets_nothing_through_is_named() -> None:
    readings = [OperatorReading("f", "Filter", records_in=1)]
    assert explain_silence(readings, NOW) == "Filter received 1 record and let none through"


def test_the_subtask_that_is_furthest_behind_speaks() -> None:
    readings = [window(), window(subtask=1, watermark=clock("12:01:00"))]
    assert "watermark is 12:01" in explain_silence(readings, NOW)


def test_silence_is_reported_after_a_while_and_ends_with_output() -> None:
    watch = OutputWatch(silence_ms=5_000)
    assert watch.observe(NOW, [window(records_in=0), SINK]) is None
    assert watch.observe(NOW + 4_999, [window(), SINK]) is None
    line = watch.observe(NOW + 5_000, [window(), SINK])
    assert line is not None
    assert line.startswith("Window: window closes")
    some = OperatorReading("sink", "Sink", is_sink=True, records_in=1)
    assert watch.observe(NOW + 6_000, [window(records_out=1), some]) is None
    assert watch.observe(NOW + 10_000, [window(records_out=1), some]) is None


def test_without_input_silence_is_no_news() -> None:
    watch = OutputWatch(silence_ms=5_000)
    watch.observe(NOW, [window(), SINK])
    assert watch.observe(NOW + 60_000, [window(), SINK]) is None


def test_counts_start_when_something_last_came_out() -> None:
    watch = OutputWatch(silence_ms=5_000)
    before = OperatorReading("f", "Filter", records_in=90, records_out=40)
    watch.observe(NOW, [before, SINK])
    after = OperatorReading("f", "Filter", records_in=97, records_out=40)
    line = watch.observe(NOW + 5_000, [after, SINK])
    assert line == "Filter received 7 records and let none through"


def test_counts_that_begin_anew_after_a_restart_are_taken_as_they_are() -> None:
    watch = OutputWatch(silence_ms=5_000)
    watch.observe(NOW, [OperatorReading("f", "Filter", records_in=90, records_out=0), SINK])
    line = watch.observe(NOW + 5_000, [OperatorReading("f", "Filter", records_in=3), SINK])
    assert line == "Filter received 3 records and let none through"


def test_a_clock_that_goes_back_starts_the_wait_anew() -> None:
    watch = OutputWatch(silence_ms=5_000)
    watch.observe(NOW, [window(records_in=0), SINK])
    assert watch.observe(NOW - 60_000, [window(records_in=1), SINK]) is None
    assert watch.observe(NOW - 55_000, [window(records_in=2), SINK]) is not None


def test_a_job_without_sink_is_never_silent() -> None:
    watch = OutputWatch(silence_ms=5_000)
    watch.observe(NOW, [window(records_in=0)])
    assert watch.observe(NOW + 60_000, [window()]) is None


def test_times_show_only_what_is_needed() -> None:
    assert format_event_time(clock("12:05:00"), NOW) == "12:05"
    assert format_event_time(clock("12:05:09.250"), NOW) == "12:05:09.250"
    assert format_event_time(0, NOW) == "1970-01-01 00:00"
    assert format_event_time(MAX_WATERMARK, NOW) == str(MAX_WATERMARK)


def test_spans_show_two_units_at_most() -> None:
    assert [format_span(ms) for ms in (-5, 20, 41_000, 61_000)] == [
        "0 ms",
        "20 ms",
        "41 s",
        "1 min 1 s",
    ]
    assert format_span(3_600_000) == "1 h"
    assert format_span(90_061_000) == "1 d 1 h"
