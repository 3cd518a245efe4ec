"""``CoGroupSpec``: give a function the records of two streams that share key and window."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flott.core.keyed_store import KeyedStore
from flott.operators.rows.functions import bind_method
from flott.operators.rows.windows.context import ProcessWindowContext
from flott.operators.rows.windows.functions import WindowCall
from flott.operators.rows.windows.panes import PairedPanes, Panes
from flott.operators.rows.windows.spec import WindowedSpec
from flott.operators.window.evictors import TimestampedValue

__all__ = ["CoGroupSpec", "PairedWindowSpec"]


@dataclass(frozen=True, kw_only=True)
class PairedWindowSpec(WindowedSpec):
    """What window joins and coGroup share: two keyed inputs, windows with two lists of records.

    Args:
        function: the user's function.
        key_selector1: finds the key of records of the first stream.
        key_selector2: finds the key of records of the second stream.
    """

    function: Any
    key_selector1: Any
    key_selector2: Any

    @property
    def key_selectors(self) -> tuple[Any, ...]:
        return self.key_selector1, self.key_selector2

    @property
    def functions(self) -> tuple[Any, ...]:
        return (self.function,)

    def make_panes(self, store: KeyedStore) -> Panes:
        return PairedPanes(store)

    def bind_clear(self, context: ProcessWindowContext) -> Callable[[Any], None] | None:
        return None

    def contents_of(self, elements: list[TimestampedValue[Any]]) -> Any:
        first = [element.value for element in elements if element.input_index == 0]
        second = [element.value for element in elements if element.input_index == 1]
        return first, second


@dataclass(frozen=True, kw_only=True)
class CoGroupSpec(PairedWindowSpec):
    """Calls ``co_group(first, second)`` for each key and window with records in either stream.

    The function yields or returns any number of results; a plain callable does as well.

    Raises:
        ProgramError: the function has no such method and is not callable.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        bind_method(self.function, "co_group")

    @property
    def kind(self) -> str:
        return f"CoGroup {type(self.assigner).__name__}"

    def bind_call(self, context: ProcessWindowContext) -> WindowCall | None:
        co_group = bind_method(self.function, "co_group")

        def call(key: Any, window: Any, contents: Any) -> Iterable[Any] | None:
            return co_group(*contents)  # type: ignore[no-any-return]

        return call
