"""What may follow a call: WITHIN GROUP, FILTER, IGNORE NULLS, OVER; and orders and windows."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from flott.sql.dialect.calls import CallParser
from flott.sql.dialect.tokens import Token

#: Aggregates whose syntax ends before OVER.
_WITHOUT_OVER = ("JSON_ARRAYAGG", "JSON_OBJECTAGG")
#: Functions that may be told what to do about NULL.
_TREATS_NULLS = ("ARRAY_AGG", "LAG", "LEAD")


class WindowParser(CallParser):
    """Reads windows."""

    def ordering(self) -> exp.Order:
        """Read ``ORDER BY a DESC NULLS LAST, ...``."""
        first = self.expect("ORDER", "BY")
        return self.marked(exp.Order(expressions=self.separated(self.ordered)), first)

    def after_call(self, call: exp.Expression, first: Token) -> exp.Expression:
        """Read what follows a call."""
        node = call
        word = self.token.upper
        if word in ("IGNORE", "RESPECT") and self.ahead().upper == "NULLS":
            if str(call.this).upper() not in _TREATS_NULLS:
                self.invalid_later(f"{word} NULLS cannot follow {call.this}", first)
            self.index += 2
            settings = call.meta.get("settings", ())
            call.meta["settings"] = (*settings, ("nulls", word))
        if self.accept("WITHIN", "GROUP"):
            self.expect("(")
            node = exp.WithinGroup(this=node, expression=self.ordering())
            self.expect(")")
            self.marked(node, first)
        if self.looks_at("FILTER") and self.ahead().upper == "(":
            self.index += 2
            at = self.expect("WHERE")
            where = self.marked(exp.Where(this=self.expression()), at)
            self.expect(")")
            node = self.marked(exp.Filter(this=node, expression=where), first)
        if self.looks_at("OVER") and str(call.this).upper() in _WITHOUT_OVER:
            self.error(f"{call.this} takes no OVER")
        if self.accept("OVER"):
            node = self._over(node, first)
        return node

    def _over(self, call: exp.Expression, first: Token) -> exp.Expression:
        if self.looks_at("("):
            window = exp.Window(this=call, over="OVER", **self.window_parts())
        else:
            window = exp.Window(this=call, over="OVER", alias=self.identifier("a window"))
        return self.marked(window, first)

    def window_parts(self) -> dict[str, Any]:
        """Read ``([name] [PARTITION BY ...] [ORDER BY ...] [ROWS|RANGE ...])``."""
        self.expect("(")
        parts: dict[str, Any] = {}
        if self.looks_at_name():
            parts["alias"] = self.identifier()
        if self.accept("PARTITION", "BY"):
            parts["partition_by"] = self.separated(self.expression)
        if self.looks_at("ORDER", "BY"):
            parts["order"] = self.ordering()
        if self.looks_at_any("ROWS", "RANGE"):
            parts["spec"] = self._frame()
        if self.looks_at_any("ALLOW", "DISALLOW", "EXCLUDE"):
            self.error(f"{self.token.upper} in a window is not supported")
        self.expect(")")
        return parts

    def _frame(self) -> exp.WindowSpec:
        first = self.advance()
        parts: dict[str, Any] = {"kind": first.upper}
        if self.accept("BETWEEN"):
            parts["start"], parts["start_side"] = self._bound()
            self.expect("AND")
            parts["end"], parts["end_side"] = self._bound()
        else:
            parts["start"], parts["start_side"] = self._bound()
        return self.marked(exp.WindowSpec(**parts), first)

    def _bound(self) -> tuple[str | exp.Expression, str | None]:
        if self.accept("CURRENT", "ROW"):
            return "CURRENT ROW", None
        value: str | exp.Expression = "UNBOUNDED"
        if not self.accept("UNBOUNDED"):
            value = self.operand()
        side = self.accept_any("PRECEDING", "FOLLOWING")
        if side is None:
            self.unexpected("PRECEDING or FOLLOWING")
        return value, side
