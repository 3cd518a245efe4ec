from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.time import Duration
from flott.connectors.collection import CollectionSource
from flott.connectors.datagen import DataGeneratorSource
from flott.connectors.files.source import FileSource
from flott.connectors.hybrid import HybridSource
from flott.connectors.hybrid_messages import HybridSplit
from flott.connectors.number_sequence import NumberSequenceSource
from flott.core.source import Boundedness, EnumeratorContext, Source, SplitEnumerator
from flott.formats.stream_format import StreamFormat
from flott.testing.connectors import SourceJob, check_source


def numbers(start: int, end: int) -> NumberSequenceSource:
    return NumberSequenceSource(start, end)


def chain(*sources: Source) -> HybridSource:
    builder = HybridSource.builder(sources[0])
    for source in sources[1:]:
        builder.add_source(source)
    return builder.build()


def test_sources_are_read_one_after_the_other() -> None:
    source = chain(numbers(1, 3), CollectionSource([4, 5]), numbers(6, 7))
    assert SourceJob(source).finish() == [1, 2, 3, 4, 5, 6, 7]


def test_no_reader_begins_before_all_have_finished() -> None:
    job = SourceJob(chain(numbers(1, 20), numbers(100, 120)), parallelism=3)
    job.finish(rows_max=2)
    assert max(job.records[:20]) == 20
    assert len(job.records) == 41


@given(data=st.data(), sizes=st.lists(st.integers(1, 12), min_size=1, max_size=4))
def test_each_record_comes_once_whatever_happens(data: st.DataObject, sizes: list[int]) -> None:
    kinds = [data.draw(st.booleans()) for _ in sizes]
    values = [[f"{step}:{n}" for n in range(size)] for step, size in enumerate(sizes)]
    sources = [
        CollectionSource(each) if is_list else DataGeneratorSource(Label(step), len(each))
        for step, (each, is_list) in enumerate(zip(values, kinds, strict=True))
    ]
    check_source(data, chain(*sources), [v for each in values for v in each])


class Label:
    def __init__(self, step: int) -> None:
        self.step = step

    def __call__(self, n: int) -> str:
        return f"{self.step}:{n}"


@settings(deadline=None)
@given(data=st.data())
def test_history_from_files_then_live(tmp_path_factory: Any, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("in")
    for n in range(5):
        (folder / str(n)).write_text(f"{n}a\n{n}b\n")
    files = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(folder))
    live = CollectionSource(["x", "y"])
    history = [f"{n}{letter}" for n in range(5) for letter in "ab"]
    check_source(data, chain(files.build(), live), [*history, "x", "y"])


def go_on_after(former: SplitEnumerator) -> Source:
    assert former.snapshot(0) == []
    return numbers(11, 12)


def test_the_next_source_may_be_made_from_where_the_former_ended() -> None:
    builder = HybridSource.builder(numbers(1, 2)).add_source(go_on_after, Boundedness.BOUNDED)
    job = SourceJob(builder.build())
    for _ in range(6):
        job.step(0, 1)
    job.take_checkpoint()
    job.crash(1)
    assert job.finish() == [1, 2, 11, 12]


class Looking(NumberSequenceSource):
    """Looks for something again and again, and notes when it hears of it."""

    heard: list[Any] = []

    def create_enumerator(self, context: EnumeratorContext, restored: Any) -> SplitEnumerator:
        context.call_periodically(lambda: "found", self.heard.append, 0, 1000)
        return super().create_enumerator(context, restored)


def test_a_former_source_hears_nothing_any_more() -> None:
    job = SourceJob(chain(Looking(1, 2), numbers(3, 9)))
    job.pass_time(1000)
    heard = len(Looking.heard)
    assert heard > 0
    while len(job.records) < 4:
        job.step(0, 1)
    job.pass_time(1000)
    assert len(Looking.heard) == heard


def test_the_last_source_may_go_on_for_ever(tmp_path: Path) -> None:
    files = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(tmp_path))
    live = files.monitor_continuously(Duration.of_seconds(1)).build()
    source = chain(numbers(1, 2), live)
    assert source.boundedness is Boundedness.CONTINUOUS_UNBOUNDED
    job = SourceJob(source)
    for _ in range(4):
        job.step(0, 10)
    (tmp_path / "a").write_text("new")
    job.pass_time(1000)
    job.step(0, 10)
    assert job.records == [1, 2, "new"]


def test_splits_carry_the_number_of_their_source() -> None:
    job = SourceJob(chain(numbers(1, 1), numbers(3, 4)))
    while len(job.records) < 2:
        job.step(0, 1)
    (split,) = job.tasks[0].reader.snapshot(1)
    assert isinstance(split, HybridSplit)
    assert split.split_id == "1:0"


def test_positions_and_pauses_reach_the_inner_reader(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x\ny\n")
    files = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(tmp_path))
    job = SourceJob(chain(files.build(), numbers(1, 1)))
    job.step(0, 1)
    reader = job.tasks[0].reader
    assert reader.describe_position(job.records[0]) == f"{tmp_path / 'a'}, line 1"
    split_id = f"0:{tmp_path / 'a'}@0"
    reader.pause_splits([split_id], [])
    assert not job.step(0, 1)
    reader.pause_splits([], [split_id])
    assert job.finish() == ["x", "y", 1]


def test_chains_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="Nothing can follow"):
        HybridSource.builder(DataGeneratorSource(str)).add_source(numbers(1, 2))
    with pytest.raises(ValueError, match="Say with boundedness"):
        HybridSource.builder(numbers(1, 2)).add_source(go_on_after)
    with pytest.raises(TypeError, match="Expected a source or a function"):
        HybridSource.builder(numbers(1, 2)).add_source(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected a source"):
        HybridSource.builder("files")  # type: ignore[arg-type]
