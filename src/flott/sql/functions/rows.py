"""Functions that Python computes: once for each distinct combination of their operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from flott.sql.functions.calls.literals import column_value
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.conversion import by_distinct, by_series
from flott.sql.functions.entry import NOT_CONSTANT

Compute = Callable[..., Any]


def in_python(
    function: Compute, dtype: pl.DataType | None = None, *, keeps_null: bool = False
) -> Callable[[Site], pl.Expr]:
    """An ``evaluate`` that calls ``function`` with the operands' values.

    Args:
        function: From values to a value.
        dtype: The column's type; ``None``: the type of the call.
        keeps_null: Whether ``function`` is called with NULL (``None``) operands, too; else the
            result is NULL.
    """

    def evaluate(site: Site) -> pl.Expr:
        target = site.result_type if dtype is None else dtype
        constants = [_constant(site, index) for index in range(len(site))]
        varying = [i for i, value in enumerate(constants) if value is NOT_CONSTANT]
        if not keeps_null and any(value is None for value in constants):
            return pl.lit(None, dtype=target)
        if len(varying) == 1 and not keeps_null:
            position = varying[0]
            before, after = constants[:position], constants[position + 1 :]
            return by_series(
                site.arg(position),
                lambda values: by_distinct(
                    values, lambda value: function(*before, value, *after), target
                ),
                target,
            )
        return of_rows(site.args(), function, target, keeps_null=keeps_null)

    return evaluate


def _constant(site: Site, index: int) -> Any:
    """The value of a constant operand as a column would have it."""
    value = site.constant(index)
    return value if value is NOT_CONSTANT else column_value(value, site.types[index])


def of_rows(
    operands: Sequence[pl.Expr], function: Compute, dtype: pl.DataType, *, keeps_null: bool = False
) -> pl.Expr:
    """``function`` of the values of ``operands`` in each row."""
    if not operands:
        return pl.lit(function(), dtype=dtype)

    def compute(rows: pl.Series) -> pl.Series:
        columns = [rows.struct.field(name).to_list() for name in rows.struct.fields]
        known: dict[tuple[Any, ...], Any] = {}
        results: list[Any] = []
        for values in zip(*columns, strict=True):
            if not keeps_null and None in values:
                results.append(None)
                continue
            try:
                if values not in known:
                    known[values] = function(*values)
                results.append(known[values])
            except TypeError:
                # Lists have no hash: they are computed row by row.
                results.append(function(*values))
        return pl.Series(rows.name, results, dtype=dtype)

    packed = pl.struct(*(each.alias(f"a{i}") for i, each in enumerate(operands)))
    return by_series(packed, compute, dtype)
