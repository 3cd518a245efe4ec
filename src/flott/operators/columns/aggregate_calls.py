"""Aggregate calls of a plan as a kernel computes them.

Most calls are one aggregate of the kernel. The others let it collect what they need and are
finished here, in one ``select`` over the results: LISTAGG joins a list, PERCENTILE looks into one,
JSON_OBJECTAGG and JSON_ARRAYAGG write it as text. What such a call needs besides (a separator, the
wanted percentages) is a hidden aggregate: the last value of its column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from flott.common.logical_types import ArrayType, BooleanType, DataType, DoubleType, NullType
from flott.common.physical_types import column_name, polars_schema, polars_type
from flott.core.column_batch import UPDATE_AFTER, UPDATE_BEFORE
from flott.kernels.columns.group_table import DistinctSet, KernelAggregate
from flott.operators.columns.bitmaps import bitmaps
from flott.operators.columns.description import AggregateColumn, ColumnOrder
from flott.operators.columns.json_text import json_array, json_object
from flott.operators.columns.narrowing import narrowed
from flott.operators.columns.percentiles import percentile

#: Aggregates that the kernel takes as they are.
_PLAIN: Final = frozenset(
    {"SUM", "SUM0", "AVG", "STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP"}
    | {"MIN", "MAX", "FIRST_VALUE", "LAST_VALUE", "SINGLE_VALUE", "COLLECT"}
)
#: Aggregates that are computed with doubles, whatever the type of their result.
_SPREADS: Final = frozenset(("STDDEV_POP", "STDDEV_SAMP", "VAR_POP", "VAR_SAMP"))
#: Aggregates for which each value counts once in any case.
_IDEMPOTENT: Final = frozenset(("MIN", "MAX"))
#: Aggregates that need each value once, and are not finished by the kernel.
_OF_SETS: Final = frozenset(
    f"BITMAP_{name}{suffix}"
    for name in ("BUILD", "AND", "OR")
    for suffix in ("_AGG", "_CARDINALITY_AGG")
)

_Finish = Callable[[pl.DataFrame], pl.Expr | pl.Series]


@dataclass
class KernelCalls:
    """What a kernel needs to compute ``calls``, and how its results become theirs.

    Args:
        calls: The calls.
        input_types: Types of the input's columns.
        keys: How many columns stand before the results.
        retracts: Whether rows of the input may go.
    """

    calls: Sequence[AggregateColumn]
    input_types: Sequence[DataType]
    keys: int
    retracts: bool = False
    aggregates: list[KernelAggregate] = field(default_factory=list)
    distinct_sets: list[DistinctSet] = field(default_factory=list)
    input_schema: dict[str, pl.DataType] = field(default_factory=dict)
    result_schema: dict[str, pl.DataType] = field(default_factory=dict)
    _made: list[pl.Expr] = field(default_factory=list)
    _finishers: list[_Finish] = field(default_factory=list)
    _is_plain: bool = True

    def __post_init__(self) -> None:
        self.input_schema = polars_schema(self.input_types)
        hidden: list[tuple[KernelAggregate, pl.DataType]] = []
        for call in self.calls:
            self._add(call, hidden)
        for aggregate, dtype in hidden:
            self._append(aggregate, dtype)

    @classmethod
    def of_partials(cls, calls: Sequence[AggregateColumn], keys: int) -> KernelCalls:
        """For partial aggregates: the columns that ``calls`` look at are no longer there."""
        types: dict[int, DataType] = {}
        for call in calls:
            types.update(zip(call.args, call.arg_types))
            if call.filter is not None:
                types[call.filter] = BooleanType()
        last = max(types, default=-1)
        return cls(calls, [types.get(i, NullType()) for i in range(last + 1)], keys)

    def prepare(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The input with the columns that calls of several operands need."""
        return frame.with_columns(self._made) if self._made else frame

    def finish(self, results: pl.DataFrame) -> pl.DataFrame:
        """Keys and the calls' results from what the kernel gave."""
        if self._is_plain:
            return results
        columns: list[pl.Expr | pl.Series] = [pl.col(column_name(i)) for i in range(self.keys)]
        for number, finisher in enumerate(self._finishers):
            made = finisher(results)
            columns.append(made.alias(column_name(self.keys + number)))
        types = {
            column_name(self.keys + i): polars_type(call.data_type)
            for i, call in enumerate(self.calls)
            if call.function != "ROWS"
        }
        return results.select(columns).cast(types)  # type: ignore[arg-type]

    def finish_changes(
        self, results: pl.DataFrame, kinds: pl.Series | None
    ) -> tuple[pl.DataFrame, pl.Series | None]:
        """As ``finish``; updates that change nothing in the end are left out."""
        results = self.finish(results)
        if self._is_plain or kinds is None:
            return results, kinds
        values = results.columns[self.keys :]
        same = [pl.col(name).eq_missing(pl.col(name).shift(-1)) for name in values]
        pairs = (kinds == UPDATE_BEFORE) & (kinds.shift(-1) == UPDATE_AFTER)
        first = results.select(pl.all_horizontal(same)).to_series() & pairs.fill_null(False)
        kept = ~(first | first.shift(1).fill_null(False))
        kinds = kinds.filter(kept)
        return results.filter(kept), kinds if kinds.len() and kinds.max() else None

    def _append(self, aggregate: KernelAggregate, dtype: pl.DataType) -> str:
        name = column_name(self.keys + len(self.aggregates))
        self.aggregates.append(aggregate)
        self.result_schema[name] = dtype
        return name

    def _add(
        self, call: AggregateColumn, hidden: list[tuple[KernelAggregate, pl.DataType]]
    ) -> None:
        function = call.function
        if function in ("COUNT", "APPROX_COUNT_DISTINCT"):
            self._add_count(call)
        elif function in _SPREADS and not isinstance(call.data_type, DoubleType):
            self._add_spread(call)
        elif function in _PLAIN:
            distinct = call.is_distinct and function not in _IDEMPOTENT
            aggregate = self._aggregate(function, call, call.args[0], distinct)
            self._plain(self._append(aggregate, polars_type(call.data_type)))
        else:
            self._add_list(call, hidden)

    def _add_spread(self, call: AggregateColumn) -> None:
        self._is_plain = False
        number = pl.col(column_name(call.args[0])).cast(pl.Float64())
        position = self._make(number, pl.Float64())
        aggregate = self._aggregate(call.function, call, position, call.is_distinct)
        name = self._append(aggregate, pl.Float64())
        self._finishers.append(lambda results: narrowed(results[name], call.data_type))

    def _plain(self, name: str) -> None:
        self._finishers.append(lambda _: pl.col(name))

    def _add_count(self, call: AggregateColumn) -> None:
        is_distinct = call.is_distinct or call.function == "APPROX_COUNT_DISTINCT"
        argument = call.args[0] if len(call.args) == 1 else -1
        filter_column = -1 if call.filter is None else call.filter
        if is_distinct:
            number = self._distinct(call.args, filter_column)
            aggregate = KernelAggregate("COUNT", argument, filter_column, number, self.retracts)
        else:
            if len(call.args) > 1:
                filter_column = self._all_there(call)
                argument = -1
            aggregate = KernelAggregate("COUNT", argument, filter_column)
        self._plain(self._append(aggregate, pl.Int64()))

    def _all_there(self, call: AggregateColumn) -> int:
        """A filter for the rows in which no argument is NULL."""
        there = [pl.col(column_name(arg)).is_not_null() for arg in call.args]
        if call.filter is not None:
            there.append(pl.col(column_name(call.filter)))
        return self._make(pl.all_horizontal(there), pl.Boolean())

    def _make(self, expression: pl.Expr, dtype: pl.DataType) -> int:
        position = len(self.input_schema)
        self.input_schema[column_name(position)] = dtype
        self._made.append(expression.alias(column_name(position)))
        return position

    def _distinct(self, columns: Sequence[int], filter_column: int) -> int:
        for number, known in enumerate(self.distinct_sets):
            if known.columns == list(columns):
                if filter_column not in known.filters:
                    known.filters.append(filter_column)
                return number
        self.distinct_sets.append(DistinctSet(list(columns), [filter_column]))
        return len(self.distinct_sets) - 1

    def _aggregate(
        self,
        function: str,
        call: AggregateColumn,
        argument: int,
        is_distinct: bool,
        keeps_nulls: bool = False,
    ) -> KernelAggregate:
        filter_column = -1 if call.filter is None else call.filter
        number = self._distinct([argument], filter_column) if is_distinct else -1
        return KernelAggregate(
            function, argument, filter_column, number, self.retracts, keeps_nulls
        )

    def _add_list(
        self, call: AggregateColumn, hidden: list[tuple[KernelAggregate, pl.DataType]]
    ) -> None:
        self._is_plain = False
        function = call.function
        pairs = function == "JSON_OBJECTAGG" or (function == "PERCENTILE" and len(call.args) == 3)
        kept = [call.args[0], call.args[-1]] if pairs else [call.args[0]]
        if function == "ROWS":
            kept = list(call.args)
        position, dtype = self._list_value(call, kept)
        keeps_nulls = _keeps_nulls(call)
        is_distinct = call.is_distinct or function in _OF_SETS
        aggregate = self._aggregate("LIST", call, position, is_distinct, keeps_nulls)
        name = self._append(aggregate, pl.List(dtype))
        extra = None
        if function in ("LISTAGG", "PERCENTILE") and len(call.args) > 1:
            extra = column_name(self._hidden_name(hidden))
            last = KernelAggregate("LAST_VALUE", call.args[1])
            hidden.append((last, polars_type(call.arg_types[1])))
        is_wrapped = len(kept) > 1 or _is_wrapped(call)
        self._finishers.append(_finisher(call, name, extra, is_wrapped))

    def _hidden_name(self, hidden: Sequence[object]) -> int:
        """Position of the next hidden result: they stand after one result for each call."""
        return self.keys + len(self.calls) + len(hidden)

    def _list_value(self, call: AggregateColumn, kept: Sequence[int]) -> tuple[int, pl.DataType]:
        """The column of which a list is kept: operands, and what they are ordered by."""
        if call.function == "ROWS":
            dtype = pl.Struct({column_name(p): polars_type(self.input_types[p]) for p in kept})
            return self._make(pl.struct(column_name(p) for p in kept), dtype), dtype
        if len(kept) == 1 and not _is_wrapped(call):
            return kept[0], polars_type(self.input_types[kept[0]])
        names = [f"v{i}" for i in range(len(kept))] + [f"o{i}" for i in range(len(call.order_by))]
        positions = [*kept, *(order.position for order in call.order_by)]
        columns = [pl.col(column_name(p)).alias(name) for p, name in zip(positions, names)]
        dtype = pl.Struct(
            {name: polars_type(self.input_types[p]) for p, name in zip(positions, names)}
        )
        value: pl.Expr = pl.struct(columns)
        if not _keeps_nulls(call):
            value = pl.when(pl.col(column_name(kept[0])).is_not_null()).then(value)
        return self._make(value, dtype), dtype


