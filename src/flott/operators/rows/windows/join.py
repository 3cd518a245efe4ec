"""``WindowJoinSpec``: join records of two streams that share key and window.

An inner join: a record without partner in its window gives nothing. Results carry the last
millisecond of the window as their time, not the time of either record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flott.operators.rows.functions import bind_method
from flott.operators.rows.windows.co_group import PairedWindowSpec
from flott.operators.rows.windows.context import ProcessWindowContext
from flott.operators.rows.windows.functions import WindowCall, flat_joined, joined

__all__ = ["WindowJoinSpec"]


@dataclass(frozen=True, kw_only=True)
class WindowJoinSpec(PairedWindowSpec):
    """Calls ``join(first, second)`` for each pair of records with equal key in a window.

    Args:
        is_flat: the function yields or returns any number of results, rather than one.

    Raises:
        ProgramError: the function has no method ``join`` and is not callable.
    """

    is_flat: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        bind_method(self.function, "join")

    @property
    def kind(self) -> str:
        return f"Join {type(self.assigner).__name__}"

    def bind_call(self, context: ProcessWindowContext) -> WindowCall | None:
        join = bind_method(self.function, "join")
        pairs = flat_joined if self.is_flat else joined

        def call(key: Any, window: Any, contents: Any) -> Iterable[Any] | None:
            return pairs(join, *contents)

        return call
