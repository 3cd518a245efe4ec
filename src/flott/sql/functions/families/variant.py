"""Functions of VARIANT: values that bring their type, made of JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import FunctionEntry, Inference
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import TEXT, TRUTH, signature
from flott.sql.functions.variant_json import WrongJson, variant_of

_TYPE: Final = t.VariantType()

_INSTEAD: Final = "TRY_PARSE_JSON gives NULL instead."


def _infer(nullable: bool | None) -> Inference:
    return signature(TEXT, optional=(TRUTH,), returns=_TYPE, nullable=nullable)


def _parse(text: str, allows_duplicates: bool = False) -> str | None:
    try:
        return variant_of(text, allows_duplicates)
    except WrongJson:
        return None


def _problem(text: str, allows_duplicates: bool = False) -> str | None:
    try:
        variant_of(text, allows_duplicates)
    except WrongJson as error:
        return f"'{text:.80}' is not JSON: {error}"
    return None


def _parse_json(site: Site) -> pl.Expr:
    problem = in_python(_problem, pl.String())(site)
    site.fail_where(problem.is_not_null(), lambda text: f"PARSE_JSON: {text}", problem, _INSTEAD)
    return in_python(_parse)(site)


def _entry(
    name: str, nullable: bool | None, evaluate: Callable[[Site], pl.Expr], doc: str, example: Any
) -> FunctionEntry:
    return FunctionEntry(
        name, _infer(nullable), evaluate, doc, "string, [whether keys may repeat]", [example]
    )


ENTRIES: Final = (
    _entry(
        "PARSE_JSON", None, _parse_json, "The value that a JSON document holds; fails for others.",
        ("JSON_STRING(PARSE_JSON('{\"b\": 1, \"a\": [2]}'))", '{"a":[2],"b":1}'),
    ),
    _entry(
        "TRY_PARSE_JSON", True, in_python(_parse),
        "The value that a JSON document holds; NULL for others.",
        ("TRY_PARSE_JSON('{') IS NULL", True),
    ),
)  # fmt: skip
