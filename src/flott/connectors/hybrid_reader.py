"""The reader of a hybrid source: one per subtask, around the reader of the current source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flott.connectors.hybrid_messages import (
    HybridSplit,
    InnerEvent,
    SourceEnds,
    SourceFinished,
    SwitchSource,
)
from flott.core.context import OperatorContext
from flott.core.delegation import DelegatingContext
from flott.core.source import SourceReader, SplitBatch


class HybridReader(SourceReader):
    """Reads the current source of the sequence, and keeps splits of sources still to come.

    Args:
        context: The task around it.
    """

    def __init__(self, context: OperatorContext) -> None:
        self._context = context
        self._index = -1
        self._inner: SourceReader | None = None
        self._open: set[str] = set()
        self._early: list[HybridSplit] = []
        self._has_ended = False

    def add_splits(self, splits: Sequence[HybridSplit]) -> None:
        for split in splits:
            if self._inner is not None and split.index == self._index:
                self._open.add(split.inner.split_id)
                self._inner.add_splits([split.inner])
            else:
                # Restored, or sent right behind the switch: the reader comes with that.
                self._early.append(split)

    def poll(self, rows_max: int) -> SplitBatch | None:
        if self._inner is None:
            return None
        found = self._inner.poll(rows_max)
        if found is None:
            return None
        prefix = f"{self._index}:"
        if found.finished:
            self._open.discard(found.split_id)
            self._tell_if_finished()
        parts = [(prefix + split_id, rows) for split_id, rows in found.parts]
        return replace(found, split_id=prefix + found.split_id, parts=parts)

    def snapshot(self, checkpoint_id: int) -> list[HybridSplit]:
        inner = [] if self._inner is None else self._inner.snapshot(checkpoint_id)
        return [HybridSplit(self._index, split) for split in inner] + self._early

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        if self._inner is not None:
            self._inner.notify_checkpoint_complete(checkpoint_id)

    def handle_source_event(self, event: Any) -> None:
        if isinstance(event, SwitchSource):
            self._switch(event)
        elif isinstance(event, SourceEnds) and event.index == self._index:
            self._has_ended = True
            self._tell_if_finished()
        elif isinstance(event, InnerEvent) and event.index == self._index:
            assert self._inner is not None
            self._inner.handle_source_event(event.event)

    def pause_splits(self, pause: Sequence[str], resume: Sequence[str]) -> None:
        if self._inner is not None:
            prefix = f"{self._index}:"
            self._inner.pause_splits(
                [each.removeprefix(prefix) for each in pause],
                [each.removeprefix(prefix) for each in resume],
            )

    def describe_position(self, value: Any) -> str | None:
        return None if self._inner is None else self._inner.describe_position(value)

    def close(self) -> None:
        if self._inner is not None:
            self._inner.close()

    def _switch(self, event: SwitchSource) -> None:
        assert event.index >= self._index, "sources are read in order"
        if self._inner is not None:
            if event.index == self._index:
                return
            self._inner.close()
        self._index = event.index
        self._has_ended = False
        self._open.clear()
        self._inner = event.source.create_reader(_InnerContext(self._context, event.index))
        early, self._early = self._early, []
        self.add_splits(early)
        self._context.wake()

    def _tell_if_finished(self) -> None:
        if self._has_ended and not self._open:
            self._has_ended = False
            self._context.send_to_coordinator(SourceFinished(self._index))


class _InnerContext(DelegatingContext):
    """The task as the reader of one source sees it: its events carry the index of the source."""

    def __init__(self, outer: OperatorContext, index: int) -> None:
        super().__init__(outer)
        self._index = index

    def send_to_coordinator(self, event: Any) -> None:
        super().send_to_coordinator(InnerEvent(self._index, event))
