"""Outputs of a chain: the last watermark comes behind all records."""

from __future__ import annotations

from typing import Any

from flott.core.batch import Batch, RowBatch
from flott.core.element import MAX_WATERMARK
from flott.runtime.task.chain import ChainOutput
from flott.runtime.task.isolation import share


class Seen:
    records = 0

    def __init__(self) -> None:
        self.events: list[Any] = []

    def emit(self, batch: Batch) -> None:
        assert isinstance(batch, RowBatch)
        self.events += batch.values

    def emit_watermark(self, timestamp: int) -> None:
        self.events.append(("watermark", timestamp))

    def emit_status(self, idle: bool) -> None:
        self.events.append(("idle", idle))


def test_the_last_watermark_waits_for_what_comes_at_the_end() -> None:
    seen, side = Seen(), Seen()
    output = ChainOutput([seen], {"side": [side]}, share)
    output.emit_watermark(5)
    output.emit_watermark(MAX_WATERMARK)
    output.emit(RowBatch(["at the end"]))
    assert seen.events == [("watermark", 5), "at the end"]
    output.release_last_watermark()
    output.release_last_watermark()
    assert seen.events[2:] == [("watermark", MAX_WATERMARK)]
    assert side.events == [("watermark", 5), ("watermark", MAX_WATERMARK)]


def test_an_end_without_a_last_watermark_makes_none() -> None:
    seen = Seen()
    ChainOutput([seen], {}, share).release_last_watermark()
    assert seen.events == []
