"""The functions of Java's regular expressions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import polars as pl
from polars.exceptions import ComputeError

from flott.common import logical_types as t
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.conversion import by_series
from flott.sql.functions.entry import Arguments, FunctionEntry
from flott.sql.functions.java_format import utf16_length
from flott.sql.functions.java_regex import JavaRegex, translate
from flott.sql.functions.key_values import key_lookup
from flott.sql.functions.rows import in_python
from flott.sql.functions.signatures import AS_INT, BOOLEAN, INT, STRING, TEXT, signature

_ARRAY = t.ArrayType(t.STRING)


def _is_right(regex: JavaRegex) -> bool:
    """Whether the pattern compiles, in the engine that will run it."""
    try:
        regex.compiled  # noqa: B018 - compiling is the test
    except re.error:
        return False
    return True


def _constant_regex(site: Site) -> JavaRegex | None:
    """The translated pattern if it is a constant that Polars can run."""
    pattern = site.constant(1)
    if not isinstance(pattern, str):
        return None
    regex = translate(pattern)
    return regex if _is_right(regex) and _runs_in_polars(regex.rust) else None


@lru_cache(maxsize=512)
def _runs_in_polars(pattern: str | None) -> bool:
    if pattern is None:
        return False
    try:
        pl.Series([""]).str.contains(pattern)
    except ComputeError:
        return False
    return True


def _compiled(pattern: str) -> re.Pattern[str] | None:
    regex = translate(pattern)
    return regex.compiled if _is_right(regex) else None


def _regexp(site: Site) -> pl.Expr:
    regex = _constant_regex(site)
    if regex is not None and regex.rust:
        return site.arg(0).str.contains(regex.rust)
    return in_python(_finds)(site)


def _finds(text: str, pattern: str) -> bool:
    compiled = _compiled(pattern) if pattern else None
    return compiled is not None and compiled.search(text) is not None


def _extract(site: Site) -> pl.Expr:
    regex = _constant_regex(site)
    group = site.constant(2) if len(site) > 2 else 0
    if regex is None or regex.rust is None or not isinstance(group, int):
        return in_python(_extracted)(site)
    if not 0 <= group <= regex.compiled.groups:
        return pl.lit(None, dtype=pl.String())
    lookup = key_lookup(site.constant(1), group)
    if lookup is not None:
        return by_series(site.arg(0), lookup.values, pl.String())
    return site.arg(0).str.extract(regex.rust, group)


def _extracted(text: str, pattern: str, group: int = 0) -> str | None:
    compiled = _compiled(pattern)
    if compiled is None or not 0 <= group <= compiled.groups:
        return None
    found = compiled.search(text)
    return None if found is None else found.group(group)


def _extract_all(text: str, pattern: str, group: int = 1) -> list[str | None] | None:
    compiled = _compiled(pattern)
    if compiled is None or not 0 <= group <= compiled.groups:
        return None
    return [found.group(group) for found in compiled.finditer(text)]


def _finds_in_nothing(regex: JavaRegex) -> bool:
    """Whether the pattern matches without a character: engines differ in where it does."""
    return regex.compiled.search("") is not None


def _replace(site: Site) -> pl.Expr:
    regex, replacement = _constant_regex(site), site.constant(2)
    if regex is not None and _finds_in_nothing(regex):
        regex = None
    if regex is None or regex.rust is None or not isinstance(replacement, str):
        return in_python(_replaced)(site)
    return site.arg(0).str.replace_all(regex.rust, replacement.replace("$", "$$"))


def _replaced(text: str, pattern: str, replacement: str) -> str | None:
    compiled = _compiled(pattern)
    return None if compiled is None else compiled.sub(lambda _: replacement, text)


def _count(site: Site) -> pl.Expr:
    regex = _constant_regex(site)
    if regex is not None and regex.rust and not _finds_in_nothing(regex):
        return site.arg(0).str.count_matches(regex.rust).cast(pl.Int32())
    return in_python(_counted)(site)


def _counted(text: str, pattern: str) -> int | None:
    compiled = _compiled(pattern)
    return None if compiled is None else sum(1 for _ in compiled.finditer(text))


def _instr(text: str, pattern: str) -> int | None:
    compiled = _compiled(pattern)
    if compiled is None:
        return None
    found = compiled.search(text)
    return 0 if found is None else utf16_length(text[: found.start()]) + 1


def _array_of_strings(call: Arguments) -> t.DataType:
    return _ARRAY


def _entry(name: str, result: Any, evaluate: Any, doc: str, example: Any, **more: Any) -> Any:
    infer = signature(TEXT, TEXT, returns=result, **more)
    return FunctionEntry(name, infer, evaluate, doc, "string, pattern", [example])


ENTRIES: Final = (
    _entry("REGEXP", BOOLEAN, _regexp, "Whether a pattern is found in a string.",
           ("REGEXP('abc', 'b.')", True)),
    _entry("REGEXP_EXTRACT", STRING, _extract, "A group of the first match; 0 is all of it.",
           ("REGEXP_EXTRACT('a12', '[a-z]([0-9]+)', 1)", "12"), optional=(AS_INT,), nullable=True),
    _entry("REGEXP_EXTRACT_ALL", _array_of_strings, in_python(_extract_all),
           "A group of every match, the first unless told.",
           ("REGEXP_EXTRACT_ALL('a1b2', '([0-9])')", ["1", "2"]), optional=(AS_INT,),
           nullable=True),
    FunctionEntry("REGEXP_REPLACE", signature(TEXT, TEXT, TEXT, returns=STRING),
                  _replace, "Every match replaced by a text.", "string, pattern, replacement",
                  [("REGEXP_REPLACE('foobar', 'oo|ar', '')", "fb")]),
    _entry("REGEXP_COUNT", INT, _count, "How many matches there are.",
           ("REGEXP_COUNT('a1b2', '[0-9]')", 2), nullable=True),
    _entry("REGEXP_INSTR", INT, in_python(_instr), "Where the first match begins, from 1; 0: none.",
           ("REGEXP_INSTR('ab1', '[0-9]')", 3), nullable=True),
    _entry("REGEXP_SUBSTR", STRING, in_python(_extracted), "The first match.",
           ("REGEXP_SUBSTR('ab12', '[0-9]+')", "12"), nullable=True),
)  # fmt: skip
