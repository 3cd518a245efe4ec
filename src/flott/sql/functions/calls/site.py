"""``Site``: one call as an entry's ``evaluate`` sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from flott.common.physical_types import polars_type
from flott.sql.expressions import Call, Expression, InputRef, Literal
from flott.sql.functions.calls.compiled import Check, Compiled
from flott.sql.functions.entry import NOT_CONSTANT

if TYPE_CHECKING:
    from flott.sql.functions.expression_compiler import Compiler
    from flott.sql.functions.settings import EvaluationSettings


class Site:
    """A call being compiled.

    Attributes:
        call: The bound call.
        types: The types of its operands.
        data_type: The type of its value.
        keywords: Its settings.
    """

    __slots__ = ("_checks", "_compiler", "_level", "_scalar", "call", "data_type", "types")

    def __init__(self, compiler: Compiler, call: Expression) -> None:
        self._compiler = compiler
        self._checks: list[Check] = []
        self._level = 0
        self._scalar = True
        self.call = call
        self.types = tuple(each.data_type for each in self.operands)
        self.data_type = call.data_type

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The bound operands."""
        return self.call.args if isinstance(self.call, Call) else ()

    def has_same_columns(self) -> bool:
        """Whether all operands are one and the same column."""
        first, *others = self.operands
        return isinstance(first, InputRef) and all(each == first for each in others)

    @property
    def keywords(self) -> dict[str, Any]:
        """The call's settings."""
        return dict(self.call.settings) if isinstance(self.call, Call) else {}

    @property
    def settings(self) -> EvaluationSettings:
        """Zone, mode, ..."""
        return self._compiler.settings

    @property
    def result_type(self) -> pl.DataType:
        """The type of the column the value ends in."""
        return polars_type(self.data_type)

    def __len__(self) -> int:
        return len(self.operands)

    def arg(self, index: int, where: pl.Expr | None = None) -> pl.Expr:
        """The operand at ``index``; it is needed only in rows ``where`` that is true."""
        return self.compile(self.operands[index], where)

    def args(self) -> list[pl.Expr]:
        """All operands."""
        return [self.arg(index) for index in range(len(self))]

    def compile(self, expression: Expression, where: pl.Expr | None = None) -> pl.Expr:
        """The value of any expression, with its checks taken over."""
        compiled = self._compiler.compile(expression)
        for check in compiled.checks:
            self._checks.append(check if where is None else check.guarded(where))
        self._level = max(self._level, compiled.level)
        self._scalar = self._scalar and compiled.is_scalar
        return compiled.value

    def constant(self, index: int) -> Any:
        """The value of a constant operand; ``NOT_CONSTANT`` if it varies or is not given."""
        if index >= len(self):
            return NOT_CONSTANT
        arg = self.operands[index]
        return arg.value if isinstance(arg, Literal) else NOT_CONSTANT

    def fail_where(
        self,
        mask: pl.Expr,
        message: str | Callable[[Any], str],
        subject: pl.Expr | None = None,
        hint: str = "",
    ) -> None:
        """Fail the job if ``mask`` is true in a row in which this call is evaluated."""
        text = self._compiler.text_of(self.call)
        self._checks.append(Check(mask, message, text, subject, hint))

    def share(self, value: pl.Expr) -> pl.Expr:
        """A column that holds ``value``, so that using it twice computes it once."""
        if self._scalar:
            return value
        column, self._level = self._compiler.share(value, self._level)
        return column

    def now(self) -> pl.Expr:
        """The present as naive UTC ``Datetime('us')``, one moment for all rows of a batch."""
        self._level = max(self._level, 1)
        return self._compiler.now()

    def watermark(self) -> pl.Expr:
        """The watermark before the rows, naive UTC ``Datetime('us')``; NULL before the first."""
        self._scalar = False
        return self._compiler.watermark()

    def each_row(self) -> pl.Expr:
        """The row number; using it makes a value per row of a call without operands."""
        self._scalar = False
        return pl.int_range(pl.len(), dtype=pl.Int64)

    def finish(self, value: pl.Expr) -> Compiled:
        """The call compiled, with ``value`` as its value."""
        return Compiled(value, tuple(self._checks), self._level, self._scalar)


Evaluate = Callable[[Site], pl.Expr]
