"""``WindowSpec``: reduce, aggregate, apply or process the records of each window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flott.core.keyed_store import KeyedStore
from flott.operators.rows.windows.context import ProcessWindowContext
from flott.operators.rows.windows.fold import ABSENT, AggregateFold, Fold, ReduceFold
from flott.operators.rows.windows.functions import (
    WindowCall,
    WindowFunctionKind,
    bind_clear,
    bind_reduce,
    bind_window_function,
    can_merge,
    check_aggregate_function,
)
from flott.operators.rows.windows.keep import FoldKeep, Keep, ListKeep
from flott.operators.rows.windows.panes import FoldedPanes, ListPanes, Panes
from flott.operators.rows.windows.spec import WindowedSpec
from flott.operators.window.evictors import TimestampedValue

__all__ = ["WindowFunctionKind", "WindowSpec"]


@dataclass(frozen=True, kw_only=True)
class WindowSpec(WindowedSpec):
    """A window operation on one stream.

    Args:
        function: the reduce, aggregate, window or process function.
        function_kind: which of these it is.
        window_function: after reduce or aggregate, the function that is given the result of each
            window as its only element; ``None`` if that is the result.
        key_selector: finds the key; ``None`` for windows of the whole stream, which need
            parallelism 1 and functions that are not given a key.
        share_slices: let sliding windows that overlap many times fold a record once for all of
            them, where the function allows it. The function then sees records slice by slice; set
            it to False for a reduce function that depends on their order.

    Raises:
        ProgramError: the function is not of that kind.
    """

    function: Any
    function_kind: WindowFunctionKind
    window_function: Any = None
    key_selector: Any = None
    share_slices: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        kind = self.function_kind
        assert kind.is_incremental or self.window_function is None
        if kind is WindowFunctionKind.AGGREGATE:
            check_aggregate_function(self.function)
        elif kind is WindowFunctionKind.REDUCE:
            bind_reduce(self.function)

    @property
    def key_selectors(self) -> tuple[Any, ...]:
        return (self.key_selector,)

    @property
    def functions(self) -> tuple[Any, ...]:
        if self.window_function is None:
            return (self.function,)
        return self.function, self.window_function

    @property
    def _last_function(self) -> Any:
        """The function that computes windows; ``None`` if their contents are the results."""
        return self.window_function if self.function_kind.is_incremental else self.function

    @property
    def fold(self) -> Fold | None:
        """How records are folded as they come; ``None`` if all are kept."""
        match self.function_kind:
            case WindowFunctionKind.REDUCE:
                return ReduceFold(bind_reduce(self.function))
            case WindowFunctionKind.AGGREGATE:
                return AggregateFold(self.function)
            case _:
                return None

    def make_panes(self, store: KeyedStore) -> Panes:
        fold = self.fold
        return ListPanes(store) if fold is None else FoldedPanes(store, fold)

    @property
    def can_share_slices(self) -> bool:
        kind = self.function_kind
        return self.share_slices and (
            kind is WindowFunctionKind.REDUCE
            or (kind is WindowFunctionKind.AGGREGATE and can_merge(self.function))
        )

    @property
    def can_keep(self) -> bool:
        return True

    def make_keep(self, store: KeyedStore) -> Keep:
        fold = self.fold
        return ListKeep(store, "window-chunks") if fold is None else FoldKeep(fold)

    def bind_call(self, context: ProcessWindowContext) -> WindowCall | None:
        function = self._last_function
        if function is None:
            return None
        return bind_window_function(function, self.key_selector is not None, context)

    def bind_clear(self, context: ProcessWindowContext) -> Callable[[Any], None] | None:
        return bind_clear(self._last_function, context)

    def contents_of(self, elements: list[TimestampedValue[Any]]) -> Any:
        values = [element.value for element in elements]
        fold = self.fold
        if fold is None:
            return values
        if not values and self.function_kind is WindowFunctionKind.REDUCE:
            return None
        return [fold.result(fold.fold(ABSENT, values))]