def _is_wrapped(call: AggregateColumn) -> bool:
    """Whether the list has structs of one operand and what it is ordered by.

    The set of distinct values holds no NULL, but it holds a struct of NULL.
    """
    return bool(call.order_by) or (call.is_distinct and _keeps_nulls(call))


def _keeps_nulls(call: AggregateColumn) -> bool:
    if call.function == "ARRAY_AGG":
        return bool(call.setting("nulls", "RESPECT") != "IGNORE")
    if call.function == "JSON_ARRAYAGG":
        return bool(call.setting("on_null", "ABSENT") == "NULL")
    return call.function == "JSON_OBJECTAGG"


def _finisher(call: AggregateColumn, name: str, extra: str | None, is_wrapped: bool) -> _Finish:
    values = _values(call, name, is_wrapped)
    is_json = bool(call.setting("is_json", False))
    match call.function:
        case "ROWS":
            return lambda _: pl.col(name)
        case "ARRAY_AGG":
            return lambda _: values
        case "LISTAGG":
            separator = pl.col(extra) if extra else pl.lit(",")
            return lambda _: values.list.join(separator)
        case "PERCENTILE":
            assert extra is not None
            has_weights = len(call.args) == 3
            is_array = isinstance(call.data_type, ArrayType)
            return lambda results: percentile(results[name], results[extra], has_weights, is_array)
        case "JSON_OBJECTAGG":
            keeps = call.setting("on_null", "NULL") == "NULL"
            return lambda results: json_object(
                results.select(values).to_series(), call.arg_types[1], keeps, is_json
            )
        case "JSON_ARRAYAGG":
            return lambda results: json_array(
                results.select(values).to_series(), call.arg_types[0], is_json
            )
    if call.function.startswith("BITMAP_"):
        return lambda results: bitmaps(results.select(values).to_series(), call.function)
    raise AssertionError(f"no kernel computes {call.function}")


def _values(call: AggregateColumn, name: str, is_wrapped: bool) -> pl.Expr:
    """The list in the wanted order and without what it was ordered by."""
    values = pl.col(name)
    if not is_wrapped:
        return values
    if call.order_by:
        values = values.list.eval(_sorted(call.order_by))
    if call.function in ("JSON_OBJECTAGG", "PERCENTILE"):
        return values
    return values.list.eval(pl.element().struct.field("v0"))


def _sorted(order_by: Sequence[ColumnOrder]) -> pl.Expr:
    return pl.element().sort_by(
        [pl.element().struct.field(f"o{i}") for i in range(len(order_by))],
        descending=[not order.ascending for order in order_by],
        nulls_last=[not order.nulls_first for order in order_by],
        maintain_order=True,
    )
