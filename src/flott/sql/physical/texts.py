"""Parameters of operators as text, in Flink's forms: ``groupBy=[a], select=[a, COUNT(*) AS n]``.

Columns stand by name, so the texts do not change when other columns come or go, and stable ids
may be made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flott.sql.expressions import AggregateCall, Expression, OverCall, OverWindow, SortKey
from flott.sql.functions.text import expression_text


def listed(entries: Iterable[str]) -> str:
    """``[a, b]``."""
    return f"[{', '.join(entries)}]"


def columns_text(columns: Iterable[int], names: Sequence[str]) -> str:
    """Columns by name."""
    return listed(names[each] for each in columns)


def scalar_text(expression: Expression, names: Sequence[str]) -> str:
    """An expression over columns called ``names``."""
    if isinstance(expression, AggregateCall | OverCall):
        return call_text(expression, names)
    return expression_text(expression, lambda index: _name(names, index))


def _name(names: Sequence[str], index: int) -> str:
    return names[index] if index < len(names) else f"${index}"


def named_text(expression: Expression, name: str, names: Sequence[str]) -> str:
    """``expression AS name``, or the name alone for a column that keeps it."""
    text = scalar_text(expression, names)
    return text if text == name else f"{text} AS {name}"


def call_text(call: AggregateCall | OverCall, names: Sequence[str]) -> str:
    """``SUM(DISTINCT a) FILTER b``."""
    args = ", ".join(scalar_text(each, names) for each in call.args)
    if not args and call.function == "COUNT":
        args = "*"
    text = f"{call.function}({'DISTINCT ' if call.is_distinct else ''}{args})"
    if isinstance(call, AggregateCall) and call.order_by:
        text += f" WITHIN GROUP ({sort_text(call.order_by, names)})"
    if call.filter is not None:
        text += f" FILTER {scalar_text(call.filter, names)}"
    if call.settings:
        text += f" {listed(f'{key}={value}' for key, value in call.settings)}"
    return text


def sort_text(keys: Sequence[SortKey], names: Sequence[str]) -> str:
    """``a ASC, b DESC NULLS FIRST``."""
    return ", ".join(_sort_key_text(each, names) for each in keys)


def _sort_key_text(key: SortKey, names: Sequence[str]) -> str:
    text = f"{scalar_text(key.expression, names)} {'ASC' if key.ascending else 'DESC'}"
    if key.nulls_first != key.ascending:
        text += " NULLS FIRST" if key.nulls_first else " NULLS LAST"
    return text


def frame_text(window: OverWindow) -> str:
    """``ROWS BETWEEN 2 PRECEDING AND CURRENT ROW``."""
    unit = "ROWS" if window.is_rows else "RANGE"
    lower = _bound_text(window.lower.preceding, "PRECEDING")
    upper = _bound_text(window.upper.preceding, "FOLLOWING")
    return f"{unit} BETWEEN {lower} AND {upper}"


def _bound_text(preceding: int | None, unbounded: str) -> str:
    if preceding is None:
        return f"UNBOUNDED {unbounded}"
    if preceding == 0:
        return "CURRENT ROW"
    return f"{abs(preceding)} {'PRECEDING' if preceding > 0 else 'FOLLOWING'}"


def path_text(path: Sequence[str]) -> str:
    """``catalog.database.table``."""
    return ".".join(path)
