"""Functions of all kinds by name: for calls, for completion, and for hints."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Final

from flott.common.sql_errors import SqlValidationError
from flott.sql.functions.aggregate_entries import AGGREGATES
from flott.sql.functions.entry import FunctionEntry
from flott.sql.functions.over_entries import OVER_ONLY
from flott.sql.functions.registry import entries

#: The table functions by name.
TABLE_FUNCTIONS: Final = ("UNNEST",)


@lru_cache(maxsize=1)
def all_names() -> tuple[str, ...]:
    """Every name a query may call, sorted; operators are not among them."""
    scalar = {name for name in entries() if name[0].isalpha() and " " not in name}
    return tuple(sorted(scalar | set(AGGREGATES) | set(OVER_ONLY) | set(TABLE_FUNCTIONS)))


def entry_of(name: str) -> FunctionEntry:
    """The entry of a scalar function.

    Raises:
        UnsupportedFeature: Flink has it, Flott has not.
        SqlValidationError: There is no such function.
    """
    entry = entries().get(name.upper())
    if entry is not None:
        return entry
    near = suggest(name)
    hint = f"Did you mean '{near}'?" if near else None
    raise SqlValidationError(f"No function {name.upper()}", hint=hint)


def suggest(name: str) -> str | None:
    """The name of a function that looks like ``name``.

    >>> suggest("COALESC")
    'COALESCE'
    """
    near = difflib.get_close_matches(name.upper(), all_names(), 1, 0.7)
    return near[0] if near else None
