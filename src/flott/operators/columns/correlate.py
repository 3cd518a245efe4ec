"""Each row with the rows a table function makes of it: UNNEST, LATERAL TABLE.

A function gives, for a whole batch, columns and for each of their rows the input row it belongs to;
the input's columns and kinds follow by one gather. UNNEST is done on columns throughout, functions
written in Python are called once a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.common.logical_types import DataType, MultisetType
from flott.common.physical_types import column_name, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.expression import Predicate
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.rows.functions import bind_method, close_function, open_function
from flott.operators.runtime_context import RuntimeContext

_OWNER: Final = "owner"
_PLACE: Final = "place"
_VALUE: Final = "value"

#: Takes the arguments; gives the columns, after them the owner of each row (UInt32, ascending) and
#: its place among the owner's rows, from 1.
_Expand = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class CorrelateSpec(OperatorSpec):
    """Outputs the input's columns, those of the function, and the ordinality if it is wanted.

    Attributes:
        join_kind: INNER, or LEFT: rows for which there are none come with NULLs.
        function: ``UNNEST``; ``REPLICATE_ROWS`` (its first argument says how many times the others
            come); or an object with ``eval(*args)``, or a callable, that gives an iterable of rows.
        args: The columns the function takes.
        input_types: Types of the input's columns.
        output_types: Types of the function's columns.
        condition: What a row must fulfil, over the input's, then the function's columns.
        with_ordinality: Whether the place among the rows follows, as INT.
    """

    join_kind: str
    function: Any
    args: tuple[int, ...]
    input_types: tuple[DataType, ...]
    output_types: tuple[DataType, ...]
    condition: Predicate | None = None
    with_ordinality: bool = False
    description: str = ""

    def build(self) -> Operator:
        assert self.join_kind in ("INNER", "LEFT", "CROSS"), self.join_kind
        return _Correlate(self)

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _Correlate(Operator):
    def __init__(self, spec: CorrelateSpec) -> None:
        self._spec = spec
        width = len(spec.input_types)
        self._columns = [column_name(width + i) for i in range(len(spec.output_types))]
        self._ordinality = column_name(width + len(spec.output_types))
        self._args = [column_name(i) for i in spec.args]
        self._expand = _expansion(spec)

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        if not isinstance(self._spec.function, str):
            open_function(self._spec.function, RuntimeContext(context, False))
        if self._spec.condition is not None:
            self._spec.condition.open(context)

    def close(self) -> None:
        if not isinstance(self._spec.function, str):
            close_function(self._spec.function)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        made = self._expand(batch.frame.select(self._args))
        owners, places = made.drop_in_place(_OWNER), made.drop_in_place(_PLACE)
        made.columns = self._columns
        if self._spec.condition is not None:
            passing = self._spec.condition.evaluate(batch.frame[owners].hstack(made))
            made, owners, places = (
                made.filter(passing),
                owners.filter(passing),
                places.filter(passing),
            )
        if self._spec.with_ordinality:
            made = made.with_columns(places.cast(pl.Int32).alias(self._ordinality))
        if self._spec.join_kind == "LEFT":
            made, owners = _padded(made, owners, batch.row_count)
        if made.height:
            kinds = None if batch.kinds is None else batch.kinds.gather(owners)
            self.output.emit(ColumnBatch(batch.frame[owners].hstack(made), kinds))


def _padded(made: pl.DataFrame, owners: pl.Series, rows: int) -> tuple[pl.DataFrame, pl.Series]:
    """With a row of NULLs for each input row that has none."""
    every = pl.int_range(rows, dtype=pl.UInt32, eager=True)
    missing = every.filter(~every.is_in(owners.implode()))
    if not missing.len():
        return made, owners
    both = pl.concat([made, made.clear(missing.len())])
    all_owners = pl.concat([owners.rename(_OWNER), missing.rename(_OWNER)])
    order = all_owners.arg_sort()
    return both[order], all_owners[order]


def _expansion(spec: CorrelateSpec) -> _Expand:
    if spec.function == "UNNEST":
        given = spec.input_types[spec.args[0]]
        return _unnest_multiset if isinstance(given, MultisetType) else _unnest
    if spec.function == "REPLICATE_ROWS":
        return _replicate
    return _CallEach(bind_method(spec.function, "eval"), spec.output_types)


def _unnest(args: pl.DataFrame) -> pl.DataFrame:
    """The elements of an array, or the entries of a map."""
    values = args.to_series()
    lengths = values.list.len()
    rows = pl.DataFrame(
        {
            _OWNER: pl.int_range(values.len(), dtype=pl.UInt32, eager=True),
            _PLACE: pl.int_ranges(1, lengths + 1, dtype=pl.UInt32, eager=True),
            _VALUE: values,
        }
    ).filter((lengths > 0).fill_null(False))
    return _with_fields(rows.explode(_PLACE, _VALUE))


def _unnest_multiset(args: pl.DataFrame) -> pl.DataFrame:
    """The elements of a multiset, each as often as it is there."""
    entries = _unnest(args)
    values, counts = entries.columns[:2]
    repeated = entries.select(
        _OWNER, pl.struct(values).repeat_by(pl.col(counts)).alias(_VALUE)
    ).explode(_VALUE)
    place = (pl.int_range(pl.len(), dtype=pl.UInt32) + 1).over(_OWNER).alias(_PLACE)
    rows = repeated.select(_OWNER, place, pl.col(_VALUE).struct.field(values).alias(_VALUE))
    return _with_fields(rows)


def _with_fields(rows: pl.DataFrame) -> pl.DataFrame:
    """The value's fields, if it is a row, before owner and place."""
    value = rows[_VALUE]
    if not isinstance(value.dtype, pl.Struct):
        return rows.select(_VALUE, _OWNER, _PLACE)
    if value.null_count():  # a row that is NULL as a whole is none
        rows = rows.filter(value.is_not_null())
    fields = [
        pl.col(_VALUE).struct.field(field.name).alias(f"field {i}")
        for i, field in enumerate(value.dtype.fields)
    ]
    return rows.select(*fields, _OWNER, _PLACE)


