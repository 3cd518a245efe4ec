"""The operator of a ``ManualSource``: the real source operator, and pushed watermarks beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.delegation import DelegatingSourceOperator
from flott.core.element import MIN_WATERMARK
from flott.core.operator import OperatorSpec, SourceOperator, SourcePoll
from flott.core.output import Output
from flott.core.source import EnumeratorContext, Source, SourceReader, SplitEnumerator
from flott.operators.source import SourceSpec
from flott.testing.harness.manual_source import (
    ManualIdle,
    ManualReader,
    ManualSource,
    ManualWatermark,
)


@dataclass(frozen=True, slots=True)
class ManualSourceSpec(OperatorSpec):
    """Reads a manual source.

    Attributes:
        source: The source.
        watermark_strategy: The program's own, applied to the records.
        output_type: The declared type of the records.
    """

    source: Source = field()  # a slot of its own hides the property of the base
    watermark_strategy: WatermarkStrategy | None = None
    output_type: Any = None

    def build(self) -> ManualSourceOperator:
        assert isinstance(self.source, ManualSource)
        return ManualSourceOperator(self.source, self.watermark_strategy, self.output_type)

    @property
    def kind(self) -> str:
        return "Source"


class _Tap(Source):
    """The manual source as the inner operator sees it; keeps the reader at hand."""

    def __init__(self, source: ManualSource) -> None:
        self.reader: ManualReader | None = None
        self._source = source
        self.boundedness_of = source.boundedness

    @property
    def boundedness(self) -> Any:
        return self.boundedness_of

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        raise AssertionError("the coordinator asks the source itself")

    def create_reader(self, context: OperatorContext) -> SourceReader:
        self.reader = self._source.create_reader(context)
        return self.reader


class _RisingWatermarks(Output):
    """Watermarks of the strategy and pushed ones, as far as they rise."""

    __slots__ = ("_output", "_watermark")

    def __init__(self, output: Output) -> None:
        self._output = output
        self._watermark = MIN_WATERMARK

    def emit(self, batch: Batch) -> None:
        self._output.emit(batch)

    def emit_side(self, tag_id: str, batch: Batch) -> None:
        self._output.emit_side(tag_id, batch)

    def emit_watermark(self, timestamp: int) -> None:
        if timestamp > self._watermark:
            self._watermark = timestamp
            self._output.emit_watermark(timestamp)

    def emit_status(self, idle: bool) -> None:
        self._output.emit_status(idle)


class ManualSourceOperator(DelegatingSourceOperator):
    """See the module."""

    def __init__(
        self, source: ManualSource, strategy: WatermarkStrategy | None, output_type: Any
    ) -> None:
        self._tap = _Tap(source)
        inner = SourceSpec(self._tap, strategy, output_type).build()
        assert isinstance(inner, SourceOperator)
        super().__init__(inner)
        self._is_idle = False

    def open(self, context: OperatorContext, output: Output) -> None:
        rising = _RisingWatermarks(output)
        super().open(context, rising)
        split = self._reader.split
        if split is not None and split.watermark > MIN_WATERMARK:
            context.run_in_task(lambda: rising.emit_watermark(split.watermark))

    @property
    def _reader(self) -> ManualReader:
        assert self._tap.reader is not None
        return self._tap.reader

    def poll(self, rows_max: int) -> SourcePoll:
        entry = self._reader.peek()
        if isinstance(entry, ManualWatermark):
            self._reader.advance(entry.timestamp)
            self.output.emit_watermark(entry.timestamp)
            return SourcePoll.EMITTED
        if isinstance(entry, ManualIdle):
            self._reader.advance()
            self._set_idle(True)
            return SourcePoll.EMITTED
        if entry is not None:
            self._set_idle(False)
        return super().poll(rows_max)

    def _set_idle(self, idle: bool) -> None:
        if idle is not self._is_idle:
            self._is_idle = idle
            self.output.emit_status(idle)
