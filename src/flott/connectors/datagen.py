"""Records made by a function from their number: for demonstrations, load tests and tests.

Record n is the same in every run, so the source can be restored like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flott.common.typeinfo import TypeInformation, Types
from flott.connectors.number_sequence import (
    NumberSplit,
    NumberSplitEnumerator,
    divide_range,
)
from flott.connectors.rate_limit import RateLimiter, RateLimiterStrategy
from flott.connectors.split_reader import SequentialReader, SplitCursor
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)
from flott.formats.kinds import to_type_info

#: Records of a source that never ends.
_FOREVER: Final = 2**63 - 1


class DataGeneratorSource(Source):
    """Produces ``generator(0)``, ``generator(1)``, ... up to a count.

    Each reader makes a part of the numbers, in order.

    Args:
        generator: Makes a record from its number: a function, or an object with a method ``map``
            and, if it needs them, ``open`` and ``close``.
        count: How many records; ``None`` to go on for ever.
        rate_limiter_strategy: How fast, for all readers together.
        type_info: The type of the records.

    Raises:
        ValueError: If the count is negative.
        TypeError: If the generator cannot be called.

    >>> DataGeneratorSource(str, 10, RateLimiterStrategy.per_second(2)).boundedness.value
    'bounded'
    """

    def __init__(
        self,
        generator: Any,
        count: int | None = None,
        rate_limiter_strategy: RateLimiterStrategy | None = None,
        type_info: Any = None,
    ) -> None:
        if not callable(generator) and not callable(getattr(generator, "map", None)):
            raise TypeError(f"Expected a function of a record's number, found {generator!r}")
        if count is not None and count < 0:
            raise ValueError(f"The number of records must not be negative, found {count}")
        self._generator = generator
        self._count = count
        self._strategy = rate_limiter_strategy or RateLimiterStrategy.no_op()
        self._type_info = (
            Types.PICKLED_BYTE_ARRAY() if type_info is None else to_type_info(type_info)
        )

    @property
    def boundedness(self) -> Boundedness:
        if self._count is None:
            return Boundedness.CONTINUOUS_UNBOUNDED
        return Boundedness.BOUNDED

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return self._type_info

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        if restored is None:
            stop = _FOREVER if self._count is None else self._count
            restored = divide_range(0, stop, context.parallelism)
        return NumberSplitEnumerator(context, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return _GeneratingReader(context, self._generator, self._strategy)

    def record_count(self) -> int | None:
        return self._count


class LimitedReader(SequentialReader):
    """A reader that stays within its limit.

    Args:
        context: The task around it.
        open_cursor: Makes the cursor of a split, when its turn comes.
        strategy: How fast, for all readers together.
    """

    def __init__(
        self,
        context: OperatorContext,
        open_cursor: Callable[[Any], SplitCursor],
        strategy: RateLimiterStrategy,
    ) -> None:
        self._context = context
        self._limiter: RateLimiter = strategy.create_rate_limiter(
            context.parallelism, context.clock
        )
        self._is_waiting = False
        super().__init__(open_cursor, context.wake)

    def poll(self, rows_max: int) -> SplitBatch | None:
        permits = self._limiter.permits()
        if permits is not None:
            if permits <= 0:
                self._wait()
                return None
            rows_max = min(rows_max, permits)
        found = super().poll(rows_max)
        if found is not None and found.batch is not None:
            self._limiter.used(found.batch.row_count)
        return found

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._limiter.notify_checkpoint_complete()
        self._context.wake()

    def _wait(self) -> None:
        wait_ms = self._limiter.wait_ms()
        if wait_ms is not None and not self._is_waiting:
            self._is_waiting = True
            self._context.schedule(self._context.clock.now_ms() + wait_ms, self._go_on)

    def _go_on(self) -> None:
        self._is_waiting = False
        self._context.wake()


class _GeneratingReader(LimitedReader):
    """Calls the user's generator."""

    def __init__(
        self, context: OperatorContext, generator: Any, strategy: RateLimiterStrategy
    ) -> None:
        self._generator = generator
        generate: Callable[[int], Any] = getattr(generator, "map", generator)
        _call(generator, "open", context)
        super().__init__(context, lambda split: _GeneratingCursor(split, generate), strategy)

    def close(self) -> None:
        super().close()
        _call(self._generator, "close")


class _GeneratingCursor(SplitCursor):
    def __init__(self, split: NumberSplit, generate: Callable[[int], Any]) -> None:
        self._split_id = split.split_id
        self._next = split.start
        self._stop = split.stop
        self._generate = generate

    def read(self, rows_max: int) -> SplitBatch:
        start = self._next
        stop = min(start + rows_max, self._stop)
        values = list(map(self._generate, range(start, stop)))
        self._next = stop
        return SplitBatch(self._split_id, RowBatch(values), stop == self._stop)

    def split(self) -> NumberSplit:
        return NumberSplit(self._split_id, self._next, self._stop)


def _call(generator: Any, name: str, *arguments: Any) -> None:
    method = getattr(generator, name, None)
    if callable(method):
        method(*arguments)
