"""Generators judge progress from timestamps, one by one or a batch at a time alike."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.constants import MIN_LONG_VALUE
from flott.common.watermark_generators import (
    AscendingTimestampsWatermarks,
    BoundedOutOfOrdernessWatermarks,
    NoWatermarks,
    WatermarkGenerator,
    WatermarkOutput,
)


class Collected(WatermarkOutput):
    def __init__(self) -> None:
        self.watermarks: list[int] = []

    def emit_watermark(self, timestamp: int) -> None:
        self.watermarks.append(timestamp)

    def mark_idle(self) -> None: ...

    def mark_active(self) -> None: ...


class Markers(WatermarkGenerator):
    """Trusts marker records only."""

    def on_event(self, event: Any, event_timestamp: int, output: WatermarkOutput) -> None:
        if event == "marker":
            output.emit_watermark(event_timestamp)

    def on_periodic_emit(self, output: WatermarkOutput) -> None: ...


def watermark_after(generator: WatermarkGenerator, timestamps: Sequence[int]) -> list[int]:
    output = Collected()
    generator.on_batch(timestamps, timestamps, output)
    generator.on_periodic_emit(output)
    return output.watermarks


def test_bounded_watermark_is_one_below_the_bound() -> None:
    assert watermark_after(BoundedOutOfOrdernessWatermarks(5), [10, 100, 50]) == [94]


def test_ascending_watermark_is_one_below_the_newest() -> None:
    assert watermark_after(AscendingTimestampsWatermarks(), [10, 11]) == [10]


@pytest.mark.parametrize("delay_ms", [0, 5, 10**12])
def test_before_any_record_the_watermark_is_the_smallest(delay_ms: int) -> None:
    assert watermark_after(BoundedOutOfOrdernessWatermarks(delay_ms), []) == [MIN_LONG_VALUE]


def test_no_watermarks_never_emits() -> None:
    generator, output = NoWatermarks(), Collected()
    generator.on_event("a", 5, output)
    assert watermark_after(generator, [1, 2]) == output.watermarks == []


def test_negative_delay_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, found -1 ms"):
        BoundedOutOfOrdernessWatermarks(-1)


def test_punctuated_generators_see_every_record_of_a_batch() -> None:
    output = Collected()
    Markers().on_batch([1, 2, 3], ["marker", "x", "marker"], output)
    assert output.watermarks == [1, 3]


def test_generators_tell_whether_they_may_emit_at_a_record() -> None:
    assert Markers().emits_on_event
    assert not BoundedOutOfOrdernessWatermarks(0).emits_on_event
    assert not NoWatermarks().emits_on_event


@given(st.lists(st.lists(st.integers(-(10**15), 10**15))), st.integers(0, 10**6))
def test_batches_and_single_records_agree(batches: list[list[int]], delay_ms: int) -> None:
    in_bulk = BoundedOutOfOrdernessWatermarks(delay_ms)
    one_by_one = BoundedOutOfOrdernessWatermarks(delay_ms)
    bulk_output, single_output = Collected(), Collected()
    newest: list[int] = []
    for batch in batches:
        newest += batch
        in_bulk.on_batch(batch, batch, bulk_output)
        for timestamp in batch:
            one_by_one.on_event(None, timestamp, single_output)
        in_bulk.on_periodic_emit(bulk_output)
        one_by_one.on_periodic_emit(single_output)
    assert bulk_output.watermarks == single_output.watermarks
    assert bulk_output.watermarks == sorted(bulk_output.watermarks)
    if newest:
        assert bulk_output.watermarks[-1] == max(newest) - delay_ms - 1
