"""reduce on a keyed stream: each key's records folded into one.

In STREAMING mode every record gives the value reached so far; in BATCH mode each key gives one
value, the last, at the end, with the timestamp of its last record. A batch is folded on a local
dict of the keys it touches; state is read and written once a key.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flott.core.batch import BATCH_ROWS_MAX, Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.rows.functions import bind_method, describe_function, has_lifecycle
from flott.operators.rows.key_order import in_key_order
from flott.operators.rows.row_operator import RowOperator

__all__ = ["FoldOperator", "KeyedReduceSpec"]

_ABSENT = object()


@dataclass(frozen=True)
class KeyedReduceSpec(OperatorSpec):
    """The fold of a key's records by a function of two values.

    Attributes:
        function: a function of two values, or an object with the method ``reduce``.
        key_selector: the key selector of the stream.
        output_type: the declared type of the results; None lets any object pass.
    """

    function: Any
    key_selector: Any
    output_type: Any = None

    def build(self) -> Operator:
        combine = bind_method(self.function, "reduce")
        return _KeyedReduce(self.function, combine, self.key_selector, self.output_type)

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


class FoldOperator(RowOperator):
    """Base of operators that keep one value for each key."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._table = context.keyed_store.table("fold")
        #: In BATCH mode: the value and the last timestamp of each key.
        self._final: dict[Any, tuple[Any, int | None]] = {}
        self._combine = self._make_combine()
        # A function that is never opened has no state of its own and needs no current key.
        self._sets_key = has_lifecycle(self._function)

    @abstractmethod
    def _make_combine(self) -> Callable[[Any, Any], Any]:
        """The function of the value so far and the record."""

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        key_of = self._key_of[0]
        assert key_of is not None
        keys = self.keys_of(batch.values, key_of)
        if self.context.is_batch:
            self._fold_silently(batch, keys)
            return
        distinct = dict.fromkeys(keys)
        reached = dict(zip(distinct, self._table.get_many(None, distinct, _ABSENT), strict=True))
        combine = self._combine
        store = self.context.keyed_store if self._sets_key else None
        results: list[Any] = []
        append = results.append
        for value, key in zip(batch.values, keys, strict=True):
            before = reached[key]
            if before is _ABSENT:
                result = value
            else:
                if store is not None:
                    store.current_key = key
                result = combine(before, value)
            reached[key] = result
            append(result)
        self._table.put_many(None, reached)
        self.emit_results(results, batch.timestamps)

    def _fold_silently(self, batch: RowBatch, keys: list[Any]) -> None:
        final, combine = self._final, self._combine
        store = self.context.keyed_store if self._sets_key else None
        times: list[Any] = batch.timestamps or [None] * len(keys)
        for value, key, timestamp in zip(batch.values, keys, times, strict=True):
            before = final.get(key)
            if before is None:
                final[key] = (value, timestamp)
            else:
                if store is not None:
                    store.current_key = key
                final[key] = (combine(before[0], value), timestamp)

    def process_watermark(self, timestamp: int) -> None:
        if timestamp == MAX_WATERMARK and self._final:
            self._emit_final()
        self.output.emit_watermark(timestamp)

    def finish(self) -> None:
        self._emit_final()

    def _emit_final(self) -> None:
        final, self._final = self._final, {}
        entries = [final[key] for key in in_key_order(final)]
        for start in range(0, len(entries), BATCH_ROWS_MAX):
            part = entries[start : start + BATCH_ROWS_MAX]
            times: list[Any] = [timestamp for _, timestamp in part]
            self.emit_results([result for result, _ in part], None if None in times else times)


class _KeyedReduce(FoldOperator):
    def __init__(
        self, function: Any, combine: Callable[[Any, Any], Any], key_selector: Any, output_type: Any
    ) -> None:
        super().__init__(function, output_type, (key_selector,))
        self._reduce = combine

    def _make_combine(self) -> Callable[[Any, Any], Any]:
        return self._reduce
