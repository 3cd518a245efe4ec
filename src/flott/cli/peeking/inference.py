"""The types of values that have none: what JSON and CSV hold, as types of SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flott.cli.peeking.texts import text_type
from flott.common import logical_types as t

_LONG: Final = range(-(2**63), 2**63)
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}")
_NAME: Final = re.compile(r"[^\W\d][\w .-]*")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def infer_type(values: Iterable[Any], standard: str) -> t.DataType:
    """The type that holds all values; ``STRING`` if nothing else does.

    Args:
        values: As read from JSON; None says nothing.
        standard: How timestamps are written: ``SQL`` or ``ISO-8601``.

    >>> str(infer_type([1, 2.5, None], "SQL"))
    'DOUBLE'
    >>> str(infer_type([{"a": 1}, {"a": 2, "b": ["x"]}], "SQL"))
    'ROW<`a` BIGINT, `b` ARRAY<STRING>>'
    """
    known = [value for value in values if value is not None]
    kinds = {type(value) for value in known}
    if not kinds:
        return t.STRING
    if kinds == {bool}:
        return t.BooleanType()
    if kinds == {int}:
        is_long = all(value in _LONG for value in known)
        return t.BigIntType() if is_long else t.DecimalType(20, 0)
    if kinds <= {int, float}:
        return t.DoubleType()
    if kinds == {str}:
        return text_type(known, standard)
    if kinds == {dict}:
        return _object_type(known, standard)
    if kinds == {list}:
        return t.ArrayType(infer_type([each for value in known for each in value], standard))
    return t.STRING


def _object_type(objects: Sequence[Mapping[str, Any]], standard: str) -> t.DataType:
    fields = infer_fields(objects, standard)
    if not fields:
        return t.MapType(t.STRING, t.STRING)
    return t.RowType(tuple(t.RowField(name, data_type) for name, data_type in fields.items()))


def infer_fields(objects: Iterable[Mapping[str, Any]], standard: str) -> dict[str, t.DataType]:
    """The fields of objects and their types, in the order in which they appear."""
    found: dict[str, list[Any]] = {}
    for each in objects:
        for name, value in each.items():
            found.setdefault(name, []).append(value)
    return {name: infer_type(values, standard) for name, values in found.items()}


def infer_text_fields(
    rows: Sequence[Sequence[str]], names: Sequence[str], standard: str
) -> dict[str, t.DataType]:
    """The types of columns of texts, which may be numbers; an empty text says nothing."""
    return {
        name: _text_column(list(filter(None, column)), standard)
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }


def is_header(row: Sequence[str], others: Sequence[Sequence[str]], standard: str) -> bool:
    """Whether a row of texts names the columns of the others: it is all words, where they have
    numbers, moments and the like.

    >>> is_header(["id", "name"], [["1", "ada"]], "SQL"), is_header(["a", "b"], [["c", "d"]], "SQL")
    (True, False)
    """
    if not others or len(set(row)) < len(row) or not all(map(_NAME.fullmatch, row)):
        return False
    types = infer_text_fields(others, row, standard).values()
    own = infer_text_fields([row], row, standard).values()
    return all(each == t.STRING for each in own) and any(each != t.STRING for each in types)


def _text_column(texts: Sequence[str], standard: str) -> t.DataType:
    if not texts:
        return t.STRING
    if all(map(_INTEGER.fullmatch, texts)):
        # A leading zero means something: it is not a number.
        has_zeros = any(len(text) > 1 and text.lstrip("+-").startswith("0") for text in texts)
        return t.STRING if has_zeros else t.BigIntType()
    if all(map(_NUMBER.fullmatch, texts)):
        return t.DoubleType()
    if all(text.lower() in ("true", "false") for text in texts):
        return t.BooleanType()
    return text_type(texts, standard)