def _replicate(args: pl.DataFrame) -> pl.DataFrame:
    """The columns after the first, as many times as that says."""
    count, *columns = args.columns
    counts = args[count].fill_null(0).clip(lower_bound=0)
    rows = pl.DataFrame(
        {
            _OWNER: pl.int_range(args.height, dtype=pl.UInt32, eager=True),
            _PLACE: pl.int_ranges(1, counts + 1, dtype=pl.UInt32, eager=True),
        }
    )
    rows = rows.filter(counts > 0).explode(_PLACE)
    return args.select(columns)[rows[_OWNER]].hstack(rows)


class _CallEach:
    """Calls a Python function for each row."""

    def __init__(
        self, function: Callable[..., Iterable[Any] | None], types: tuple[DataType, ...]
    ) -> None:
        self._function = function
        self._schema = polars_schema(types)
        self._is_single = len(types) == 1

    def __call__(self, args: pl.DataFrame) -> pl.DataFrame:
        rows: list[Any] = []
        owners: list[int] = []
        places: list[int] = []
        for owner, value in enumerate(args.iter_rows()):
            found = self._function(*value)
            for place, row in enumerate(() if found is None else found, 1):
                rows.append((row,) if self._is_single and not _is_row(row) else tuple(row))
                owners.append(owner)
                places.append(place)
        made = pl.DataFrame(rows, schema=self._schema, orient="row")
        return made.with_columns(
            pl.Series(_OWNER, owners, dtype=pl.UInt32), pl.Series(_PLACE, places, dtype=pl.UInt32)
        )


def _is_row(value: Any) -> bool:
    return isinstance(value, tuple) or type(value).__name__ == "Row"
