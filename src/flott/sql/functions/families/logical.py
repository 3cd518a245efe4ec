"""Logic of three values: AND, OR, NOT and the tests of truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.signatures import BOOLEAN, TRUTH, signature


def _infer(call: Arguments) -> Resolution | None:
    """BOOLEAN operands only; a bare NULL is none, as in Flink."""
    if len(call) < 2 or not all(isinstance(each, t.BooleanType) for each in call.types):
        return None
    return Resolution(BOOLEAN.with_nullable(call.any_nullable()), call.types)


def _and(site: Site) -> pl.Expr:
    """Operands are needed as long as nothing before was false."""
    result = site.arg(0)
    for index in range(1, len(site)):
        result = result & site.arg(index, result.fill_null(True))
    return result


def _or(site: Site) -> pl.Expr:
    """Operands are needed as long as nothing before was true."""
    result = site.arg(0)
    for index in range(1, len(site)):
        result = result | site.arg(index, ~result.fill_null(False))
    return result


def _test(
    name: str, doc: str, test: Callable[[pl.Expr], pl.Expr], *examples: tuple[str, Any]
) -> FunctionEntry:
    infer = signature(TRUTH, returns=BOOLEAN, nullable=False)
    return FunctionEntry(name, infer, lambda site: test(site.arg(0)), doc, "BOOLEAN", examples)


ENTRIES: Final = (
    FunctionEntry(
        "AND", _infer, _and, "True if all are true.", "BOOLEAN, BOOLEAN ...",
        [("TRUE AND FALSE", False), ("FALSE AND CAST(NULL AS BOOLEAN)", False)],
    ),
    FunctionEntry(
        "OR", _infer, _or, "True if one is true.", "BOOLEAN, BOOLEAN ...",
        [("TRUE OR FALSE", True), ("FALSE OR CAST(NULL AS BOOLEAN)", None)],
    ),
    FunctionEntry(
        "NOT", signature(TRUTH, returns=BOOLEAN), lambda site: ~site.arg(0),
        "The opposite.", "BOOLEAN", [("NOT TRUE", False)],
    ),
    _test("IS TRUE", "True if true.", lambda x: x.fill_null(False), ("TRUE IS TRUE", True)),
    _test("IS NOT TRUE", "True if false or unknown.", lambda x: ~x.fill_null(False),
          ("CAST(NULL AS BOOLEAN) IS NOT TRUE", True)),
    _test("IS FALSE", "True if false.", lambda x: ~x.fill_null(True), ("FALSE IS FALSE", True)),
    _test("IS NOT FALSE", "True if true or unknown.", lambda x: x.fill_null(True),
          ("FALSE IS NOT FALSE", False)),
    _test("IS UNKNOWN", "True if NULL.", lambda x: x.is_null(), ("TRUE IS UNKNOWN", False)),
    _test("IS NOT UNKNOWN", "True if not NULL.", lambda x: x.is_not_null(),
          ("TRUE IS NOT UNKNOWN", True)),
)  # fmt: skip
