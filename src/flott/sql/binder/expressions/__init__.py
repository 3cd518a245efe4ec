"""Expressions: from trees to bound expressions.

``bind`` finds the function for a kind of node in the table that the modules here fill.
"""

from __future__ import annotations

from flott.sql.binder.expressions import (
    calls,
    cases,
    intervals,
    literals,
    names,
    operators,
    over,
    subqueries,
)
from flott.sql.binder.expressions.aggregates import key_of, sort_key
from flott.sql.binder.expressions.conditions import condition
from flott.sql.binder.expressions.dispatch import bind, bind_all
from flott.sql.binder.expressions.environment import Environment

#: Modules that fill the table of ``bind``.
_MODULES = (calls, cases, intervals, literals, names, operators, over, subqueries)

__all__ = ["Environment", "bind", "bind_all", "condition", "key_of", "sort_key"]
