"""Doubles as numbers of another type: results of aggregates that are computed with doubles."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import polars as pl

from flott.common.logical_types import DataType, DecimalType, IntegralType
from flott.common.physical_types import polars_type


def narrowed(values: pl.Series, target: DataType) -> pl.Series:
    """Doubles as Java casts them: INT and BIGINT end at their bounds, shorter types wrap around,
    decimals are rounded half up and NULL where they have too many digits."""
    dtype = polars_type(target)
    if isinstance(target, IntegralType):
        cast: list[Any] = [_whole(value, target.bits) for value in values.to_list()]
    elif isinstance(target, DecimalType):
        cast = [_decimal(value, target) for value in values.to_list()]
    else:
        return values.cast(dtype)
    return pl.Series(values.name, cast, dtype=dtype)


def _whole(value: float | None, bits: int) -> int | None:
    if value is None:
        return None
    if math.isnan(value):
        return 0
    limit = 1 << (max(bits, 32) - 1)
    number = max(-limit, min(limit - 1, int(value))) if math.isfinite(value) else limit - 1
    if value == -math.inf:
        number = -limit
    # Short types are cut out of the 32 bits.
    half = 1 << (bits - 1)
    return (number + half) % (2 * half) - half


def _decimal(value: float | None, target: DecimalType) -> Decimal | None:
    if value is None or not math.isfinite(value) or abs(value) >= 1e38:
        return None
    with localcontext() as context:
        context.prec = 90
        number = Decimal(repr(value)).quantize(Decimal(1).scaleb(-target.scale), ROUND_HALF_UP)
    return number if abs(number) < Decimal(10) ** (target.precision - target.scale) else None
