"""Several sources one after the other: history from files, then what is live.

All readers finish a source before any begins the next one. Its enumerator then hands over: a
factory may look at it, and make the next source start where it ended.

What travels between the two halves: a reader that is done with source i says ``SourceFinished(i)``;
when all have said so the enumerator makes source i + 1 and tells every reader ``SwitchSource``.
Splits carry the number of their source, and after a restore a reader learns from
``SwitchSource`` where the job stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

#: Makes the next source; it is given the enumerator of the one before.
SourceFactory = Callable[[SplitEnumerator], Source]


@dataclass(frozen=True, slots=True)
class HybridSplit:
    """A split of source number ``index``."""

    index: int
    inner: Any

    @property
    def split_id(self) -> str:
        """Tells splits of different sources apart."""
        return f"{self.index}:{self.inner.split_id}"


@dataclass(frozen=True, slots=True)
class SwitchSource:
    """To a reader: source ``index`` is read now."""

    index: int
    source: Source


@dataclass(frozen=True, slots=True)
class SourceEnds:
    """To a reader: source ``index`` has no further split for it."""

    index: int


@dataclass(frozen=True, slots=True)
class SourceFinished:
    """From a reader: it has read all its splits of source ``index``."""

    index: int


@dataclass(frozen=True, slots=True)
class InnerEvent:
    """An event between the halves of source ``index``."""

    index: int
    event: Any


@dataclass(frozen=True, slots=True)
class HybridState:
    """What the enumerator keeps: the source in hand and the state of its own enumerator."""

    index: int
    source: Source
    inner: Any


class HybridSource(Source):
    """Reads sources one after the other; made by a builder.

    >>> from flott.connectors.number_sequence import NumberSequenceSource
    >>> first = NumberSequenceSource(1, 3)
    >>> source = HybridSource.builder(first).add_source(NumberSequenceSource(4, 6)).build()
    >>> source.boundedness.value
    'bounded'
    """

    def __init__(self, steps: Sequence[Source | SourceFactory], boundedness: Boundedness) -> None:
        self._steps = tuple(steps)
        self._boundedness = boundedness

    @staticmethod
    def builder(first_source: Source) -> HybridSourceBuilder:
        """Begin with a source that ends.

        Raises:
            ValueError: If it never ends.
        """
        return HybridSourceBuilder(first_source)

    @property
    def boundedness(self) -> Boundedness:
        return self._boundedness

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        return HybridEnumerator(context, self._steps, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return HybridReader(context)


class HybridSourceBuilder:
    """Collects the sources of a ``HybridSource``."""

    def __init__(self, first_source: Source) -> None:
        if not isinstance(first_source, Source):
            raise TypeError(f"Expected a source, found {first_source!r}")
        self._steps: list[Source | SourceFactory] = [first_source]
        self._boundedness = first_source.boundedness

    def add_source(
        self,
        source: Source | SourceFactory,
        boundedness: Boundedness | None = None,
    ) -> HybridSourceBuilder:
        """Go on with another source.

        Args:
            source: The source, or a function that makes it: it is called with the enumerator of the
                source before, when that has been read to its end.
            boundedness: Whether what such a function makes ends; it must be given then.

        Raises:
            ValueError: If the source before never ends, or boundedness is missing.
            TypeError: If it is neither a source nor a function.
        """
        if self._boundedness is Boundedness.CONTINUOUS_UNBOUNDED:
            raise ValueError("Nothing can follow a source that never ends")
        if isinstance(source, Source):
            boundedness = source.boundedness
        elif not callable(source):
            raise TypeError(f"Expected a source or a function that makes one, found {source!r}")
        elif boundedness is None:
            raise ValueError("Say with boundedness whether the source that is made then ends")
        self._steps.append(source)
        self._boundedness = boundedness
        return self

    def build(self) -> HybridSource:
        """Make the source."""
        return HybridSource(self._steps, self._boundedness)


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
        self._context.send_event(subtask, InnerEvent(self._index, event))

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


class HybridReader(SourceReader):
    """The half in a subtask: the reader of the source in hand, and splits that came before it.

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
        split_id = f"{self._index}:{found.split_id}"
        if found.finished:
            self._open.discard(found.split_id)
            self._tell_if_finished()
        return replace(found, split_id=split_id)

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


class _InnerContext(OperatorContext):
    """The task as the reader of one source sees it: its events carry the number of the source."""

    def __init__(self, context: OperatorContext, index: int) -> None:
        self._context = context
        self._index = index

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    @property
    def keyed_store(self) -> Any:
        return self._context.keyed_store

    @property
    def operator_store(self) -> Any:
        return self._context.operator_store

    def timer_service(self, name: str, on_event_time: Any, on_processing_time: Any) -> Any:
        return self._context.timer_service(name, on_event_time, on_processing_time)

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        self._context.schedule(timestamp_ms, callback)

    def run_in_task(self, callback: Callable[[], None]) -> None:
        self._context.run_in_task(callback)

    def wake(self) -> None:
        self._context.wake()

    def send_to_coordinator(self, event: Any) -> None:
        self._context.send_to_coordinator(InnerEvent(self._index, event))

    def request_split(self) -> None:
        self._context.request_split()
