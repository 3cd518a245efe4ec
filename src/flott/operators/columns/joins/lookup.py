"""Look-up joins: each left row with the rows a table has for its key at that moment.

A batch is looked up in one call, away from the worker's loop; batches, watermarks and the rest go
on in the order in which they came. What went out stays, whatever the table says later. Batches
that wait for an answer are part of a snapshot, and are asked for again after a restore.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_names, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.expression import Predicate, Projection
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.core.table import LookupTable
from flott.operators.columns.joins.lookup_cache import LookupCache
from flott.operators.columns.joins.lookup_options import LookupOptions

__all__ = ["LookupJoinSpec", "LookupOptions"]

#: Calls under way at a time where the hint asks for asynchronous ones.
_ASYNC_CALLS_MAX: Final = 4
#: Batches that may wait for their turn before no more is taken.
_WAITING_MAX: Final = 8
_POSITION: Final = "position"


@dataclass(frozen=True)
class LookupJoinSpec(OperatorSpec):
    """Outputs the left columns, then those found; the kind of the left row.

    Attributes:
        join_kind: INNER, or LEFT: rows for which nothing is found come with NULLs.
        lookup: The table; its rows have ``right_types``.
        keys: Computes the key from the left columns. A key with a NULL finds nothing.
        condition: What a pair must fulfil besides, over the left, then the found columns.
        left_types: Types of the left columns.
        right_types: Types of the columns found.
        options: Caches, asynchronous calls, trying again.
    """

    join_kind: str
    lookup: LookupTable
    keys: Projection
    condition: Predicate | None
    left_types: tuple[DataType, ...]
    right_types: tuple[DataType, ...]
    options: LookupOptions = field(default_factory=LookupOptions)
    description: str = ""

    def build(self) -> Operator:
        assert self.join_kind in ("INNER", "LEFT"), self.join_kind
        return _LookupJoin(self)

    @property
    def meaning(self) -> str:
        return self.description


@dataclass(slots=True, eq=False)
class _Waiting:
    """A batch on its way, or, with ``signal``, what must not overtake one."""

    batch: ColumnBatch | None = None
    signal: Callable[[], None] | None = None
    is_begun: bool = False
    is_done: bool = False
    attempts: int = 0
    deadline_ms: float = float("inf")
    keys: pl.DataFrame = field(default_factory=pl.DataFrame)
    positions: list[pl.Series] = field(default_factory=list)
    found: list[pl.DataFrame] = field(default_factory=list)
    asked: pl.Series | None = None


class _LookupJoin(Operator):
    def __init__(self, spec: LookupJoinSpec) -> None:
        self._spec = spec
        self._options = spec.options
        width = len(spec.left_types)
        self._right_names = list(column_names(width + len(spec.right_types))[width:])
        self._nothing = pl.DataFrame(schema=polars_schema(spec.right_types))
        self._no_position = pl.Series(_POSITION, [], dtype=pl.UInt32)
        self._calls_max = _ASYNC_CALLS_MAX if self._options.is_async else 1
        self._is_open = False

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        spec.keys.open(context)
        if spec.condition is not None:
            spec.condition.open(context)
        spec.lookup.open(context)
        self._is_open = True
        uses_cache = self._options.cache != "NONE"
        self._cache = LookupCache(self._options) if uses_cache else None
        self._queue: deque[_Waiting] = deque()
        self._calls = 0
        self._state = context.operator_store.list_state("waiting")
        for batch in self._state.get():
            self._admit(batch)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._spec.lookup.close()

    # -- input

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._admit(batch)

    def process_watermark(self, timestamp: int) -> None:
        self._in_order(partial(self.output.emit_watermark, timestamp))

    def process_status(self, idle: bool) -> None:
        self._in_order(partial(self.output.emit_status, idle))

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._state.update([each.batch for each in self._queue if each.batch is not None])

    def is_blocked(self) -> bool:
        return len(self._queue) >= _WAITING_MAX

    def has_pending_work(self) -> bool:
        return bool(self._queue)

    def _in_order(self, signal: Callable[[], None]) -> None:
        if self._queue:
            self._queue.append(_Waiting(signal=signal))
        else:
            signal()

    def _admit(self, batch: ColumnBatch) -> None:
        keys = self._spec.keys.evaluate(batch.frame)
        keys = keys.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(_POSITION))
        self._queue.append(_Waiting(batch, keys=keys.drop_nulls()))
        self._begin()

    # -- calls

    def _begin(self) -> None:
        """Make calls for batches that wait, as far as they may be under way."""
        for each in self._queue:
            if self._calls >= self._calls_max:
                break
            if each.batch is None or each.is_begun:
                continue
            each.is_begun = True
            self._calls += 1
            timeout_ms = self._options.timeout_ms
            if timeout_ms:
                each.deadline_ms = self.context.clock.now_ms() + timeout_ms
                self.context.schedule(int(each.deadline_ms), partial(self._check_deadline, each))
            self._ask(each, each.keys)
        self._send_ready()

    def _ask(self, each: _Waiting, keys: pl.DataFrame) -> None:
        """Look up ``keys``: what is remembered at once, the rest by a call."""
        if self._cache is not None:
            keys = self._take_remembered(each, keys)
        each.asked = keys[_POSITION]
        if not keys.height:
            self._complete(each)
            return
        each.attempts += 1
        asked = keys.drop(_POSITION)
        lookup = self._spec.lookup.lookup
        self.context.blocking.submit(partial(lookup, asked), partial(self._on_answer, each))

    def _on_answer(self, each: _Waiting, answer: Any) -> None:
        self.context.run_in_task(partial(self._take_answer, each, answer))

    def _take_answer(self, each: _Waiting, answer: Any) -> None:
        if isinstance(answer, BaseException):
            raise answer
        if not self._is_open or each.is_done:
            return
        positions, found = answer
        assert each.asked is not None
        asked = each.asked
        missed = asked.gather(_absent(asked.len(), positions))
        retries = missed.len() > 0 and each.attempts < self._options.attempts_max
        each.positions.append(asked.gather(positions).rename(_POSITION))
        each.found.append(_named(found, self._nothing.columns))
        if self._cache is not None:
            self._remember(each, None if retries else missed)
        if retries:
            again = each.keys.filter(pl.col(_POSITION).is_in(missed.implode()))
            due_ms = self.context.clock.now_ms() + self._options.retry_delay_ms
            self.context.schedule(due_ms, partial(self._retry, each, again))
            return
        self._complete(each)
        self._begin()

    def _retry(self, each: _Waiting, keys: pl.DataFrame) -> None:
        if self._is_open and not each.is_done:
            self._ask(each, keys)
            self._begin()

    def _complete(self, each: _Waiting) -> None:
        each.is_done = True
        self._calls -= 1

    def _check_deadline(self, each: _Waiting) -> None:
        if self._is_open and not each.is_done:
            raise TimeoutError(
                f"A look-up took longer than {self._options.timeout_ms} ms in operator "
                f"'{self.context.operator_name}'."
            )

    # -- what is remembered

    def _take_remembered(self, each: _Waiting, keys: pl.DataFrame) -> pl.DataFrame:
        """Take the rows of keys that are known; the keys that are not."""
        assert self._cache is not None
        now_ms = self.context.clock.monotonic_ms()
        self._cache.advance(now_ms)
        positions: list[int] = []
        rows: list[tuple[Any, ...]] = []
        unknown: list[int] = []
        for row, (*key, position) in enumerate(keys.iter_rows()):
            known = self._cache.get(tuple(key), now_ms)
            if known is None:
                unknown.append(row)
                continue
            positions.extend([position] * len(known))
            rows.extend(known)
        each.positions.append(pl.Series(_POSITION, positions, dtype=pl.UInt32))
        each.found.append(pl.DataFrame(rows, schema=self._nothing.schema, orient="row"))
        return keys[unknown]

    def _remember(self, each: _Waiting, missed: pl.Series | None) -> None:
        assert self._cache is not None
        now_ms = self.context.clock.monotonic_ms()
        keys = {position: tuple(key) for *key, position in each.keys.iter_rows()}
        by_position: dict[int, list[tuple[Any, ...]]] = {}
        for position, row in zip(each.positions[-1], each.found[-1].iter_rows(), strict=True):
            by_position.setdefault(position, []).append(row)
        for position in () if missed is None else missed:
            by_position[position] = []
        for position, rows in by_position.items():
            self._cache.put(keys[position], rows, now_ms)

    # -- output

    def _send_ready(self) -> None:
        while self._queue:
            first = self._queue[0]
            if first.batch is not None and not first.is_done:
                return
            self._queue.popleft()
            if first.signal is not None:
                first.signal()
            else:
                self._emit(first)

    def _emit(self, each: _Waiting) -> None:
        assert each.batch is not None
        left = each.batch
        positions = pl.concat([self._no_position, *each.positions])
        found = pl.concat([self._nothing, *each.found])
        found.columns = self._right_names
        if self._spec.condition is not None and found.height:
            passing = self._spec.condition.evaluate(left.frame[positions].hstack(found))
            positions, found = positions.filter(passing), found.filter(passing)
        if self._spec.join_kind == "LEFT":
            missing = _absent(left.row_count, positions)
            positions = pl.concat([positions, missing])
            found = pl.concat([found, found.clear(missing.len())])
        if not positions.is_sorted():
            order = positions.arg_sort()
            positions, found = positions[order], found[order]
        if positions.len():
            kinds = None if left.kinds is None else left.kinds.gather(positions)
            self.output.emit(ColumnBatch(left.frame[positions].hstack(found), kinds))


def _absent(count: int, positions: pl.Series) -> pl.Series:
    """Those of 0 .. count - 1 that are not among ``positions``."""
    every = pl.int_range(count, dtype=pl.UInt32, eager=True).rename(_POSITION)
    return every.filter(~every.is_in(positions.cast(pl.UInt32).implode()))


def _named(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return frame if frame.columns == names else frame.rename(dict(zip(frame.columns, names)))
