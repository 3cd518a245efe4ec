"""Frames from kernels: what C++ hands out becomes a Polars frame without a copy."""

from __future__ import annotations

import polars as pl

from flott.kernels._native import ArrowFrame


def to_frame(native: ArrowFrame) -> pl.DataFrame:
    """The columns of ``native``, which is empty afterwards."""
    return pl.DataFrame(native)


def to_series(native: ArrowFrame) -> pl.Series:
    """The one column of ``native``, which is empty afterwards."""
    return pl.DataFrame(native).to_series()
