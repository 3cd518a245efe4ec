"""The names of all functions, for SHOW FUNCTIONS and for hints."""

from __future__ import annotations

from functools import lru_cache

from flott.sql.functions.aggregates import AGGREGATES
from flott.sql.functions.registry import entries
from flott.sql.functions.table_functions import TABLE_FUNCTIONS
from flott.sql.functions.windows import OVER_ONLY


@lru_cache(maxsize=1)
def all_names() -> tuple[str, ...]:
    """Every name a query may call, sorted; operators are not among them."""
    scalar = {name for name in entries() if name[0].isalpha() and " " not in name}
    return tuple(sorted(scalar | set(AGGREGATES) | set(OVER_ONLY) | set(TABLE_FUNCTIONS)))
