"""Strategies describe where timestamps come from and make one generator for each split."""

import datetime
import functools
import pickle
from typing import Any

import pytest

from flott.common import (
    AssignerWithPeriodicWatermarksWrapper,
    Duration,
    Time,
    WatermarkStrategy,
)
from flott.common.watermark_strategy import (
    AscendingTimestampsWatermarks,
    BoundedOutOfOrdernessWatermarks,
    NoWatermarks,
    TimestampAssigner,
    WatermarkGenerator,
)


class SecondField(TimestampAssigner):
    def extract_timestamp(self, value: Any, record_timestamp: int) -> int:
        return int(value[1])


class Own(NoWatermarks):
    pass


@pytest.mark.parametrize(
    ("strategy", "generator"),
    [
        (WatermarkStrategy.for_monotonous_timestamps(), AscendingTimestampsWatermarks),
        (WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(5)),
         BoundedOutOfOrdernessWatermarks),
        (WatermarkStrategy.no_watermarks(), NoWatermarks),
        (WatermarkStrategy.for_generator(Own), Own),
        (WatermarkStrategy.for_generator(lambda: Own()), Own),
    ],
)  # fmt: skip
def test_each_split_has_a_generator_of_its_own(
    strategy: WatermarkStrategy, generator: type[WatermarkGenerator]
) -> None:
    first, second = strategy.create_generator(), strategy.create_generator()
    assert type(first) is type(second) is generator
    assert first is not second


def test_refinements_keep_what_was_said_before() -> None:
    strategy = (
        WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(5))
        .with_timestamp_assigner(SecondField())
        .with_idleness(Duration.of_minutes(1))
        .with_watermark_alignment("group", Duration.of_seconds(20))
    )
    assert isinstance(strategy.timestamp_assigner, SecondField)
    assert strategy.idle_timeout_ms == 60_000
    assert strategy.alignment == ("group", 20_000, 1000)


def test_idleness_and_alignment_leave_the_given_strategy_alone() -> None:
    base = WatermarkStrategy.no_watermarks()
    base.with_idleness(Duration.of_seconds(1))
    base.with_watermark_alignment("g", Duration.of_seconds(1), Duration.of_millis(50))
    assert (base.idle_timeout_ms, base.alignment) == (None, None)


def test_the_assigner_is_set_in_place_as_in_pyflink() -> None:
    base = WatermarkStrategy.no_watermarks()
    assert base.with_timestamp_assigner(SecondField()) is base


def test_lengths_come_in_any_form() -> None:
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(datetime.timedelta(seconds=1))
    assert strategy.with_idleness(Time.seconds(2)).idle_timeout_ms == 2000


def two(value: int, record_timestamp: int) -> int:
    return value + record_timestamp


@pytest.mark.parametrize(
    ("assigner", "arguments"),
    [
        (SecondField(), 2),
        (two, 2),
        (lambda value: value, 1),
        (lambda value, other=1: value, 1),
        (lambda *values: values[0], 2),
        (functools.partial(two, record_timestamp=5), 1),
        (len, 1),
        (int, 1),
    ],
)
def test_timestamp_functions_tell_what_they_take(assigner: Any, arguments: int) -> None:
    found = WatermarkStrategy.no_watermarks().with_timestamp_assigner(assigner).timestamp_function()
    assert found is not None
    assert found[1] == arguments


def test_without_assigner_the_sources_timestamps_stand() -> None:
    assert WatermarkStrategy.no_watermarks().timestamp_function() is None


def test_extraction() -> None:
    strategy = WatermarkStrategy.no_watermarks().with_timestamp_assigner(SecondField())
    function, _ = strategy.timestamp_function() or (None, 0)
    assert function is not None
    assert function(("a", 17), -1) == 17


def test_a_strategy_travels_by_plain_pickle() -> None:
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(5))
    again = pickle.loads(pickle.dumps(strategy.with_idleness(Duration.of_seconds(1))))
    assert again.idle_timeout_ms == 1000
    assert isinstance(again.create_generator(), BoundedOutOfOrdernessWatermarks)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda s: WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_millis(-1)),
         ValueError, "out-of-orderness must not be negative, found -1 ms"),
        (lambda s: WatermarkStrategy.for_bounded_out_of_orderness(5000), TypeError, "Duration"),
        (lambda s: s.with_idleness(Duration.of_millis(0)), ValueError, "at least 1 ms"),
        (lambda s: s.with_idleness("1 s"), TypeError, "idle timeout must be a Duration"),
        (lambda s: s.with_watermark_alignment("", Duration.of_seconds(1)), ValueError, "name"),
        (lambda s: s.with_watermark_alignment("g", Duration.of_seconds(-1)), ValueError, "drift"),
        (lambda s: s.with_watermark_alignment("g", Duration.of_seconds(1), Duration.of_millis(0)),
         ValueError, "update interval"),
        (lambda s: s.with_timestamp_assigner(7), TypeError, "TimestampAssigner or a function"),
        (lambda s: s.with_timestamp_assigner(SecondField), TypeError, r"Write SecondField\(\)"),
        (lambda s: s.with_timestamp_assigner(lambda: 1).timestamp_function(), TypeError, "takes 0"),
        (lambda s: s.with_timestamp_assigner(lambda a, b, c: 1).timestamp_function(),
         TypeError, "takes 3"),
        (lambda s: WatermarkStrategy.for_generator(7), TypeError, "makes a WatermarkGenerator"),
        (lambda s: WatermarkStrategy.for_generator(dict).create_generator(),
         TypeError, r"made \{\}"),
        (lambda s: AssignerWithPeriodicWatermarksWrapper(None), NotImplementedError,
         "Use WatermarkStrategy instead"),
    ],
)  # fmt: skip
def test_mistakes_are_refused(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call(WatermarkStrategy.no_watermarks())
