"""``Conversion``: a value in another type, and where it could not be converted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from flott.common import logical_types as t

#: Below so many rows looking for equal values costs more than it saves.
_FEW_ROWS = 32


@dataclass(frozen=True, slots=True)
class Conversion:
    """The result of a cast.

    Attributes:
        value: The value in the new type; NULL where it could not be converted.
        failed: True where it could not be; ``None`` if the cast never fails. A decimal that
            overflows is NULL and no failure.
        fails_as_null: Whether it fails exactly where a value that is not NULL becomes NULL.
        fatal: True where even TRY_CAST fails the job; ``None``: nowhere.
        fatal_text: Why it fails there.
        hint: What else there is to say where a value could not be converted.
    """

    value: pl.Expr
    failed: pl.Expr | None = None
    fails_as_null: bool = False
    fatal: pl.Expr | None = None
    fatal_text: str = ""
    hint: str = ""

    @property
    def failures(self) -> list[pl.Expr]:
        """Where it fails for one reason or the other."""
        return [each for each in (self.failed, self.fatal) if each is not None]


@dataclass(frozen=True, slots=True)
class CastTask:
    """A cast to be done.

    Attributes:
        value: What is cast.
        source: Its type.
        target: The type wanted.
        zone: The session's time zone.
    """

    value: pl.Expr
    source: t.DataType
    target: t.DataType
    zone: str


def failing_as_null(value: pl.Expr, converted: pl.Expr) -> Conversion:
    """A conversion that gives NULL for exactly the values it fails on."""
    return Conversion(converted, value.is_not_null() & converted.is_null(), fails_as_null=True)


def by_series(
    value: pl.Expr, function: Callable[[pl.Series], pl.Series], dtype: pl.DataType
) -> pl.Expr:
    """``function`` over whole columns."""
    return value.map_batches(function, return_dtype=dtype, is_elementwise=True)


def by_distinct(values: pl.Series, function: Callable[[Any], Any], dtype: pl.DataType) -> pl.Series:
    """``function`` called once for each distinct value that is not NULL."""
    if values.dtype.is_nested() or values.len() < _FEW_ROWS:
        return _of_each(values, function, dtype)
    distinct = values.unique().drop_nulls()
    if distinct.len() * 2 > values.len():
        return _of_each(values, function, dtype)
    mapped = pl.Series([function(each) for each in distinct.to_list()], dtype=dtype)
    pairs = pl.DataFrame({"k": distinct, "v": mapped})
    frame = values.rename("k").to_frame()
    return frame.join(pairs, on="k", how="left", maintain_order="left")["v"].rename(values.name)


def _of_each(values: pl.Series, function: Callable[[Any], Any], dtype: pl.DataType) -> pl.Series:
    results = [None if each is None else function(each) for each in values.to_list()]
    return pl.Series(values.name, results, dtype=dtype)
