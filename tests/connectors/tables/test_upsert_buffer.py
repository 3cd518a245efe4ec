"""Rows kept back before they are written: the last change of each key, for a while."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flott.connectors.tables.upsert_buffer import UpsertBufferSink
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from tests.connectors.fakes import FakeContext

KINDS = ["+I", "-U", "+U", "-D"]
Change = tuple[Any, ...]


class ListWriter(SinkWriter):
    """Keeps what it is given, and what it is told."""

    def __init__(self) -> None:
        self.batches: list[list[Change]] = []
        self.calls: list[Any] = []

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, ColumnBatch)
        kinds = [0] * batch.row_count if batch.kinds is None else batch.kinds.to_list()
        rows = batch.frame.rows()
        self.batches.append([(KINDS[kind], *row) for kind, row in zip(kinds, rows, strict=True)])

    def flush(self, end_of_input: bool) -> None:
        self.calls.append(("flush", end_of_input))

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        return [checkpoint_id]

    def close(self) -> None:
        self.calls.append("close")


class ListSink(Sink):
    """Has one writer."""

    def __init__(self) -> None:
        self.writer = ListWriter()

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return self.writer


class Buffering:
    """A buffer of two-column rows by their first column."""

    def __init__(self, rows_max: int = 100, interval_ms: int = 1000) -> None:
        self.sink = ListSink()
        self.context = FakeContext()
        buffer = UpsertBufferSink(self.sink, (0,), rows_max, interval_ms)
        self.writer = buffer.create_writer(self.context, [], None)
        self.inner = self.sink.writer

    def write(self, *changes: Change) -> None:
        frame = pl.DataFrame([change[1:] for change in changes], ["f0", "f1"], orient="row")
        kinds = pl.Series([KINDS.index(change[0]) for change in changes], dtype=pl.Int8)
        self.writer.write(ColumnBatch(frame, kinds if kinds.max() else None))


def test_nothing_is_written_before_its_time() -> None:
    buffering = Buffering()
    buffering.write(("+I", 1, 10))
    assert buffering.inner.batches == []


def test_last_change_of_each_key_is_written_when_there_are_enough() -> None:
    buffering = Buffering(rows_max=3)
    buffering.write(("+I", 1, 10), ("+I", 2, 20))
    buffering.write(("-U", 1, 10), ("+U", 1, 11))
    assert buffering.inner.batches == []
    buffering.write(("+I", 3, 30))
    assert buffering.inner.batches == [[("+I", 2, 20), ("+I", 1, 11), ("+I", 3, 30)]]


def test_time_writes_what_was_kept() -> None:
    buffering = Buffering(interval_ms=500)
    buffering.write(("+I", 1, 10))
    buffering.context.advance(499)
    assert buffering.inner.batches == []
    buffering.context.advance(1)
    buffering.write(("+I", 2, 20))
    buffering.context.advance(500)
    assert buffering.inner.batches == [[("+I", 1, 10)], [("+I", 2, 20)]]


def test_checkpoint_writes_what_was_kept() -> None:
    buffering = Buffering()
    buffering.write(("+I", 1, 10))
    buffering.writer.flush(False)
    assert buffering.inner.batches == [[("+I", 1, 10)]]
    assert buffering.inner.calls == [("flush", False)]
    assert (buffering.writer.prepare_commit(7), buffering.writer.snapshot(7)) == ([7], [])


def test_deleted_rows_stay_deleted() -> None:
    buffering = Buffering()
    buffering.write(("+I", 1, 10), ("-D", 1, 10), ("+I", 2, 20), ("-U", 3, 30))
    buffering.writer.flush(True)
    assert buffering.inner.batches == [[("-D", 1, 10), ("+I", 2, 20), ("-D", 3, 30)]]


def test_closed_writer_writes_no_more() -> None:
    buffering = Buffering()
    buffering.write(("+I", 1, 10))
    buffering.writer.close()
    buffering.context.advance(5000)
    assert (buffering.inner.batches, buffering.inner.calls) == ([], ["close"])


changes = st.tuples(st.sampled_from(["+I", "-D"]), st.integers(0, 3), st.integers(0, 9))


@given(st.lists(st.lists(changes, min_size=1, max_size=4), max_size=6), st.integers(1, 5))
def test_table_is_the_same_as_without_a_buffer(batches: list[list[Change]], rows: int) -> None:
    buffering = Buffering(rows_max=rows)
    for batch in batches:
        buffering.write(*batch)
    buffering.writer.flush(True)
    written = [change for batch in buffering.inner.batches for change in batch]
    assert last_rows(written) == last_rows([change for batch in batches for change in batch])


def last_rows(found: list[Change]) -> dict[Any, Any]:
    """The row of each key that is there in the end."""
    last = {key: (kind, value) for kind, key, value in found}
    return {key: value for key, (kind, value) in last.items() if kind in ("+I", "+U")}
