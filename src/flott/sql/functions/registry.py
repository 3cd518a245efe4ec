"""All functions by name."""

from __future__ import annotations

import difflib
import importlib
from functools import lru_cache
from typing import Final

from flott.common.errors import UnsupportedFeature
from flott.common.sql_errors import SqlValidationError
from flott.sql.functions.entry import FunctionEntry

#: Modules of ``flott.sql.functions.families``; each has ``ENTRIES``.
FAMILIES: Final = (
    "comparison",
    "logical",
    "arithmetic",
    "conditional",
    "numeric",
    "moments",
    "temporal",
    "string",
    "construction",
    "collection",
    "patterns",
    "encoding",
    "system",
    "json",
    "regexp",
    "hash",
)


@lru_cache(maxsize=1)
def entries() -> dict[str, FunctionEntry]:
    """Every entry under its name and its aliases."""
    found: dict[str, FunctionEntry] = {}
    for family in FAMILIES:
        module = importlib.import_module(f"flott.sql.functions.families.{family}")
        for entry in module.ENTRIES:
            for name in (entry.name, *entry.aliases):
                assert name not in found, f"two functions {name}"
                found[name] = entry
    return found


def is_unsupported(name: str) -> bool:
    """Whether Flink has the function and Flott does not yet."""
    return name.startswith("BITMAP_") or name in {"PARSE_JSON", "TRY_PARSE_JSON"}


def entry_of(name: str) -> FunctionEntry:
    """The entry of a scalar function.

    Raises:
        UnsupportedFeature: Flink has it, Flott has not.
        SqlValidationError: There is no such function.
    """
    entry = entries().get(name.upper())
    if entry is not None:
        return entry
    if is_unsupported(name.upper()):
        raise UnsupportedFeature(f"the function {name.upper()}")
    near = suggest(name)
    hint = f"Did you mean '{near}'?" if near else None
    raise SqlValidationError(f"No function {name.upper()}", hint=hint)


def suggest(name: str) -> str | None:
    """The name of a function that looks like ``name``.

    >>> suggest("COALESC")
    'COALESCE'
    """
    from flott.sql.functions.names import all_names

    near = difflib.get_close_matches(name.upper(), all_names(), 1, 0.7)
    return near[0] if near else None
