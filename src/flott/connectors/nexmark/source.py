"""Hand events out: each reader makes every n-th block, so that all are at the same event time.

A reader that gets the blocks of several, after a change of parallelism, goes on with whichever is
behind: event time never jumps ahead of what is still to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flott.connectors.nexmark.config import EventKind, NexmarkConfig
from flott.connectors.nexmark.events import EventMaker
from flott.connectors.number_sequence import NumberSplitEnumerator
from flott.connectors.split_reader import SequentialReader, SplitCursor
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

_FOREVER: Final = 2**62
#: Rows of a batch at most; where few kinds are read, a block holds more events than that.
_BATCH_ROWS_MAX: Final = 1 << 16
_SPARSE_ROWS_MAX: Final = 1 << 14
_BLOCK_EVENTS_MIN: Final = 1 << 10
#: A source that waits for events to be due makes them in blocks of so many milliseconds.
_PACED_BLOCK_MS: Final = 10


@dataclass(frozen=True, slots=True)
class LaneSplit:
    """The events of every ``lanes``-th block of ``block`` events, from number ``position`` on.

    Attributes:
        split_id: The number of the lane.
        start: The number of the first event of the current block.
        stop: The number of events in all.
        block: Events in a block.
        lanes: How many lanes there are.
        position: The next event.
    """

    split_id: str
    start: int
    stop: int
    block: int
    lanes: int
    position: int

    def after(self, position: int) -> LaneSplit:
        """The same lane, its events made up to ``position``, which lies in the current block."""
        if position < min(self.start + self.block, self.stop):
            return replace(self, position=position)
        start = self.start + self.block * self.lanes
        return replace(self, start=start, position=start)

    @property
    def is_finished(self) -> bool:
        """Whether there are no events left."""
        return self.position >= self.stop


class NexmarkSource(Source):
    """Produces the events of the benchmark as column batches.

    Args:
        config: How events are made.
        columns: Which columns, in order.
        kinds: Which kinds of events.
        used: The fields that are read, by column.

    >>> NexmarkSource(NexmarkConfig(events_num=100), ["bid"]).boundedness.value
    'bounded'
    """

    def __init__(
        self,
        config: NexmarkConfig,
        columns: Sequence[str],
        kinds: frozenset[EventKind] = frozenset(EventKind),
        used: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._config = config
        self._columns = tuple(columns)
        self._kinds = kinds
        self._used = dict(used or {})

    @property
    def boundedness(self) -> Boundedness:
        if self._config.events_num and not self._config.keep_alive:
            return Boundedness.BOUNDED
        return Boundedness.CONTINUOUS_UNBOUNDED

    @property
    def name(self) -> str:
        return "Nexmark"

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        if restored is None:
            restored = divide_events(self._config, context.parallelism, self._kinds)
        if self._config.keep_alive:
            return _EndlessEnumerator(context, restored)
        return NumberSplitEnumerator(context, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        maker = EventMaker(self._config, self._columns, self._kinds, self._used)
        return _NexmarkReader(context, self._config, self._kinds, maker)

    def record_count(self) -> int | None:
        config = self._config
        if not config.events_num:
            return None
        return sum(config.count_before(kind, config.events_num) for kind in self._kinds)


def divide_events(
    config: NexmarkConfig, lanes: int, kinds: frozenset[EventKind] = frozenset(EventKind)
) -> list[Any]:
    """One lane for each reader.

    Where only persons or auctions are read, blocks hold so many events that a batch has rows
    enough for its fixed costs.
    """
    stop = config.events_num or _FOREVER
    if config.max_speed:
        most = max(
            _BATCH_ROWS_MAX, _SPARSE_ROWS_MAX * config.cycle // _rows_of_cycle(config, kinds)
        )
        block = min(max(stop // (lanes * 8), _BLOCK_EVENTS_MIN), most)
    else:
        block = min(max(config.rate * _PACED_BLOCK_MS // 1000, 1), _BATCH_ROWS_MAX)
    return [
        LaneSplit(str(lane), lane * block, stop, block, lanes, lane * block)
        for lane in range(lanes)
        if lane * block < stop
    ]


def _rows_of_cycle(config: NexmarkConfig, kinds: frozenset[EventKind]) -> int:
    """How many events of a cycle become rows; at least one."""
    return max(sum(config.proportion(kind) for kind in kinds), 1)


class _EndlessEnumerator(NumberSplitEnumerator):
    """Never says that there are no more splits."""

    def handle_split_request(self, subtask: int) -> None:
        if any(
            int(split.split_id) % self._context.parallelism == subtask for split in self._splits
        ):
            super().handle_split_request(subtask)


class _NexmarkReader(SequentialReader):
    """Reads whichever of its lanes is behind."""

    def __init__(
        self,
        context: OperatorContext,
        config: NexmarkConfig,
        kinds: frozenset[EventKind],
        maker: EventMaker,
    ) -> None:
        pace = None if config.max_speed else _Pace(context, config)
        rows = _rows_of_cycle(config, kinds)
        events_per_row = config.cycle / rows
        super().__init__(
            lambda split: _LaneCursor(split, maker, events_per_row, pace), context.wake
        )

    def _first_ready(self) -> str | None:
        if len(self._splits) <= 1:
            return super()._first_ready()
        ready = [each for each in self._splits if each not in self._paused]
        return min(ready, key=self._position_of, default=None)

    def _position_of(self, split_id: str) -> int:
        cursor = self._cursors.get(split_id)
        split: LaneSplit = self._splits[split_id] if cursor is None else cursor.split()
        return split.position


class _Pace:
    """Says up to which event it is time, and asks for a turn when the next one is due."""

    def __init__(self, context: OperatorContext, config: NexmarkConfig) -> None:
        self._context = context
        self._rate = config.rate
        self._origin_ms: float | None = None

    def due(self, position: int) -> int:
        """The number of the first event whose time has not come."""
        now_ms = self._context.clock.monotonic_ms()
        if self._origin_ms is None:
            self._origin_ms = now_ms - position * 1000 / self._rate
        return int((now_ms - self._origin_ms) * self._rate / 1000) + 1

    def wait(self) -> None:
        """Take another turn soon."""
        context = self._context
        context.schedule(context.clock.now_ms() + 1, context.wake)


class _LaneCursor(SplitCursor):
    def __init__(
        self, split: LaneSplit, maker: EventMaker, events_per_row: float, pace: _Pace | None
    ) -> None:
        self._split = split
        self._maker = maker
        self._events_per_row = events_per_row
        self._pace = pace

    def read(self, rows_max: int) -> SplitBatch | None:
        split = self._split
        start = split.position
        most = max(int(rows_max * self._events_per_row), 1)
        stop = min(start + most, split.start + split.block, split.stop)
        if self._pace is not None:
            stop = min(stop, self._pace.due(start))
            if stop <= start:
                self._pace.wait()
                return None
        frame = self._maker.make(start, stop)
        self._split = split.after(stop)
        batch = ColumnBatch(frame) if frame.height else None
        return SplitBatch(split.split_id, batch, self._split.is_finished)

    def split(self) -> LaneSplit:
        return self._split
