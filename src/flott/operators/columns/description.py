"""Parts of the specs of column operators: how an aggregate and an order are written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flott.common.logical_types import DataType


@dataclass(frozen=True)
class ColumnOrder:
    """One column of an ORDER BY.

    Attributes:
        position: Index of the column in the input.
        ascending: Smallest first.
        nulls_first: NULL comes before every value.
    """

    position: int
    ascending: bool = True
    nulls_first: bool = True


@dataclass(frozen=True)
class AggregateColumn:
    """One aggregate call of an operator.

    Attributes:
        function: Its name in upper case, such as ``SUM`` or ``COUNT``; ``COUNT`` without arguments
            counts rows.
        args: Indexes of the arguments' columns in the input.
        arg_types: Their types.
        data_type: Type of the result.
        filter: Index of a Boolean column: only rows in which it is true count.
        is_distinct: Each value of the arguments counts once.
        order_by: Order in which the rows are taken, for aggregates that keep one.
        settings: Further options as (name, value), such as ``("null_on_null", True)``.
    """

    function: str
    args: tuple[int, ...]
    arg_types: tuple[DataType, ...]
    data_type: DataType
    filter: int | None = None
    is_distinct: bool = False
    order_by: tuple[ColumnOrder, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()

    def setting(self, name: str, default: Any = None) -> Any:
        """The option ``name``."""
        return dict(self.settings).get(name, default)
