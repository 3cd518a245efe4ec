"""Functions of the surroundings: random identifiers, names, hashes."""

from __future__ import annotations

import uuid
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.conversion import by_series
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.signatures import STRING, signature


def _uuid(site: Site) -> pl.Expr:
    def make(rows: pl.Series) -> pl.Series:
        return pl.Series(rows.name, [str(uuid.uuid4()) for _ in range(rows.len())])

    return by_series(site.each_row(), make, pl.String())


def _database(site: Site) -> pl.Expr:
    return pl.lit(site.settings.current_database)


def _unsupported(call: Arguments) -> Resolution | None:
    raise UnsupportedFeature(f"the function {call.name}")


def _nothing(site: Site) -> pl.Expr:
    return pl.lit(None, dtype=site.result_type)


def _missing(name: str, doc: str) -> FunctionEntry:
    return FunctionEntry(name, _unsupported, _nothing, doc, is_deterministic=False)


ENTRIES: Final = (
    FunctionEntry("UUID", signature(returns=t.CharType(36), nullable=False), _uuid,
                  "A random identifier.", "", [("CHAR_LENGTH(UUID())", 36)],
                  is_deterministic=False),
    FunctionEntry("CURRENT_DATABASE", signature(returns=STRING, nullable=False), _database,
                  "The name of the current database.", "",
                  [("CURRENT_DATABASE()", "default_database")]),
    _missing("SOURCE_WATERMARK", "The watermark that a source makes itself."),
    _missing("ML_PREDICT", "What a model says."),
)  # fmt: skip
