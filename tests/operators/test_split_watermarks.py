"""Watermarks over splits, against a model that recomputes everything."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flott.common.time import Duration
from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.batch import RowBatch
from flott.core.element import MIN_WATERMARK
from flott.operators.event_time import WatermarkTracker
from flott.operators.split_watermarks import SplitWatermarks

IDLE_MS = 500
TICK_MS = 200

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("abc")),
        st.tuples(st.just("remove"), st.sampled_from("abc")),
        st.tuples(st.just("record"), st.sampled_from("abc"), st.integers(0, 100)),
        st.tuples(st.just("tick"), st.sets(st.sampled_from("abc"))),
    ),
    max_size=40,
)


class Model:
    """What each split has said and how long it has been silent."""

    def __init__(self) -> None:
        self.newest: dict[str, int | None] = {}
        self.said: dict[str, int] = {}
        self.silent: dict[str, int] = {}
        self.heard: set[str] = set()
        self.watermark = MIN_WATERMARK

    def add(self, split: str) -> None:
        if split not in self.said:
            self.newest[split], self.said[split], self.silent[split] = None, MIN_WATERMARK, 0

    def remove(self, split: str) -> None:
        for state in (self.newest, self.said, self.silent):
            state.pop(split, None)  # type: ignore[attr-defined]
        self.heard.discard(split)

    def record(self, split: str, time: int) -> None:
        self.add(split)
        before = self.newest[split]
        self.newest[split] = time if before is None else max(before, time)
        self.silent[split] = 0
        self.heard.add(split)

    def tick(self, paused: set[str]) -> None:
        for split in self.said:
            if split not in self.heard and split not in paused:
                self.silent[split] += TICK_MS
            newest = self.newest[split]
            if not self.is_idle(split) and newest is not None:
                self.said[split] = max(self.said[split], newest - 1)
        self.heard.clear()

    def is_idle(self, split: str) -> bool:
        return self.silent[split] >= IDLE_MS

    def settle(self) -> tuple[int, bool]:
        active = [mark for split, mark in self.said.items() if not self.is_idle(split)]
        if active:
            self.watermark = max(self.watermark, min(active))
        return self.watermark, not active


def strategy() -> WatermarkStrategy:
    ascending = WatermarkStrategy.for_monotonous_timestamps()
    return ascending.with_idleness(Duration.of_millis(IDLE_MS))


def apply(watermarks: SplitWatermarks, model: Model, step: Any) -> None:
    if step[0] == "add":
        watermarks.add(step[1])
        model.add(step[1])
    elif step[0] == "remove":
        watermarks.remove(step[1])
        model.remove(step[1])
    elif step[0] == "record":
        tracker = watermarks.tracker(step[1])
        watermarks.note_records(tracker)
        tracker.see_batch(RowBatch(["x"], [step[2]]))
        model.record(step[1], step[2])
    else:
        watermarks.tick(TICK_MS, step[1])
        model.tick(step[1])


@given(STEPS)
def test_they_agree_with_the_model(steps: list[Any]) -> None:
    watermarks, model = SplitWatermarks(strategy()), Model()
    for step in steps:
        apply(watermarks, model, step)
        watermark, is_idle = model.settle()
        assert watermarks.watermark == watermark
        if model.said:
            assert watermarks.is_idle == is_idle


@given(STEPS, st.integers(-5, 100))
def test_ahead_are_the_splits_beyond_the_mark(steps: list[Any], mark: int) -> None:
    watermarks, model = SplitWatermarks(strategy()), Model()
    for step in steps:
        apply(watermarks, model, step)
    assert watermarks.ahead_of(mark) == {split for split, said in model.said.items() if said > mark}


def test_adding_a_split_again_changes_nothing() -> None:
    watermarks = SplitWatermarks(strategy())
    watermarks.tracker("a").see_batch(RowBatch(["x"], [10]))
    watermarks.tick(TICK_MS, ())
    watermarks.add("a")
    watermarks.tick(TICK_MS, ())
    assert watermarks.watermark == 9


def test_a_strategy_without_watermarks_needs_no_tracker() -> None:
    assert WatermarkTracker.of(None) is None
    assert WatermarkTracker.of(WatermarkStrategy.no_watermarks()) is None
    idle = WatermarkStrategy.no_watermarks().with_idleness(Duration.of_millis(1))
    assert WatermarkTracker.of(idle) is not None


def test_a_source_without_splits_holds_nothing_back_once_it_stands_by() -> None:
    watermarks = SplitWatermarks(WatermarkStrategy.for_monotonous_timestamps())
    watermarks.tick(TICK_MS, ())
    assert not watermarks.is_idle
    watermarks.stand_by()
    watermarks.tick(TICK_MS, ())
    assert watermarks.is_idle
    watermarks.add("a")
    assert not watermarks.is_idle


def test_a_source_with_splits_does_not_stand_by() -> None:
    watermarks = SplitWatermarks(WatermarkStrategy.for_monotonous_timestamps())
    watermarks.add("a")
    watermarks.stand_by()
    assert not watermarks.is_idle
