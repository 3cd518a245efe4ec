"""Casts between arrays, maps, multisets and rows: part by part."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.sql.functions.casting.conversion import CastTask, Conversion

Convert = Callable[[CastTask], Conversion]


def cast_nested(task: CastTask, convert: Convert) -> Conversion:
    """A nested value with every part cast; one part that fails makes all of it fail."""
    match task.source, task.target:
        case t.ArrayType(), t.ArrayType():
            return _cast_array(task, convert)
        case t.RowType(), t.RowType():
            return _cast_row(task, convert)
        case t.MapType() | t.MultisetType(), t.MapType() | t.MultisetType():
            return _cast_map(task, convert)
    raise AssertionError(f"no cast from {task.source} to {task.target}")


def _of_list(task: CastTask, inner: Conversion) -> Conversion:
    converted = task.value.list.eval(inner.value)
    if not inner.failures:
        return Conversion(converted)
    wrong = pl.any_horizontal(inner.failures)
    failed = task.value.list.eval(wrong).list.any().fill_null(False)
    return Conversion(pl.when(~failed).then(converted), failed)


def _cast_array(task: CastTask, convert: Convert) -> Conversion:
    assert isinstance(task.source, t.ArrayType)
    assert isinstance(task.target, t.ArrayType)
    source, target = task.source.element_type, task.target.element_type
    return _of_list(task, convert(CastTask(pl.element(), source, target, task.zone)))


def _parts(map_type: t.DataType) -> tuple[t.DataType, t.DataType]:
    if isinstance(map_type, t.MapType):
        return map_type.key_type, map_type.value_type
    assert isinstance(map_type, t.MultisetType)
    return map_type.element_type, t.IntType()


def _cast_map(task: CastTask, convert: Convert) -> Conversion:
    sources, targets = _parts(task.source), _parts(task.target)
    parts = [
        convert(CastTask(pl.element().struct.field(name), source, target, task.zone))
        for name, source, target in zip(("key", "value"), sources, targets, strict=True)
    ]
    entry = pl.struct(parts[0].value.alias("key"), parts[1].value.alias("value"))
    failures = [failure for part in parts for failure in part.failures]
    return _of_list(task, Conversion(entry, pl.any_horizontal(failures) if failures else None))


def _cast_row(task: CastTask, convert: Convert) -> Conversion:
    assert isinstance(task.source, t.RowType)
    assert isinstance(task.target, t.RowType)
    converted: list[pl.Expr] = []
    failures: list[pl.Expr] = []
    for source, target in zip(task.source, task.target, strict=True):
        value = task.value.struct.field(source.name)
        part = convert(CastTask(value, source.data_type, target.data_type, task.zone))
        converted.append(part.value.alias(target.name))
        failures += part.failures
    row = pl.when(task.value.is_not_null()).then(
        pl.struct(converted).cast(polars_type(task.target))
    )
    if not failures:
        return Conversion(row)
    failed = pl.any_horizontal(failures).fill_null(False)
    return Conversion(pl.when(~failed).then(row), failed)
