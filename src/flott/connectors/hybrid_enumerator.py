"""The half of a hybrid source at the coordinator: it says which source is read now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flott.connectors.hybrid_messages import (
    HybridSplit,
    HybridState,
    InnerEvent,
    SourceEnds,
    SourceFinished,
    SwitchSource,
)
from flott.core.source import EnumeratorContext, NoSplitsForNow, Source, SplitEnumerator

#: Makes the next source; it is given the enumerator of the one before.
SourceFactory = Callable[[SplitEnumerator], Source]


class HybridEnumerator(SplitEnumerator):
    """The half at the coordinator.

    Args:
        context: The coordinator.
        steps: The sources, or what makes them.
        restored: State to go on from.
    """

    def __init__(
        self,
        context: EnumeratorContext,
        steps: Sequence[Source | SourceFactory],
        restored: HybridState | None,
    ) -> None:
        self._context = context
        self._steps = steps
        self._readers: set[int] = set()
        # Who asked for a split and got none since; a reader asks once and then waits.
        self._asking: dict[int, None] = {}
        self._finished: set[int] = set()
        if restored is None:
            first = steps[0]
            assert isinstance(first, Source)
            restored = HybridState(0, first, None)
        self._index = restored.index
        self._source = restored.source
        self._inner = self._create_inner(restored.inner)

    def start(self) -> None:
        self._inner.start()

    def add_reader(self, subtask: int) -> None:
        self._readers.add(subtask)
        self._context.send_event(subtask, SwitchSource(self._index, self._source))
        self._inner.add_reader(subtask)

    def handle_split_request(self, subtask: int) -> None:
        self._asking[subtask] = None
        if subtask not in self._finished:
            self._inner.handle_split_request(subtask)

    def handle_source_event(self, subtask: int, event: Any) -> None:
        if isinstance(event, InnerEvent):
            if event.index == self._index:
                self._inner.handle_source_event(subtask, event.event)
        elif isinstance(event, SourceFinished) and event.index == self._index:
            self._finished.add(subtask)
            if len(self._finished) == self._context.parallelism:
                self._switch()

    def snapshot(self, checkpoint_id: int) -> HybridState:
        return HybridState(self._index, self._source, self._inner.snapshot(checkpoint_id))

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._inner.notify_checkpoint_complete(checkpoint_id)

    def close(self) -> None:
        self._inner.close()

    def _create_inner(self, state: Any) -> SplitEnumerator:
        is_last = self._index == len(self._steps) - 1
        context = _StepContext(
            self._context, self._index, is_last, lambda: self._index, self._forget_asking
        )
        return self._source.create_enumerator(context, state)

    def _switch(self) -> None:
        former = self._inner
        step = self._steps[self._index + 1]
        self._source = step if isinstance(step, Source) else step(former)
        self._index += 1
        former.close()
        self._finished.clear()
        self._inner = self._create_inner(None)
        for subtask in sorted(self._readers):
            self._context.send_event(subtask, SwitchSource(self._index, self._source))
        self._inner.start()
        for subtask in sorted(self._readers):
            self._inner.add_reader(subtask)
        for subtask in list(self._asking):
            self._inner.handle_split_request(subtask)

    def _forget_asking(self, subtasks: Iterable[int]) -> None:
        for subtask in subtasks:
            self._asking.pop(subtask, None)


class _StepContext(EnumeratorContext):
    """The coordinator as the enumerator of one source sees it."""

    def __init__(
        self,
        context: EnumeratorContext,
        index: int,
        is_last: bool,
        current: Callable[[], int],
        on_assign: Callable[[Iterable[int]], None],
    ) -> None:
        self._context = context
        self._index = index
        self._is_last = is_last
        self._current = current
        self._on_assign = on_assign
        self.parallelism = context.parallelism

    def assign(self, splits: Mapping[int, Sequence[Any]]) -> None:
        index = self._index
        self._on_assign(splits)
        self._context.assign(
            {subtask: [HybridSplit(index, each) for each in own] for subtask, own in splits.items()}
        )

    def no_more_splits(self, subtask: int) -> None:
        if self._is_last:
            self._context.no_more_splits(subtask)
        else:
            self._context.send_event(subtask, SourceEnds(self._index))

    def send_event(self, subtask: int, event: Any) -> None:
        # What the operator around the reader is told means the same whatever is read.
        is_inner = not isinstance(event, NoSplitsForNow)
        self._context.send_event(subtask, InnerEvent(self._index, event) if is_inner else event)

    def call_periodically(
        self,
        call: Callable[[], Any],
        done: Callable[[Any | BaseException], None],
        delay_ms: int,
        period_ms: int | None,
    ) -> None:
        def done_if_current(result: Any | BaseException) -> None:
            if self._current() == self._index:
                done(result)

        self._context.call_periodically(call, done_if_current, delay_ms, period_ms)
