"""The combined watermark of several channels: examples by rule, and a naive model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.progress.watermark_merge import Progress, WatermarkMerge

NOTHING = Progress(None, None)


def test_the_minimum_of_all_channels_comes_out() -> None:
    merge = WatermarkMerge([0, 0, 0])
    assert merge.advance(0, 10) == NOTHING
    assert merge.advance(1, 5) == NOTHING
    assert merge.advance(2, 7) == Progress(5, None)
    assert merge.advance(1, 20) == Progress(7, None)


def test_a_channel_that_sent_nothing_holds_everything_back() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(0, 1_000)
    assert merge.current_watermark == MIN_WATERMARK
    assert merge.holding_channel() == 1


def test_a_watermark_that_goes_back_is_ignored() -> None:
    merge = WatermarkMerge([0])
    assert merge.advance(0, 10) == Progress(10, None)
    assert merge.advance(0, 9) == NOTHING
    assert merge.advance(0, 10) == NOTHING


def test_an_idle_channel_drops_out() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(0, 50)
    assert merge.set_idle(1, True) == Progress(50, None)
    assert merge.advance(0, 60) == Progress(60, None)


def test_a_returning_channel_is_ignored_until_it_has_caught_up() -> None:
    merge = WatermarkMerge([0, 0])
    merge.set_idle(1, True)
    merge.advance(0, 50)
    assert merge.set_idle(1, False) == NOTHING
    assert merge.advance(1, 49) == NOTHING
    assert merge.advance(0, 60) == Progress(60, None)
    assert merge.advance(1, 60) == NOTHING
    assert merge.advance(0, 70) == NOTHING
    assert merge.advance(1, 65) == Progress(65, None)


def test_the_highest_watermark_comes_out_before_idleness() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(0, 50)
    merge.advance(1, 20)
    assert merge.set_idle(0, True) == NOTHING
    assert merge.set_idle(1, True) == Progress(50, True)
    assert merge.is_idle


def test_watermarks_of_an_idle_channel_are_ignored() -> None:
    merge = WatermarkMerge([0])
    merge.set_idle(0, True)
    assert merge.advance(0, 50) == NOTHING


def test_activity_is_passed_on_when_the_first_channel_returns() -> None:
    merge = WatermarkMerge([0, 0])
    merge.set_idle(0, True)
    assert merge.set_idle(1, True) == Progress(None, True)
    assert merge.set_idle(1, False) == Progress(None, False)
    assert merge.set_idle(0, False) == NOTHING


def test_repeated_status_says_nothing_new() -> None:
    merge = WatermarkMerge([0])
    assert merge.set_idle(0, False) == NOTHING
    assert merge.set_idle(0, True) == Progress(None, True)
    assert merge.set_idle(0, True) == NOTHING


def test_two_inputs_combine_to_the_lower_one() -> None:
    merge = WatermarkMerge([0, 1])
    assert merge.advance(0, 30) == NOTHING
    assert merge.advance(1, 20) == Progress(20, None)
    assert merge.set_idle(1, True) == Progress(30, None)


def test_a_returning_input_holds_the_other_until_it_has_caught_up() -> None:
    merge = WatermarkMerge([0, 1])
    merge.set_idle(1, True)
    merge.advance(0, 30)
    merge.set_idle(1, False)
    assert merge.advance(0, 40) == NOTHING
    assert merge.holding_channel() == 1
    assert merge.advance(1, 35) == Progress(35, None)


def test_an_idle_input_does_not_lift_the_other_to_its_maximum() -> None:
    merge = WatermarkMerge([0, 1])
    merge.advance(0, 30)
    merge.advance(1, 20)
    merge.set_idle(0, True)
    assert merge.set_idle(1, True) == Progress(None, True)
    assert merge.current_watermark == 20


def test_an_ended_channel_holds_nothing_back() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(0, 40)
    assert merge.end(1) == Progress(40, None)
    assert merge.advance(0, 41) == Progress(41, None)
    assert merge.end(1) == NOTHING


def test_max_watermark_comes_out_once_every_channel_has_sent_it() -> None:
    merge = WatermarkMerge([0, 0, 1])
    merge.advance(0, MAX_WATERMARK)
    merge.advance(2, MAX_WATERMARK)
    merge.end(0)
    merge.advance(1, 10)
    assert merge.current_watermark == 10
    assert merge.advance(1, MAX_WATERMARK) == Progress(MAX_WATERMARK, None)
    assert merge.end(1) == NOTHING


def test_an_idle_channel_beside_a_finished_one_does_not_end_event_time() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(1, 10)
    merge.advance(0, MAX_WATERMARK)
    merge.end(0)
    assert merge.set_idle(1, True) == Progress(None, True)
    assert merge.set_idle(1, False) == Progress(None, False)
    assert merge.advance(1, 11) == Progress(11, None)


def test_the_last_watermark_of_an_idle_channel_counts() -> None:
    merge = WatermarkMerge([0])
    merge.advance(0, 10)
    merge.set_idle(0, True)
    assert merge.advance(0, MAX_WATERMARK) == Progress(MAX_WATERMARK, False)


def test_channels_cut_off_without_max_watermark_close_no_window() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(0, MAX_WATERMARK)
    merge.advance(1, 10)
    merge.end(0)
    assert merge.end(1) == NOTHING
    assert merge.current_watermark == 10


def test_nobody_holds_back_an_idle_or_ended_task() -> None:
    merge = WatermarkMerge([0, 0])
    merge.set_idle(0, True)
    merge.end(1)
    assert merge.holding_channel() is None


def test_what_each_channel_sent_last_can_be_seen() -> None:
    merge = WatermarkMerge([0, 0])
    merge.advance(0, 10)
    merge.set_idle(1, True)
    assert merge.channel_watermarks == (10, MIN_WATERMARK)
    assert merge.idle_channels == (False, True)


class NaiveMerge:
    """The same rules, recomputed from everything at every event."""

    def __init__(self, inputs: list[int]) -> None:
        self.inputs = inputs
        self.last = dict.fromkeys(range(len(inputs)), MIN_WATERMARK)
        self.idle: set[int] = set()
        self.catching_up: set[int] = set()
        self.over: set[int] = set()
        self.said = dict.fromkeys(inputs, MIN_WATERMARK)
        self.combined = MIN_WATERMARK

    def apply(self, event: tuple[str, int, int]) -> None:
        kind, channel, time = event
        if channel in self.over:
            return
        was_asleep = self.sleeps(self.inputs[channel])
        if kind == "end" or time == MAX_WATERMARK:
            self.last[channel] = max(self.last[channel], time)
            self.over.add(channel)
            self.idle.discard(channel)
        elif kind == "idle":
            self.idle.add(channel)
        elif kind == "active" and channel in self.idle:
            self.idle.remove(channel)
            self.catching_up.add(channel)
        elif kind == "watermark" and channel not in self.idle:
            self.last[channel] = max(self.last[channel], time)
        self.say(self.inputs[channel])
        self.combine(awake_still=None if was_asleep else self.inputs[channel])
        self.combine(awake_still=None)

    def say(self, index: int) -> None:
        own = {channel for channel, each in enumerate(self.inputs) if each == index}
        said = self.said[index]
        self.catching_up -= {channel for channel in own if self.last[channel] >= said}
        going = own - self.over
        if not going:
            words = {self.last[channel] for channel in own}
            self.said[index] = max(said, min(words))
        elif going <= self.idle:
            self.said[index] = max(said, *(self.last[channel] for channel in going))
        else:
            words = {self.last[each] for each in going - self.idle - self.catching_up}
            self.said[index] = max(said, min(words, default=said))

    def combine(self, awake_still: int | None) -> None:
        going = {self.inputs[each] for each in self.last if each not in self.over}
        awake = {each for each in going if not self.sleeps(each) or each == awake_still}
        if not going:
            awake = set(self.inputs)
        if awake:
            self.combined = max(self.combined, min(self.said[index] for index in awake))

    def sleeps(self, index: int) -> bool:
        going = {each for each in self.last if self.inputs[each] == index} - self.over
        return bool(going) and going <= self.idle

    @property
    def is_idle(self) -> bool:
        return self.idle != set() and self.idle | self.over == set(self.last)


Events = list[tuple[str, int, int]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], Events]:
    inputs = draw(st.lists(st.integers(0, 1), min_size=1, max_size=4))
    channels = st.integers(0, len(inputs) - 1)
    times = st.one_of(st.integers(0, 12), st.just(MAX_WATERMARK))
    watermarks = st.tuples(st.just("watermark"), channels, times)
    others = st.sampled_from(["idle", "idle", "active", "active", "end"])
    rest = st.tuples(others, channels, st.just(MIN_WATERMARK))
    return inputs, draw(st.lists(st.one_of(watermarks, rest), max_size=40))


def feed(merge: WatermarkMerge, event: tuple[str, int, int]) -> Progress:
    kind, channel, time = event
    if kind == "watermark":
        return merge.advance(channel, time)
    return merge.end(channel) if kind == "end" else merge.set_idle(channel, kind == "idle")


@given(histories())
def test_the_merge_agrees_with_the_naive_model(history: tuple[list[int], Events]) -> None:
    inputs, events = history
    merge, model = WatermarkMerge(inputs), NaiveMerge(inputs)
    watermark, idle = MIN_WATERMARK, False
    for event in events:
        progress = feed(merge, event)
        model.apply(event)
        watermark = watermark if progress.watermark is None else progress.watermark
        idle = idle if progress.idle is None else progress.idle
        assert (watermark, idle) == (model.combined, model.is_idle)
        assert (merge.current_watermark, merge.is_idle) == (watermark, idle)


@given(histories())
def test_what_comes_out_rises_and_changes(history: tuple[list[int], Events]) -> None:
    inputs, events = history
    merge = WatermarkMerge(inputs)
    watermark, idle = MIN_WATERMARK, False
    for event in events:
        progress = feed(merge, event)
        if progress.watermark is not None:
            assert progress.watermark > watermark
            watermark = progress.watermark
        if progress.idle is not None:
            assert progress.idle != idle
            idle = progress.idle
        assert watermark <= max(merge.channel_watermarks)


@given(histories())
def test_without_idleness_the_output_is_the_plain_minimum(
    history: tuple[list[int], Events],
) -> None:
    inputs, events = history
    merge = WatermarkMerge(inputs)
    for event in events:
        if event[0] == "watermark":
            feed(merge, event)
    assert merge.current_watermark == min(merge.channel_watermarks)


@given(histories())
def test_the_holding_channel_is_active_and_lowest(history: tuple[list[int], Events]) -> None:
    inputs, events = history
    merge = WatermarkMerge(inputs)
    ended = set[int]()
    for event in events:
        feed(merge, event)
        if event[0] == "end" or event[2] == MAX_WATERMARK:
            ended.add(event[1])
        holder = merge.holding_channel()
        assert (holder is None) == (merge.is_idle or len(ended) == len(inputs))
        if holder is not None:
            assert not merge.idle_channels[holder]
            assert holder not in ended
