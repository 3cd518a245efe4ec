"""Serializers of windows."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from flott.operators.window import (
    CountTumblingWindowAssigner,
    CountWindow,
    CountWindowSerializer,
    EventTimeSessionWindows,
    GlobalWindow,
    GlobalWindows,
    GlobalWindowSerializer,
    TimeWindow,
    TimeWindowSerializer,
    TumblingEventTimeWindows,
)


@pytest.mark.parametrize(
    ("serializer", "window", "length"),
    [
        (TimeWindowSerializer(), TimeWindow(-1000, 2**40), 16),
        (CountWindowSerializer(), CountWindow(5), 8),
        (GlobalWindowSerializer(), GlobalWindow.get(), 1),
    ],
)
def test_a_window_is_read_as_it_was_written(serializer: Any, window: Any, length: int) -> None:
    stream = BytesIO()
    serializer.serialize(window, stream)
    serializer.serialize(window, stream)
    stream.seek(0)
    assert [serializer.deserialize(stream), serializer.deserialize(stream)] == [window, window]
    assert len(stream.getvalue()) == 2 * length


def test_time_windows_are_written_big_endian() -> None:
    stream = BytesIO()
    TimeWindowSerializer().serialize(TimeWindow(1, 2), stream)
    assert stream.getvalue() == b"\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2"


@pytest.mark.parametrize(
    ("assigner", "serializer"),
    [
        (TumblingEventTimeWindows.of(10), TimeWindowSerializer()),
        (EventTimeSessionWindows.with_gap(10), TimeWindowSerializer()),
        (CountTumblingWindowAssigner.of(10), CountWindowSerializer()),
        (GlobalWindows.create(), GlobalWindowSerializer()),
    ],
)
def test_assigners_know_the_serializer_of_their_windows(assigner: Any, serializer: Any) -> None:
    assert assigner.get_window_serializer() == serializer
