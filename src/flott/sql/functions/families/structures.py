"""Rows with the name of a class: OBJECT_OF and OBJECT_UPDATE."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql.functions.calls.site import Site
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution

_CLASS_NAME: Final = re.compile(r"[^\W\d][\w$]*(\.[^\W\d][\w$]*)*")


def _infer_of(call: Arguments) -> Resolution | None:
    name = call.constant(0) if len(call) else None
    fields = _fields(call)
    if not isinstance(name, str) or not _CLASS_NAME.fullmatch(name) or not fields:
        return None
    return Resolution(_structure(name, fields), call.types)


def _infer_update(call: Arguments) -> Resolution | None:
    given = call.types[0] if len(call) else None
    changed = _fields(call)
    if not isinstance(given, t.StructuredType) or changed is None:
        return None
    if not changed.keys() <= set(given.field_names()):
        return None
    fields = {field.name: changed.get(field.name, field.data_type) for field in given}
    structure = _structure(given.class_name, fields).with_nullable(given.nullable)
    return Resolution(structure, call.types)


def _fields(call: Arguments) -> dict[str, t.DataType] | None:
    """The types of the fields behind the first operand; ``None`` if a name is none, or twice."""
    names = [call.constant(index) for index in range(1, len(call), 2)]
    is_whole = len(call) % 2 == 1 and all(isinstance(name, str) for name in names)
    if not is_whole or len(set(names)) < len(names):
        return None
    return dict(zip(names, call.types[2::2], strict=True))


def _structure(name: str, fields: dict[str, t.DataType]) -> t.StructuredType:
    return t.StructuredType(tuple(t.RowField(*field) for field in fields.items()), name)


def _of(site: Site) -> pl.Expr:
    assert isinstance(site.data_type, t.StructuredType)
    names = enumerate(site.data_type.field_names(), 1)
    return pl.struct(*(site.arg(2 * number).alias(name) for number, name in names))


def _update(site: Site) -> pl.Expr:
    assert isinstance(site.data_type, t.StructuredType)
    given = site.arg(0)
    changed: dict[str, pl.Expr] = {}
    for index in range(1, len(site), 2):
        name = site.constant(index)
        if not isinstance(name, str):
            raise SqlValidationError("The names of fields of OBJECT_UPDATE are constants")
        changed[name] = site.arg(index + 1)
    parts = [
        changed.get(name, given.struct.field(name)).alias(name)
        for name in site.data_type.field_names()
    ]
    return pl.when(given.is_not_null()).then(pl.struct(parts))


ENTRIES: Final = (
    FunctionEntry("OBJECT_OF", _infer_of, _of, "A row with the name of a class.",
                  "name of a class, field, value, ...",
                  [("OBJECT_OF('shop.Item', 'id', 7).id", 7)]),
    FunctionEntry("OBJECT_UPDATE", _infer_update, _update,
                  "A row with the name of a class and other values in some fields.",
                  "object, field, value, ...",
                  [("OBJECT_UPDATE(OBJECT_OF('shop.Item', 'id', 7), 'id', 8).id", 8)]),
)  # fmt: skip
