"""Results of statements that start no job."""

from __future__ import annotations

from collections.abc import Iterable

from flott.common.logical_types import STRING
from flott.common.types import restore_row
from flott.table.result_kind import ResultKind
from flott.table.table_result import TableResult, fixed_result


def ok() -> TableResult:
    """``OK``."""
    row = restore_row(["OK"], ("result",))
    return TableResult(["result"], [STRING], lambda: iter((row,)), kind=ResultKind.SUCCESS)


def texts(name: str, values: Iterable[str]) -> TableResult:
    """One column of texts."""
    return fixed_result([name], [STRING], [[value] for value in values])


def raw_text(text: str) -> TableResult:
    """A text of several lines, printed as it is."""
    return fixed_result(["result"], [STRING], [[text]], is_raw=True)


def pairs(names: tuple[str, str], values: Iterable[tuple[str, str | None]]) -> TableResult:
    """Two columns of texts."""
    return fixed_result(names, [STRING, STRING], [list(value) for value in values])
