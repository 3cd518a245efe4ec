"""What compiling gives: a Polars expression that never fails, and the checks beside it.

A value that cannot be computed (a strict CAST, a division by zero) becomes NULL in the column and
true in a check. An operator of branches (AND, CASE, COALESCE) guards the checks of a branch by the
rows that take it, so that a branch not taken cannot fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import polars as pl


@dataclass(frozen=True, slots=True)
class Check:
    """A way to fail.

    Attributes:
        mask: True in the rows that fail.
        message: What is wrong; or a function of ``subject``'s value in the row that fails.
        expression: The SQL text of the expression.
        subject: The value to blame.
        hint: What to do about it.
    """

    mask: pl.Expr
    message: str | Callable[[Any], str]
    expression: str
    subject: pl.Expr | None = None
    hint: str = ""

    def guarded(self, taken: pl.Expr) -> Check:
        """The check, for rows in which ``taken`` is true."""
        return replace(self, mask=taken & self.mask)

    def explain(self, value: Any) -> str:
        """The message for a row whose subject is ``value``."""
        return self.message if isinstance(self.message, str) else self.message(value)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled expression.

    Attributes:
        value: The Polars expression.
        checks: What may fail.
        level: How many stages of shared values must have been computed before.
        is_scalar: Whether ``value`` is one value for all rows.
    """

    value: pl.Expr
    checks: tuple[Check, ...] = ()
    level: int = 0
    is_scalar: bool = False
