from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.errors import SourceError
from flott.connectors.files.open_store import open_store
from flott.connectors.files.read_ahead import ReadAheadCursor
from flott.connectors.files.source import FileSource
from flott.connectors.number_sequence import NumberSplit
from flott.connectors.split_reader import SplitCursor
from flott.core.batch import RowBatch
from flott.core.blocking import BlockingCalls
from flott.core.source import SplitBatch
from flott.formats.stream_format import StreamFormat
from flott.testing.connectors import SourceJob, check_source
from tests.connectors.files.test_arrow_store import fresh_uri, put


class HeldCalls(BlockingCalls):
    """Runs calls when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.calls.append((call, done))

    def run(self) -> None:
        calls, self.calls = self.calls, []
        for call, done in calls:
            try:
                result = call()
            except Exception as error:
                result = error
            done(result)


class Counting(SplitCursor):
    """Gives 0, 1, 2, ... up to 5."""

    def __init__(self) -> None:
        self.next = 0
        self.is_closed = False

    def read(self, rows_max: int) -> SplitBatch:
        stop = min(self.next + rows_max, 5)
        values: list[Any] = list(range(self.next, stop))
        self.next = stop
        return SplitBatch("s", RowBatch(values), stop == 5)

    def split(self) -> NumberSplit:
        return NumberSplit("s", self.next, 5)

    def close(self) -> None:
        self.is_closed = True


def ahead() -> tuple[ReadAheadCursor, Counting, HeldCalls, list[str]]:
    inner, calls, wakes = Counting(), HeldCalls(), []
    cursor = ReadAheadCursor(inner, "s3://b/a", calls, lambda: wakes.append("wake"))
    return cursor, inner, calls, wakes


def test_nothing_is_there_until_the_store_has_answered() -> None:
    cursor, _, calls, wakes = ahead()
    assert cursor.read(2) is None
    assert cursor.read(2) is None
    assert len(calls.calls) == 1
    calls.run()
    assert wakes == ["wake"]
    found = cursor.read(2)
    assert found is not None
    assert found.batch == RowBatch([0, 1])


def test_a_snapshot_holds_what_was_handed_out() -> None:
    cursor, inner, calls, _ = ahead()
    cursor.read(2)
    calls.run()
    assert (inner.split().start, cursor.split().start) == (2, 0)
    cursor.read(2)
    calls.run()
    assert (inner.split().start, cursor.split().start) == (4, 2)


def test_after_the_end_nothing_more_is_asked() -> None:
    cursor, _, calls, _ = ahead()
    cursor.read(9)
    calls.run()
    found = cursor.read(9)
    assert found is not None
    assert found.finished
    assert calls.calls == []


def test_errors_arrive_with_the_next_read() -> None:
    cursor, inner, calls, _ = ahead()
    inner.read = lambda rows_max: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    cursor.read(2)
    calls.run()
    with pytest.raises(ZeroDivisionError):
        cursor.read(2)


def test_a_cursor_in_use_is_closed_when_its_call_is_over() -> None:
    cursor, inner, calls, _ = ahead()
    cursor.read(2)
    cursor.close()
    assert not inner.is_closed
    calls.run()
    assert inner.is_closed


def test_an_idle_cursor_is_closed_at_once() -> None:
    cursor, inner, _, _ = ahead()
    assert cursor.describe_position(0) == "s3://b/a"
    cursor.close()
    assert inner.is_closed


def lines_of(uri: str) -> FileSource:
    return FileSource.for_record_stream_format(StreamFormat.text_line_format(), uri).build()


@settings(deadline=None, max_examples=50)
@given(data=st.data(), count=st.integers(0, 40))
def test_each_line_of_a_slow_store_comes_once_whatever_happens(
    data: st.DataObject, count: int
) -> None:
    uri = fresh_uri()
    put(f"{uri}/a", "".join(f"{n}\n" for n in range(count)))
    small = {"source.file.stream.io-fetch-size": "7 bytes"}
    check_source(data, lines_of(uri), [str(n) for n in range(count)], small)


def test_the_first_turn_on_a_slow_store_gives_nothing() -> None:
    uri = fresh_uri()
    put(f"{uri}/a", "x\n")
    job = SourceJob(lines_of(uri))
    assert not job.step(0, 5)
    assert job.finish() == ["x"]


def test_a_file_that_vanished_from_a_slow_store_is_named() -> None:
    uri = fresh_uri()
    put(f"{uri}/a", "x\n")
    job = SourceJob(lines_of(uri))
    open_store(uri).delete(f"{uri}/a")
    with pytest.raises(SourceError, match="/a is gone"):
        job.finish()
