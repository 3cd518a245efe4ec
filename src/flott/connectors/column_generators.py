"""Columns of made-up values, from the numbers of rows: the same in every run, but for times.

A generator gives the values of the rows from a number on, a whole column at once. Randomness is a
hash of the row's number and the field's name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import polars as pl

from flott.kernels.columns.nexmark import make_random

_WORD: Final = 1 << 64
_NULL_SALT: Final = 0x5EED


class ColumnGenerator(ABC):
    """Makes the values of one field; picklable."""

    @abstractmethod
    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        """The values of the rows number ``first`` and following.

        Args:
            first: The number of the first row, from 0.
            count: How many rows.
            now_ms: The time now, epoch milliseconds.
        """


def salt_of(name: str) -> int:
    """What tells the randomness of a field from that of others."""
    return crc32(name.encode()) << 8


def random_shares(first: int, count: int, salt: int) -> pl.Series:
    """A number from 0 up to 1 for each row."""
    return make_random(first, count, salt).cast(pl.Float64) / float(_WORD)


@dataclass(frozen=True)
class RandomWhole(ColumnGenerator):
    """Whole numbers from ``least`` to ``most``."""

    least: int
    most: int
    column_type: pl.DataType
    salt: int

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        drawn = make_random(first, count, self.salt)
        size = self.most - self.least + 1
        if size < _WORD:
            drawn = drawn % pl.Series([size], dtype=pl.UInt64)
        shifted = drawn + pl.Series([self.least % _WORD], dtype=pl.UInt64)
        return shifted.reinterpret(signed=True).cast(self.column_type)


@dataclass(frozen=True)
class RandomReal(ColumnGenerator):
    """Numbers from ``least`` up to ``most``; decimals are cut to their digits."""

    least: float
    most: float
    column_type: pl.DataType
    salt: int

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        shares = random_shares(first, count, self.salt)
        return (shares * (self.most - self.least) + self.least).cast(self.column_type)


@dataclass(frozen=True)
class RandomBoolean(ColumnGenerator):
    """True or false."""

    salt: int

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        return make_random(first, count, self.salt) % 2 == 1


@dataclass(frozen=True)
class RandomText(ColumnGenerator):
    """Texts of hexadecimal digits, or bytes.

    Attributes:
        length: How long, or at most.
        varies: Whether the length is random, at least 1.
        is_binary: Whether to make bytes.
        salt: What tells the field from others.
    """

    length: int
    varies: bool
    is_binary: bool
    salt: int

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        length = self.length
        words = max(-(-length // (8 if self.is_binary else 16)), 1)
        drawn: Any = make_random(first * words, count * words, self.salt).to_arrow()
        raw = bytes(drawn.buffers()[1])[: count * words * 8]
        whole = raw if self.is_binary else raw.hex()
        width = words * (8 if self.is_binary else 16)
        lengths = [length] * count
        if self.varies and length > 1:
            lengths = (make_random(first, count, self.salt + 1) % length + 1).to_list()
        values = [whole[i * width : i * width + each] for i, each in enumerate(lengths)]
        return pl.Series(values, dtype=pl.Binary if self.is_binary else pl.String)


@dataclass(frozen=True)
class PastTime(ColumnGenerator):
    """Times now, or up to some milliseconds ago.

    Attributes:
        max_past_ms: How far back, in milliseconds.
        column_type: A date, a time or a timestamp.
        salt: What tells the field from others.
    """

    max_past_ms: int
    column_type: pl.DataType
    salt: int

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        moments = pl.Series([now_ms], dtype=pl.Int64).new_from_index(0, count)
        if self.max_past_ms:
            drawn = make_random(first, count, self.salt) % self.max_past_ms
            moments = moments - drawn.cast(pl.Int64)
        stamps = (moments * 1000).cast(pl.Datetime("us"))
        if isinstance(self.column_type, pl.Time):
            return stamps.dt.time()
        return stamps.cast(self.column_type)


@dataclass(frozen=True)
class CountUp(ColumnGenerator):
    """``start``, ``start + 1``, ...; as numbers or as texts."""

    start: int
    column_type: pl.DataType

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        begin = self.start + first
        return pl.int_range(begin, begin + count, eager=True).cast(self.column_type)


@dataclass(frozen=True)
class SomeNull(ColumnGenerator):
    """The values of another generator, some of them NULL.

    Attributes:
        inner: Makes the values.
        rate: The share of NULL.
        salt: What tells the field from others.
    """

    inner: ColumnGenerator
    rate: float
    salt: int

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        values = self.inner.make(first, count, now_ms)
        is_null = random_shares(first, count, self.salt + _NULL_SALT) < self.rate
        frame = pl.DataFrame([values.alias("value"), is_null.alias("is_null")])
        return frame.select(pl.when(~pl.col("is_null")).then("value")).to_series()


@dataclass(frozen=True)
class ListOf(ColumnGenerator):
    """Lists of ``length`` values; with two generators, of entries of a map."""

    inner: ColumnGenerator
    length: int
    value: ColumnGenerator | None = None

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        length = self.length
        elements = self.inner.make(first * length, count * length, now_ms)
        if self.value is not None:
            values = self.value.make(first * length, count * length, now_ms)
            entries = [elements.alias("key"), values.alias("value")]
            elements = pl.DataFrame(entries).to_struct("entries")
        if length == 0:
            return pl.Series([[]] * count, dtype=pl.List(elements.dtype))
        rows = pl.int_range(0, count * length, eager=True) // length
        frame = pl.DataFrame([rows.alias("row"), elements.alias("element")])
        return frame.group_by("row", maintain_order=True).agg("element").get_column("element")


@dataclass(frozen=True)
class RowOf(ColumnGenerator):
    """Rows of several fields."""

    names: Sequence[str]
    fields: Sequence[ColumnGenerator]

    def make(self, first: int, count: int, now_ms: int) -> pl.Series:
        made = [
            field.make(first, count, now_ms).alias(name)
            for name, field in zip(self.names, self.fields, strict=True)
        ]
        return pl.DataFrame(made).to_struct("row")


def make_frame(
    generators: Mapping[str, ColumnGenerator],
    columns: Sequence[str],
    first: int,
    count: int,
    now_ms: int,
) -> pl.DataFrame:
    """A batch of rows.

    >>> boolean = RandomBoolean(salt_of("b"))
    >>> make_frame({"b": boolean}, ["b"], 0, 3, 0).schema.dtypes()
    [Boolean]
    """
    if not columns:
        return pl.DataFrame(height=count)
    return pl.DataFrame(
        [
            generators[name].make(first, count, now_ms).alias(f"f{index}")
            for index, name in enumerate(columns)
        ]
    )
