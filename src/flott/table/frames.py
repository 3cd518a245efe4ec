"""Collected changes as a frame: the table that they leave behind, columns typed as in the query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flott.common import logical_types as t
from flott.common.physical_types import column_names, polars_schema

if TYPE_CHECKING:
    import polars as pl

#: Kind (``RowKind.value``) and values of a row, as the engine sends them.
Change = tuple[int, Sequence[Any]]
_WEIGHT = "weight"
_REMOVING = (1, 3)


def frame_of(
    changes: Iterable[Change], names: Sequence[str], types: Sequence[t.DataType]
) -> pl.DataFrame:
    """The table that ``changes`` leave behind, its rows in the order in which they first came.

    >>> from flott.common.logical_types import IntType
    >>> frame_of([(0, [1]), (0, [2]), (3, [1])], ["a"], [IntType()])["a"].to_list()
    [2]
    """
    import polars as pl

    kinds: list[int] = []
    rows: list[Sequence[Any]] = []
    for kind, values in changes:
        kinds.append(kind)
        rows.append(values)
    schema = polars_schema(types)
    if not rows:
        frame = pl.DataFrame(schema=schema)
    else:
        columns = zip(*rows, strict=True)
        frame = pl.DataFrame(
            [
                pl.Series(name, values, dtype=dtype, strict=False)
                for (name, dtype), values in zip(schema.items(), columns, strict=True)
            ]
        )
    if any(kinds):
        frame = _applied(frame, kinds)
    return _finished(frame, names, types)


def _applied(frame: pl.DataFrame, kinds: Sequence[int]) -> pl.DataFrame:
    """The rows that are left when each change counts once more or once less."""
    import polars as pl

    weights = pl.Series(_WEIGHT, [-1 if kind in _REMOVING else 1 for kind in kinds], pl.Int64)
    columns = frame.columns
    counted = (
        frame.with_columns(weights)
        .group_by(columns, maintain_order=True)
        .agg(pl.col(_WEIGHT).sum())
        .filter(pl.col(_WEIGHT) > 0)
    )
    repeated = pl.int_range(counted.height, eager=True).repeat_by(counted[_WEIGHT]).explode()
    return counted.select(columns)[repeated.drop_nulls()]


def _finished(
    frame: pl.DataFrame, names: Sequence[str], types: Sequence[t.DataType]
) -> pl.DataFrame:
    """The columns under their names; instants in UTC, spans of time as durations."""
    import polars as pl

    seen: dict[str, int] = {}
    columns = []
    for column, name, data_type in zip(column_names(len(names)), names, types, strict=True):
        seen[name] = seen.get(name, -1) + 1
        title = name if seen[name] == 0 else f"{name}_{seen[name]}"
        expression = pl.col(column)
        if isinstance(data_type, t.LocalZonedTimestampType):
            expression = expression.dt.replace_time_zone("UTC")
        elif isinstance(data_type, t.DayTimeIntervalType):
            expression = expression.cast(pl.Duration("ms"))
        columns.append(expression.alias(title))
    return frame.select(columns)
