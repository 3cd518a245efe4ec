"""The source operator: splits, positions, watermarks per split, alignment, the end."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, TypeMismatchError
from flott.common.time import Duration
from flott.common.typeinfo import Types
from flott.common.watermark_generators import WatermarkGenerator
from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.operator import SourcePoll
from flott.core.source import (
    REJECTED_RECORDS_TAG,
    Boundedness,
    EnumeratorContext,
    NoSplitsForNow,
    RejectedRecord,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)
from flott.operators.source import SourceSpec
from tests.operators.harness import Harness


@dataclass(frozen=True)
class ListSplit:
    """Rows from a position on."""

    split_id: str
    rows: tuple[Any, ...]
    position: int = 0


class ListReader(SourceReader):
    """Reads splits in turn; ``script`` says what to give out of order."""

    def __init__(self) -> None:
        self.splits: dict[str, ListSplit] = {}
        self.script: deque[SplitBatch | None] = deque()
        self.log: list[Any] = []
        self.paused: set[str] = set()

    def add_splits(self, splits: Sequence[Any]) -> None:
        self.splits.update({split.split_id: split for split in splits})

    def poll(self, rows_max: int) -> SplitBatch | None:
        if self.script:
            return self.script.popleft()
        for split in list(self.splits.values()):
            if split.split_id in self.paused:
                continue
            rows = split.rows[split.position : split.position + rows_max]
            position = split.position + len(rows)
            finished = position == len(split.rows)
            self.splits[split.split_id] = replace(split, position=position)
            if finished:
                del self.splits[split.split_id]
            return SplitBatch(split.split_id, RowBatch(list(rows)) if rows else None, finished)
        return None

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return list(self.splits.values())

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self.log.append(("complete", checkpoint_id))

    def handle_source_event(self, event: Any) -> None:
        self.log.append(("event", event))

    def describe_position(self, value: Any) -> str | None:
        return f"list, row {value}"

    def close(self) -> None:
        self.log.append("close")


class PausingReader(ListReader):
    """Can pause single splits."""

    def pause_splits(self, pause: Sequence[str], resume: Sequence[str]) -> None:
        self.log.append(("pause", tuple(pause), tuple(resume)))
        self.paused = self.paused - set(resume) | set(pause)


class ListSource(Source):
    """Hands out readers that the test can reach."""

    def __init__(self, reader: ListReader | None = None) -> None:
        self.reader = reader or ListReader()

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        raise AssertionError("not at the coordinator")

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return self.reader


class Bench:
    """A source operator in its harness."""

    def __init__(
        self,
        strategy: WatermarkStrategy | None = None,
        reader: ListReader | None = None,
        output_type: Any = None,
        **settings: Any,
    ) -> None:
        self.source = ListSource(reader)
        self.reader = self.source.reader
        self.harness = Harness(SourceSpec(self.source, strategy, output_type), **settings)
        self.operator = self.harness.operator

    def add(self, **splits: tuple[Any, ...]) -> None:
        self.operator.add_splits([ListSplit(name, rows) for name, rows in splits.items()])

    def give(self, split_id: str, *rows: Any, at: list[int] | None = None) -> None:
        """The reader gives these rows next."""
        self.reader.script.append(SplitBatch(split_id, RowBatch(list(rows), at)))
        assert self.operator.poll(100) is SourcePoll.EMITTED

    def nothing(self) -> None:
        """The reader has nothing for now."""
        self.reader.script.append(None)
        assert self.operator.poll(100) is SourcePoll.NOTHING_YET

    def poll_all(self, rows_max: int = 100) -> None:
        while self.operator.poll(rows_max) is SourcePoll.EMITTED:
            pass


def by_value() -> WatermarkStrategy:
    return WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(lambda v: v)


# --- splits ------------------------------------------------------------------------------------


def test_it_asks_once_for_a_split_when_it_has_none() -> None:
    bench = Bench()
    assert bench.operator.poll(10) is SourcePoll.NOTHING_YET
    assert bench.operator.poll(10) is SourcePoll.NOTHING_YET
    assert bench.harness.context.split_requests == 1


def test_it_asks_again_when_its_splits_are_finished() -> None:
    bench = Bench()
    bench.add(a=(1, 2), b=(3,))
    bench.poll_all()
    assert bench.harness.values == [1, 2, 3]
    assert bench.harness.context.split_requests == 1


def test_it_ends_when_there_are_no_more_splits() -> None:
    bench = Bench()
    bench.add(a=(1,))
    bench.operator.no_more_splits()
    assert bench.operator.poll(10) is SourcePoll.EMITTED
    assert bench.operator.poll(10) is SourcePoll.END
    assert bench.harness.context.split_requests == 0


def test_a_subtask_that_gets_no_split_ends_too() -> None:
    bench = Bench()
    bench.operator.no_more_splits()
    assert bench.operator.poll(10) is SourcePoll.END


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7), st.integers(0, 6))
def test_a_restore_reads_each_row_once(rows: list[int], rows_max: int, polls: int) -> None:
    before = Bench()
    before.add(a=tuple(rows), b=(1, 2, 3))
    for _ in range(polls):
        before.operator.poll(rows_max)
    after = Bench(restore=[before.harness.snapshot(1)])
    after.operator.no_more_splits()
    after.poll_all(rows_max)
    assert before.harness.values + after.harness.values == [*rows, 1, 2, 3]


def test_restored_splits_are_dealt_out_on_rescaling() -> None:
    before = Bench()
    before.add(a=(1,), b=(2,), c=(3,))
    snapshot = before.harness.snapshot(1)
    found = []
    for subtask in range(2):
        after = Bench(parallelism=2, subtask=subtask, restore=[snapshot])
        after.poll_all()
        found += after.harness.values
    assert sorted(found) == [1, 2, 3]


def test_the_reader_hears_of_checkpoints_and_events_and_is_closed_once() -> None:
    bench = Bench()
    bench.operator.notify_checkpoint_complete(3)
    bench.operator.handle_coordinator_event("hello")
    assert bench.operator.describe_position(7) == "list, row 7"
    bench.harness.close()
    bench.harness.close()
    assert bench.reader.log == [("complete", 3), ("event", "hello"), "close"]
    assert bench.operator.describe_position(7) is None


def test_rejected_records_go_to_their_side_output() -> None:
    bench = Bench()
    bench.add(a=(1,))
    rejected = RejectedRecord("file", 0, 1, "broken", b"x")
    bench.reader.script.append(SplitBatch("a", None, rejected=(rejected,)))
    bench.operator.poll(10)
    assert bench.harness.side(REJECTED_RECORDS_TAG) == [rejected]


def test_batches_that_are_not_rows_pass() -> None:
    class Columns(Batch):
        @property
        def row_count(self) -> int:
            return 2

    bench = Bench(by_value())
    bench.add(a=())
    columns = Columns()
    bench.reader.script.append(SplitBatch("a", columns))
    bench.operator.poll(10)
    assert bench.harness.batches == [columns]


# --- records -----------------------------------------------------------------------------------


def test_records_take_the_form_of_the_declared_type() -> None:
    bench = Bench(output_type=Types.DOUBLE())
    bench.add(a=(1, 2.5))
    bench.poll_all()
    assert bench.harness.values == [1.0, 2.5]
    assert all(type(value) is float for value in bench.harness.values)


def test_a_record_of_another_type_is_an_error() -> None:
    bench = Bench(output_type=Types.INT())
    bench.add(a=("seven",))
    with pytest.raises(TypeMismatchError, match="declared as Integer, found str 'seven'"):
        bench.operator.poll(10)


def test_timestamps_of_the_source_stay_without_an_assigner() -> None:
    bench = Bench(WatermarkStrategy.for_monotonous_timestamps())
    bench.add(a=())
    bench.give("a", "x", at=[5])
    bench.harness.advance_to(200)
    assert bench.harness.records == [("x", 5)]
    assert bench.harness.watermarks == [4]


def test_the_assigner_replaces_them() -> None:
    bench = Bench(by_value())
    bench.add(a=())
    bench.give("a", 7, at=[5])
    assert bench.harness.records == [(7, 7)]


def test_a_wrong_timestamp_is_refused() -> None:
    strategy = WatermarkStrategy.no_watermarks().with_timestamp_assigner(lambda v: None)
    bench = Bench(strategy)
    bench.add(a=(1,))
    with pytest.raises(ProgramError, match="timestamp assigner of operator 'operator' gave None"):
        bench.operator.poll(10)


# --- watermarks --------------------------------------------------------------------------------


def test_without_a_strategy_nothing_is_scheduled() -> None:
    for strategy in (None, WatermarkStrategy.no_watermarks()):
        assert Bench(strategy).harness.context.scheduled == []


def test_the_slowest_split_holds_the_watermark() -> None:
    bench = Bench(by_value())
    bench.add(a=(), b=())
    bench.give("a", 100)
    bench.harness.advance_to(200)
    assert bench.harness.watermarks == []
    bench.give("b", 30)
    bench.harness.advance_to(400)
    assert bench.harness.watermarks == [29]
    bench.give("b", 500)
    bench.harness.advance_to(600)
    assert bench.harness.watermarks == [29, 99]


def test_a_finished_split_holds_nothing_back() -> None:
    bench = Bench(by_value())
    bench.add(a=(), b=())
    bench.give("a", 100)
    bench.reader.script.append(SplitBatch("b", None, finished=True))
    bench.operator.poll(10)
    bench.harness.advance_to(200)
    assert bench.harness.watermarks == [99]


def test_a_new_split_never_takes_the_watermark_back() -> None:
    bench = Bench(by_value())
    bench.add(a=())
    bench.give("a", 100)
    bench.harness.advance_to(200)
    bench.add(b=())
    bench.give("b", 10)
    bench.give("a", 300)
    bench.harness.advance_to(400)
    bench.give("b", 250)
    bench.harness.advance_to(600)
    assert bench.harness.watermarks == [99, 249]


def test_batch_mode_makes_no_watermark_before_the_end() -> None:
    bench = Bench(by_value(), is_batch=True)
    bench.add(a=(1, 2))
    bench.poll_all()
    bench.harness.advance_to(1000)
    assert bench.harness.watermarks == []


def test_after_the_last_watermark_there_is_no_other() -> None:
    bench = Bench(by_value())
    bench.add(a=())
    bench.give("a", 100)
    bench.operator.process_watermark(MAX_WATERMARK)
    bench.harness.advance_to(1000)
    assert bench.harness.watermarks == [MAX_WATERMARK]


class Markers(WatermarkGenerator):
    """Trusts negative records only: they carry a watermark."""

    def on_event(self, event: int, event_timestamp: int, output: Any) -> None:
        if event < 0:
            output.emit_watermark(-event)

    def on_periodic_emit(self, output: Any) -> None:
        pass


def test_a_punctuated_watermark_stands_right_after_its_record() -> None:
    bench = Bench(WatermarkStrategy.for_generator(Markers))
    bench.add(a=())
    bench.give("a", 1, -5, 2, -4, -7)
    assert bench.harness.flow == [[1, -5], ("watermark", 5), [2, -4, -7], ("watermark", 7)]


def test_a_punctuated_watermark_waits_for_the_other_splits() -> None:
    bench = Bench(WatermarkStrategy.for_generator(Markers))
    bench.add(a=(), b=())
    bench.give("a", 1, -5, 2)
    bench.give("b", -3, 4)
    assert bench.harness.flow == [[1, -5, 2], [-3], ("watermark", 3), [4]]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 99), st.booleans()), max_size=30))
def test_the_watermark_is_the_minimum_over_the_splits(steps: list[Any]) -> None:
    bench = Bench(by_value())
    bench.add(a=(), b=(), c=())
    newest = dict.fromkeys("abc", 0)
    expected: list[int] = []
    for number, (split, time, ticks) in enumerate(steps):
        bench.give(split, time)
        newest[split] = max(newest[split], time)
        if ticks:
            bench.harness.advance_to(200 * (number + 1))
            reached = min(newest.values()) - 1
            if reached >= 0 and reached > max(expected, default=-1):
                expected.append(reached)
    assert bench.harness.watermarks[: len(expected)] == expected


# --- idleness ----------------------------------------------------------------------------------


def idle_after(milliseconds: int, **settings: Any) -> Bench:
    return Bench(by_value().with_idleness(Duration.of_millis(milliseconds)), **settings)


def test_a_silent_split_stops_holding_the_others_back() -> None:
    bench = idle_after(600)
    bench.add(a=(), b=())
    for time in range(200, 1001, 200):
        bench.give("a", time)
        bench.nothing()
        bench.harness.advance_to(time)
    assert bench.harness.watermarks[-1] == 999
    assert ("status", True) not in bench.harness.flow


def test_when_all_splits_are_silent_the_source_is_idle_until_a_record_comes() -> None:
    bench = idle_after(400)
    bench.add(a=())
    bench.give("a", 10)
    bench.nothing()
    bench.harness.advance_to(600)
    assert bench.harness.flow == [[10], ("watermark", 9), ("status", True)]
    bench.give("a", 20)
    assert bench.harness.flow[3:] == [("status", False), [20]]


def test_a_reader_without_splits_is_idle_after_the_timeout() -> None:
    bench = idle_after(400)
    bench.operator.poll(10)
    bench.harness.advance_to(400)
    assert bench.harness.flow == [("status", True)]
    bench.add(a=())
    bench.give("a", 10)
    assert bench.harness.flow[1:] == [("status", False), [10]]


def test_a_reader_for_which_there_is_nothing_is_idle_at_once() -> None:
    bench = Bench(WatermarkStrategy.for_monotonous_timestamps())
    bench.operator.handle_coordinator_event(NoSplitsForNow())
    assert bench.harness.flow == [("status", True)]
    assert bench.reader.log == []
    bench.add(a=())
    bench.give("a", 10)
    assert bench.harness.flow[1:] == [("status", False), [10]]


def test_time_without_room_in_the_outputs_is_not_silence() -> None:
    bench = idle_after(400)
    bench.add(a=())
    bench.give("a", 10)
    bench.harness.advance_to(60_000)
    assert ("status", True) not in bench.harness.flow


# --- alignment ---------------------------------------------------------------------------------


def aligned(reader: ListReader) -> Bench:
    strategy = by_value().with_watermark_alignment("group", Duration.of_millis(10))
    bench = Bench(strategy, reader)
    bench.add(a=(), b=())
    bench.give("a", 100)
    bench.give("b", 10)
    bench.harness.advance_to(200)
    return bench


def test_splits_ahead_of_their_group_are_paused_and_resumed() -> None:
    bench = aligned(PausingReader())
    bench.operator.align_watermark("group", 50)
    bench.operator.align_watermark("group", 60)
    bench.operator.align_watermark("group", 99)
    assert bench.reader.log == [("pause", ("a",), ()), ("pause", (), ("a",))]


def test_other_groups_do_not_matter() -> None:
    bench = aligned(PausingReader())
    bench.operator.align_watermark("other", 0)
    assert bench.reader.log == []


def test_a_paused_split_does_not_become_idle() -> None:
    strategy = by_value().with_watermark_alignment("group", Duration.of_millis(10))
    bench = Bench(strategy.with_idleness(Duration.of_millis(400)), PausingReader())
    bench.add(a=())
    bench.give("a", 100)
    bench.harness.advance_to(200)
    bench.operator.align_watermark("group", 50)
    bench.nothing()
    bench.harness.advance_to(5000)
    assert ("status", True) not in bench.harness.flow


def test_a_reader_that_cannot_pause_is_held_once_all_splits_are_ahead() -> None:
    bench = aligned(ListReader())
    bench.operator.align_watermark("group", 50)
    bench.give("b", 80)
    bench.harness.advance_to(400)
    bench.operator.align_watermark("group", 50)
    bench.reader.script.append(SplitBatch("a", RowBatch([200])))
    assert bench.operator.poll(10) is SourcePoll.NOTHING_YET
    bench.operator.align_watermark("group", 90)
    assert bench.operator.poll(10) is SourcePoll.EMITTED
    assert bench.harness.values[-1] == 200


def test_it_tells_how_far_it_is_for_its_group() -> None:
    strategy = by_value().with_watermark_alignment("group", Duration.of_millis(10))
    bench = Bench(strategy.with_idleness(Duration.of_millis(400)))
    bench.add(a=())
    bench.give("a", 100)
    bench.harness.advance_to(200)
    alignment, watermark = bench.operator.alignment_progress
    assert (alignment.group, alignment.max_drift_ms, watermark) == ("group", 10, 99)
    bench.nothing()
    bench.harness.advance_to(1000)
    assert bench.operator.alignment_progress == (alignment, None)


def test_without_a_group_there_is_nothing_to_tell() -> None:
    assert Bench(by_value()).operator.alignment_progress is None
    assert Bench().operator.alignment_progress is None


def test_the_spec_is_a_value_that_names_its_source() -> None:
    source = ListSource()
    spec = SourceSpec(source=source, watermark_strategy=None)
    assert spec.source is source
    assert (spec.kind, spec.meaning) == ("Source", "ListSource")
    assert isinstance(cloudpickle.loads(cloudpickle.dumps(spec)).source, Source)
