"""Expressions as operators see them: a batch of columns in, a batch of columns out.

``flott.sql`` compiles bound expressions to these; an operator evaluates all its expressions in
one call. Objects are picklable and compile themselves at first use, in the worker.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from flott.core.context import OperatorContext


class Projection(ABC):
    """Computes columns from columns."""

    @abstractmethod
    def open(self, context: OperatorContext | None) -> None:
        """Get ready: called once, before the first batch. ``None`` when constants are folded."""

    def advance(self, watermark: int) -> None:
        """The watermark of the operator has risen, for expressions that tell it."""

    @abstractmethod
    def evaluate(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The computed columns, named ``f0``, ``f1``, ..., as many rows as ``frame``.

        Raises:
            RecordError: A value could not be computed; names the expression and the row's values.
        """


class Predicate(ABC):
    """Computes which rows pass."""

    @abstractmethod
    def open(self, context: OperatorContext | None) -> None:
        """Get ready: called once, before the first batch."""

    def advance(self, watermark: int) -> None:
        """The watermark of the operator has risen, for expressions that tell it."""

    @abstractmethod
    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        """A Boolean series without NULL: true where the row passes."""
