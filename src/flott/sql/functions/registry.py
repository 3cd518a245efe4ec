"""The entries of the scalar functions by name."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from flott.sql.functions.entry import FunctionEntry
from flott.sql.functions.families import (
    arithmetic,
    bitmap,
    collection,
    comparison,
    conditional,
    construction,
    encoding,
    hash,
    json,
    logical,
    moments,
    numeric,
    patterns,
    regexp,
    string,
    structures,
    system,
    temporal,
    variant,
)

#: The modules with entries.
FAMILIES: Final = (
    comparison,
    logical,
    arithmetic,
    conditional,
    numeric,
    moments,
    temporal,
    string,
    construction,
    structures,
    collection,
    patterns,
    encoding,
    system,
    json,
    regexp,
    hash,
    bitmap,
    variant,
)


@lru_cache(maxsize=1)
def entries() -> dict[str, FunctionEntry]:
    """Every entry under its name and its aliases."""
    found: dict[str, FunctionEntry] = {}
    for family in FAMILIES:
        for entry in family.ENTRIES:
            for name in (entry.name, *entry.aliases):
                assert name not in found, f"two functions {name}"
                found[name] = entry
    return found
