"""CoMap and CoFlatMap: two inputs, a row function for each.

A CoMap that gives None gives no result, as in PyFlink. On keyed inputs the functions may keep
state, shared between the two sides of a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from flott.core.batch import Batch, RowBatch
from flott.core.operator import Operator, OperatorSpec
from flott.operators.rows.functions import (
    bind_method,
    describe_function,
    has_lifecycle,
    raise_not_iterable,
)
from flott.operators.rows.row_operator import RowOperator

__all__ = ["CoFlatMapSpec", "CoMapSpec"]


@dataclass(frozen=True)
class CoMapSpec(OperatorSpec):
    """At most one result for each record of either input.

    Attributes:
        function: an object with the methods ``map1`` and ``map2``.
        output_type: the declared type of the results; None lets any object pass.
        key_selectors: the key selectors of both inputs, if they are keyed.
    """

    function: Any
    output_type: Any = None
    key_selectors: tuple[Any, Any] | None = None

    def build(self) -> Operator:
        return _CoStep(self, ("map1", "map2"), one_result=True)

    @property
    def kind(self) -> str:
        return "Co-Map"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


@dataclass(frozen=True)
class CoFlatMapSpec(OperatorSpec):
    """Any number of results for each record of either input.

    Attributes:
        function: an object with the methods ``flat_map1`` and ``flat_map2``.
        output_type: the declared type of the results; None lets any object pass.
        key_selectors: the key selectors of both inputs, if they are keyed.
    """

    function: Any
    output_type: Any = None
    key_selectors: tuple[Any, Any] | None = None

    def build(self) -> Operator:
        return _CoStep(self, ("flat_map1", "flat_map2"), one_result=False)

    @property
    def kind(self) -> str:
        return "Co-Flat Map"

    @property
    def meaning(self) -> str:
        return describe_function(self.function)


class _CoStep(RowOperator):
    def __init__(
        self, spec: CoMapSpec | CoFlatMapSpec, methods: tuple[str, str], one_result: bool
    ) -> None:
        # A function that is never opened cannot have state, and then keys do not matter.
        keyed = spec.key_selectors if has_lifecycle(spec.function) else None
        super().__init__(spec.function, spec.output_type, tuple(keyed or (None, None)))
        self._calls = tuple(bind_method(spec.function, name, plain=False) for name in methods)
        self._one_result = one_result

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        key_of = self._key_of[input_index]
        keys: Iterable[Any] = repeat(None) if key_of is None else self.keys_of(batch.values, key_of)
        results: list[Any] = []
        times: list[Any] = []
        store = None if key_of is None else self.context.keyed_store
        call = self._calls[input_index]
        if self._one_result:
            self._map(batch, keys, store, call, results, times)
        else:
            self._flat_map(batch, keys, store, call, results, times)
        self.emit_results(results, None if batch.timestamps is None else times)

    def _map(
        self,
        batch: RowBatch,
        keys: Iterable[Any],
        store: Any,
        call: Callable[[Any], Any],
        results: list[Any],
        times: list[Any],
    ) -> None:
        for value, key, timestamp in zip(batch.values, keys, batch.timestamps or repeat(None)):
            if store is not None:
                store.current_key = key
            result = call(value)
            if result is not None:
                results.append(result)
                times.append(timestamp)

    def _flat_map(
        self,
        batch: RowBatch,
        keys: Iterable[Any],
        store: Any,
        call: Callable[[Any], Any],
        results: list[Any],
        times: list[Any],
    ) -> None:
        found: Any = None
        try:
            for value, key, timestamp in zip(batch.values, keys, batch.timestamps or repeat(None)):
                if store is not None:
                    store.current_key = key
                found = call(value)
                for result in () if found is None else found:
                    results.append(result)
                    times.append(timestamp)
        except TypeError as error:
            raise_not_iterable(self.context.operator_name, call.__name__, found, error)
