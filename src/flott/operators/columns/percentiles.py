"""PERCENTILE: linear interpolation between the two nearest of the sorted values."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil, floor
from typing import Any

import polars as pl

from flott.common.sql_errors import RecordError


def percentile(lists: pl.Series, wanted: pl.Series, has_weights: bool, is_array: bool) -> pl.Series:
    """The percentiles of each list; elements are values, or structs of value and frequency.

    Raises:
        RecordError: A wanted percentage is not in 0 to 1, or a frequency is negative.
    """
    results: list[Any] = []
    for values, points in zip(lists.to_list(), wanted.to_list(), strict=True):
        if not values or points is None:
            results.append(None)
            continue
        ordered, ends = _ordered(values, has_weights)
        if not ends or ends[-1] <= 0:
            results.append(None)
        elif is_array:
            results.append([_at(ordered, ends, point) for point in points])
        else:
            results.append(_at(ordered, ends, points))
    dtype: pl.DataType = pl.List(pl.Float64()) if is_array else pl.Float64()
    return pl.Series(values=results, dtype=dtype)


def _ordered(values: Sequence[Any], has_weights: bool) -> tuple[list[float], list[int]]:
    """The values in order and, for each, how many there are up to it."""
    if not has_weights:
        ordered = sorted(values)
        return ordered, list(range(1, len(ordered) + 1))
    pairs = sorted(
        (each["v0"], each["v1"]) for each in values if each is not None and each["v1"] is not None
    )
    for _, frequency in pairs:
        if frequency < 0:
            raise RecordError(f"PERCENTILE: the frequency {frequency} is negative")
    return [value for value, _ in pairs], list(accumulate(frequency for _, frequency in pairs))


def _at(ordered: Sequence[float], ends: Sequence[int], point: float | None) -> float | None:
    if point is None:
        return None
    if not 0 <= point <= 1:
        raise RecordError(f"PERCENTILE: the percentage {point} is not between 0 and 1")
    position = (ends[-1] - 1) * point
    lower, upper = floor(position), ceil(position)
    low = float(ordered[bisect_left(ends, lower + 1)])
    if lower == upper:
        return low
    high = float(ordered[bisect_left(ends, upper + 1)])
    return low if low == high else (upper - position) * low + (position - lower) * high
