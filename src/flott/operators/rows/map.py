"""map, filter and flat_map: one record in; one, the same or any number out.

Where nothing but the function matters the operator offers itself as a row step, and the runtime
fuses neighbouring steps into one loop. After ``key_by`` such a function may keep state (it has an
``open``); then the key of each record is set before the call, and there is no step to offer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from flott.core.batch import Batch, RowBatch
from flott.core.operator import Operator, OperatorSpec, RowStep, RowStepKind
from flott.operators.rows.functions import (
    bind_method,
    describe_function,
    has_lifecycle,
    raise_not_iterable,
)
from flott.operators.rows.row_operator import RowOperator

__all__ = ["FilterSpec", "FlatMapSpec", "MapSpec"]


@dataclass(frozen=True)
class MapSpec(OperatorSpec):
    """One result for each record; None is a result like any other.

    Attributes:
        function: a function of the record, or an object with the method ``map``.
        output_type: the declared type of the results; None lets any object pass.
        key_selector: the key selector of the stream, if it is keyed.
    """

    function: Any
    output_type: Any = None
    key_selector: Any = None

    def build(self) -> Operator:
        call = bind_method(self.function, "map")
        return _StepOperator(RowStepKind.MAP, call, self, self.output_type)

    @property
    def meaning(self) -> str:
        return describe_function(self.function)

    @property
    def is_stateless(self) -> bool:
        return not has_lifecycle(self.function)


@dataclass(frozen=True)
class FilterSpec(OperatorSpec):
    """Records for which the function gives something true.

    Attributes:
        function: a function of the record, or an object with the method ``filter``.
        key_selector: the key selector of the stream, if it is keyed.
    """

    function: Any
    key_selector: Any = None

    def build(self) -> Operator:
        return _StepOperator(RowStepKind.FILTER, bind_method(self.function, "filter"), self, None)

    @property
    def meaning(self) -> str:
        return describe_function(self.function)

    @property
    def is_stateless(self) -> bool:
        return not has_lifecycle(self.function)


@dataclass(frozen=True)
class FlatMapSpec(OperatorSpec):
    """Any number of results for each record: a generator, a list, another iterable, or None.

    Attributes:
        function: a function of the record, or an object with the method ``flat_map``.
        output_type: the declared type of the results; None lets any object pass.
        key_selector: the key selector of the stream, if it is keyed.
    """

    function: Any
    output_type: Any = None
    key_selector: Any = None

    def build(self) -> Operator:
        call = bind_method(self.function, "flat_map")
        return _StepOperator(RowStepKind.FLAT_MAP, call, self, self.output_type)

    @property
    def meaning(self) -> str:
        return describe_function(self.function)

    @property
    def is_stateless(self) -> bool:
        return not has_lifecycle(self.function)


class _StepOperator(RowOperator):
    """A row function, run record by record where the runtime does not fuse it."""

    def __init__(
        self,
        kind: RowStepKind,
        call: Callable[[Any], Any],
        spec: MapSpec | FilterSpec | FlatMapSpec,
        output_type: Any,
    ) -> None:
        # A function that is never opened cannot have state, and then the key does not matter.
        selector = spec.key_selector if has_lifecycle(spec.function) else None
        super().__init__(spec.function, output_type, (selector,))
        self._kind = kind
        self._call = call

    def row_step(self) -> RowStep | None:
        if self._is_keyed:
            return None
        return RowStep(self._kind, self._call, self._conversion)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        if self._kind is RowStepKind.MAP:
            self._map(batch)
        elif self._kind is RowStepKind.FILTER:
            self._filter(batch)
        else:
            self._flat_map(batch)

    def _keys(self, values: list[Any]) -> list[Any]:
        key_of = self._key_of[0]
        return values if key_of is None else self.keys_of(values, key_of)

    def _map(self, batch: RowBatch) -> None:
        store = self.context.keyed_store if self._is_keyed else None
        call = self._call
        results: list[Any] = []
        append = results.append
        for value, key in zip(batch.values, self._keys(batch.values), strict=True):
            if store is not None:
                store.current_key = key
            append(call(value))
        self.emit_results(results, batch.timestamps)

    def _filter(self, batch: RowBatch) -> None:
        store = self.context.keyed_store if self._is_keyed else None
        call = self._call
        kept: list[int] = []
        append = kept.append
        position = 0
        for value, key in zip(batch.values, self._keys(batch.values), strict=True):
            if store is not None:
                store.current_key = key
            if call(value):
                append(position)
            position += 1
        if len(kept) == position:
            self.output.emit(batch)
        elif kept:
            values, times = batch.values, batch.timestamps
            kept_times = None if times is None else [times[i] for i in kept]
            self.output.emit(RowBatch([values[i] for i in kept], kept_times))

    def _flat_map(self, batch: RowBatch) -> None:
        store = self.context.keyed_store if self._is_keyed else None
        call = self._call
        results: list[Any] = []
        times: list[int] = []
        append, append_time = results.append, times.append
        found: Any = None
        row_times = batch.timestamps or repeat(None)
        try:
            for value, key, timestamp in zip(batch.values, self._keys(batch.values), row_times):
                if store is not None:
                    store.current_key = key
                found = call(value)
                if found is not None:
                    for result in found:
                        append(result)
                        append_time(timestamp)  # type: ignore[arg-type]
        except TypeError as error:
            raise_not_iterable(self.context.operator_name, "flat_map", found, error)
        self.emit_results(results, None if batch.timestamps is None else times)
