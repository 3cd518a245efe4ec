"""``Compiler``: bound expressions to Polars expressions, equal sub-expressions computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from flott.common.errors import UnsupportedFeature
from flott.common.physical_types import column_name
from flott.sql.expressions import Call, Cast, Expression, InputRef, Literal, children
from flott.sql.functions.calls.compiled import Compiled
from flott.sql.functions.calls.literals import literal_expression
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting import compile_cast
from flott.sql.functions.names import entry_of
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.functions.text import expression_text

#: The column with the present, where an expression asks for it.
NOW = "__now"
#: The column with the watermark, likewise.
WATERMARK = "__watermark"


class Compiler:
    """Compiles the expressions of one operator.

    Attributes:
        settings: Zone and mode.
        stages: Shared values: lists of named expressions, each list over what the lists before
            it made.
        needs_now: Whether the column ``NOW`` must be there.
        needs_watermark: Whether the column ``WATERMARK`` must be there.
    """

    def __init__(self, settings: EvaluationSettings, roots: Sequence[Expression] = ()) -> None:
        self.settings = settings
        self.stages: list[list[pl.Expr]] = []
        self.needs_now = False
        self.needs_watermark = False
        self._done: dict[Expression, Compiled] = {}
        self._repeated = _repeated(roots)
        self._shared = 0

    def compile(self, expression: Expression) -> Compiled:
        """The Polars expression for ``expression`` and its checks."""
        match expression:
            case InputRef():
                return Compiled(pl.col(column_name(expression.index)))
            case Literal():
                value = literal_expression(expression.value, expression.data_type)
                return Compiled(value, is_scalar=True)
            case Call() | Cast():
                found = self._done.get(expression)
                if found is None:
                    found = self._done[expression] = self._compile(expression)
                return found
        raise UnsupportedFeature(f"{type(expression).__name__} in a computed expression")

    def _compile(self, expression: Call | Cast) -> Compiled:
        site = Site(self, expression)
        if isinstance(expression, Cast):
            value = compile_cast(site, expression)
        else:
            value = entry_of(expression.function).evaluate(site)
        if expression in self._repeated:
            value = site.share(value)
        return site.finish(value)

    def share(self, value: pl.Expr, level: int) -> tuple[pl.Expr, int]:
        """A column for ``value``, and the level of what uses it."""
        while len(self.stages) <= level:
            self.stages.append([])
        name = f"__s{self._shared}"
        self._shared += 1
        self.stages[level].append(value.alias(name))
        return pl.col(name), level + 1

    def now(self) -> pl.Expr:
        """The column with the present."""
        self.needs_now = True
        return pl.col(NOW)

    def watermark(self) -> pl.Expr:
        """The column with the watermark."""
        self.needs_watermark = True
        return pl.col(WATERMARK)

    def text_of(self, expression: Expression) -> str:
        """The SQL text of ``expression``."""
        return expression_text(expression)


def _repeated(roots: Sequence[Expression]) -> frozenset[Expression]:
    """The largest calls that ``roots`` contain more than once."""
    counts: Counter[Expression] = Counter()
    waiting = list(roots)
    while waiting:
        expression = waiting.pop()
        if not isinstance(expression, (Call, Cast)):
            continue
        counts[expression] += 1
        if counts[expression] == 1:
            waiting.extend(children(expression))
    return frozenset(expression for expression, count in counts.items() if count > 1)
